"""What the independent check found, in plain words: the seal of a run, or its faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext


def verified(facts: Mapping[str, Any]) -> list[str]:
    """What the independent check found, in plain words; empty for a run older than these facts."""
    if "maximum" not in facts:
        return []
    placed, most = int(facts.get("placed", 0)), int(facts["maximum"])
    found = [
        _("Aucune place donnée deux fois ; semaines, niveaux, distances et décisions respectés."),
        _(
            "%(placed)s élèves placés : une autre recherche, faite à part, n’en place pas plus de %(most)s.",
            placed=placed,
            most=most,
        )
        if facts.get("maximum_exact")
        else _("%(placed)s élèves placés, et jamais plus de %(most)s possibles.", placed=placed, most=most),
    ]
    certificate = str(facts.get("certificate", ""))
    if certificate == "verified":
        found.append(
            _("Aucune autre répartition ne suit mieux les règles choisies : la preuve, par les prix, est juste.")
        )
    elif certificate.startswith("none: branch"):
        found.append(_("La répartition vient d’une recherche exhaustive, qui ne laisse pas de preuve à contrôler."))
    if "wasted_places" in facts:
        found.append(
            ngettext(
                "Une place laissée libre aurait servi.",
                "%(num)s places laissées libres auraient servi.",
                facts["wasted_places"],
            )
            if facts["wasted_places"]
            else _("Aucune place laissée libre qu’un élève aurait préférée.")
        )
    if "justified_envy" in facts:
        found.append(
            ngettext(
                "Un élève est lésé par la règle publiée.",
                "%(num)s élèves sont lésés par la règle publiée.",
                facts["justified_envy"],
            )
            if facts["justified_envy"]
            else _("Aucun élève n’est privé d’une place que la règle publiée lui donnait.")
        )
    found += [text for key, cell in sorted(facts.get("equity", {}).items()) if (text := _floors(key, cell))]
    return found


def _floors(key: str, cell: Mapping[str, Any]) -> str:
    if key != "school" or "below_floor" not in cell:
        return ""
    lacking, least = int(cell["below_floor"]), int(cell.get("least_below_floor", 0))
    if not lacking:
        return _("Chaque collège a sa part des places.")
    if lacking > least:
        return ""
    text = ngettext(
        "Il manque une place à un collège pour avoir sa part.",
        "Il manque %(num)s places à des collèges pour avoir leur part.",
        lacking,
    )
    return _("%(text)s Aucune répartition ne fait mieux sans laisser un élève de plus.", text=text)


def fault(text: str) -> tuple[str, str]:
    """A fault of the check: what it is called for people, and the checker's own words."""
    code = text.partition(":")[0]
    names = {
        "unknown_student": _("Un élève inconnu est placé"),
        "unknown_slot": _("Une place inconnue est donnée"),
        "placed_twice": _("Un élève est placé deux fois"),
        "not_a_candidate": _("Une place impossible est donnée"),
        "forbidden": _("Une place refusée est donnée"),
        "pin_broken": _("Une place approuvée ou gardée ne l’est plus"),
        "slot_overfull": _("Une semaine a plus d’élèves que de places"),
        "host_overfull": _("Une structure a trop d’élèves"),
        "host_week_overfull": _("Une structure a trop d’élèves dans la semaine"),
        "limit_exceeded": _("Trop d’élèves d’une classe au même endroit"),
        "not_maximum": _("Des élèves pourraient encore être placés"),
        "wasted_place": _("Une place libre aurait servi"),
        "justified_envy": _("Un élève est lésé par la règle"),
        "equity_floor": _("Un collège n’a pas la part qu’il pouvait avoir"),
        "certificate_wrong": _("La preuve est fausse"),
        "certificate_missing": _("La preuve manque"),
    }
    return names.get(code, _("Le résultat n’est pas celui annoncé")), text

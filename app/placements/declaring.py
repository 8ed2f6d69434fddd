"""The facts of an accident as one accessible page to join to the declaration; the medical lines are blank."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flask_babel import gettext as _

from app.placements.stage_models import Accident
from app.web import printing, wording

_LAYOUT = Path(__file__).resolve().parent / "documents" / "accident.typ"


def sheet(accident: Accident, *, before: datetime, by_first_name: bool, moment: datetime) -> bytes:
    """The page as PDF/UA. `before`: until when the declaration may leave. `by_first_name`: for the structure."""
    placement = accident.placement
    student, offer = placement.student, placement.slot.offer
    school = student.school_class.school
    return printing.draw(
        _LAYOUT,
        {
            "title": _("Faits pour la déclaration d’accident"),
            "words": _words(before),
            "who": [
                (_("Élève"), student.first_name if by_first_name else student.full_name),
                (_("Classe"), f"{student.school_class.name}, {school.name} ({school.uai})"),
                (_("Structure d’accueil"), f"{offer.organization.name}, SIRET {offer.site.siret}"),
                (_("Adresse"), f"{offer.site.address}, {offer.site.postcode} {offer.site.town}"),
                (_("Tuteur"), offer.tutor_name),
            ],
            "when": [
                (_("Jour"), f"{wording.day(accident.happened_on)} {accident.happened_on.year}"),
                (_("Heure"), wording.hour(accident.happened_at) if accident.happened_at else ""),
                (_("Lieu"), accident.place),
                (_("Signalé"), wording.moment(accident.reported_at)),
            ],
            "circumstances": accident.circumstances,
            "people": [
                (_("Adulte présent"), accident.present),
                (_("Témoins"), accident.witnesses or (_("aucun connu") if accident.facts_complete else "")),
            ],
        },
        root=_LAYOUT.parent,
        moment=moment,
    )


def _words(before: datetime) -> dict[str, str | list[str]]:
    return {
        "before": _(
            "À joindre à la déclaration, à envoyer avant %(at)s : 48 heures sans compter les dimanches et les jours"
            " fériés (CSS, L441-2 et R441-3).",
            at=wording.moment(before),
        ),
        "who": _("Qui"),
        "when": _("Quand et où"),
        "what": _("Ce qui s’est passé"),
        "by_hand": _("Partie médicale, à écrire à la main"),
        "nothing_kept": _("Ce site ne garde rien de cette partie."),
        "medical": [_("Siège et nature des lésions :"), _("Soins, transport, médecin :")],
        "signatures": [_("Pour la structure, date et signature :"), _("Pour l’établissement, date et signature :")],
        "foot": _("Passerelle ESS, feuille de faits. Ce n’est pas la déclaration elle-même."),
    }

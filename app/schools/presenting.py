"""Cards and slips as their layout reads them: texts, codes and squares to scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from app.messaging.rendering import page_url
from app.schools.models import Student
from app.schools.rules import grouped, names_on_cards, spelled
from app.schools.services import Card, Slip
from app.web import languages, printing

_FOLDER = Path(__file__).resolve().parent / "documents"
_A_PAGE = 8


def sheets(cards: int) -> int:
    """How many sheets of paper so many cards take, printed on both sides."""
    return -(-cards // _A_PAGE)


def cards(
    title: str,
    cards: Sequence[Card],
    names: Mapping[int, str],
    slips: Mapping[int, Sequence[Slip]],
    *,
    moment: datetime,
) -> bytes:
    """Cards as PDF, the slip of the first guardian behind each. `names` (from `names_shown`) and `slips` by student."""
    return _draw(
        title,
        moment,
        sign_in={code: _square("accounts.sign_in", classe=code) for code in {card.class_code for card in cards}},
        cards=[
            {
                "name": names[card.student_id],
                "school_class": _("Classe %(name)s · %(school)s", name=card.class_name, school=card.school_name),
                "class_code": card.class_code,
                "personal_code": grouped(card.personal_code),
                "spelled": spelled(card.personal_code),
                "slip": _slip(slips[card.student_id][0]),
            }
            for card in cards
        ],
    )


def slips(title: str, slips: Sequence[Slip], *, moment: datetime) -> bytes:
    """Slips alone, as PDF, eight a page, to be printed on one side."""
    return _draw(title, moment, slips=[_slip(slip) for slip in slips])


def _draw(title: str, moment: datetime, **parts: Any) -> bytes:
    return printing.draw(
        _FOLDER / "cards.typ",
        {
            "title": title,
            "words": _words(),
            "languages": _languages(),
            "sign_in": {},
            "cards": [],
            "slips": [],
            **parts,
        },
        root=_FOLDER,
        moment=moment,
    )


def names_shown(students: Iterable[Student]) -> dict[int, str]:
    """Student → the name on the card: the first name alone, unless two of a class share it."""
    names: dict[int, str] = {}
    by_class: dict[int, list[tuple[int, str, str]]] = {}
    for student in students:
        by_class.setdefault(student.class_id, []).append((student.id, student.first_name, student.last_name))
    for people in by_class.values():
        names |= names_on_cards(people)
    return names


def _square(endpoint: str, **values: str) -> str:
    return printing.qr(page_url(endpoint, **values))


def _shown(endpoint: str) -> str:
    return page_url(endpoint).split("://", 1)[1]


def _words() -> dict[str, Any]:
    return {
        "class_code": _("Code de la classe"),
        "personal_code": _("Ton code personnel"),
        "sign_in_qr": _("Code à scanner vers la page de connexion"),
        "go": _("Scanne le carré, ou va sur"),
        "address": _shown("accounts.sign_in"),
        "steps": [_("Recopie tes deux codes."), _("Dis ce que tu aimes, puis range tes vœux.")],
        "keep": _(
            "Ta carte est comme une clé : garde-la pour toi. Perdue ? Ton professeur en refait une, "
            "et celle-ci ne marche plus."
        ),
    }


def _languages() -> list[dict[str, str]]:
    return [{"code": one.code, "name": one.name, "lang": one.tag} for one in languages.LANGUAGES.values()]


def _slip(slip: Slip) -> dict[str, Any]:
    """The texts of a slip, in the language of its reader."""
    with languages.speaking(slip.language):
        return {
            "lang": languages.tag().partition("-")[0],
            "direction": languages.direction(),
            "language": languages.current(),
            "title": _("Pour %(name)s, famille de %(student)s", name=slip.name, student=slip.first_name)
            if slip.name
            else _("Pour la famille de %(name)s", name=slip.first_name),
            "what": _(
                "Passerelle aide le collège à trouver un stage d’observation près de chez vous : association, "
                "coopérative, mairie, entreprise solidaire. C’est gratuit."
            ),
            "data": _(
                "Nous gardons son nom, sa classe, ses goûts et ses vœux, pendant l’année scolaire. "
                "Rien sur la santé, la religion ou les notes."
            ),
            "objection": _("Vous pouvez vous y opposer : sur votre page, ou au collège."),
            "page_label": _("Votre page"),
            "address": _shown("placements.ask_family_code"),
            "code_label": _("Votre code"),
            "code": slip.code,
            "qr": _square("schools.family", token=slip.token),
            "qr_words": _("Code à scanner vers votre page"),
            "also": _("Votre page se lit aussi en :"),
        }

"""The matcher's reasons as French sentences: "tu" for the student, the third person for adults who decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from flask_babel import gettext as _

from app.occupations import reference

LEAST = 0.15  # log-odds under which a reason is not worth a sentence


class Voice(StrEnum):
    STUDENT = "student"
    ADULT = "adult"


class Because(Protocol):
    """A term of a score, from the matcher or from what was stored of it."""

    @property
    def code(self) -> str: ...
    @property
    def values(self) -> Mapping[str, str | int | float]: ...
    @property
    def weight(self) -> float: ...


def why(reasons: Sequence[Because], voice: Voice = Voice.STUDENT, most: int = 2) -> list[str]:
    """The sentences in favour, the weightiest first, at most `most` and never two that say the same."""
    found: list[str] = []
    quoted: set[str | int | float] = set()
    boxes = _boxes([r for r in reasons if r.weight >= LEAST], voice)
    for reason in sorted(reasons, key=lambda r: -r.weight):
        words = reason.values.get("words", "") if reason.code == "concept" else ""
        if reason.weight < LEAST or words in quoted:
            continue
        sentence = boxes if reason.code in {"interest", "condition"} else _in_favour(reason, voice)
        if sentence and sentence not in found:
            found.append(sentence)
            quoted |= {words} - {""}
        if len(found) == most:
            break
    return found


def caution(reasons: Sequence[Because], voice: Voice = Voice.STUDENT, most: int = 2) -> list[str]:
    """The sentences against: what the student wanted to avoid and would meet here."""
    found: list[str] = []
    for reason in sorted(reasons, key=lambda r: r.weight):
        sentence = _against(reason, voice) if reason.weight <= -LEAST else None
        if sentence and sentence not in found:
            found.append(sentence)
        if len(found) == most:
            break
    return found


def _in_favour(reason: Because, voice: Voice) -> str | None:
    student = voice is Voice.STUDENT
    values = reason.values
    match reason.code:
        case "wish":
            rank = values.get("rank", 1)
            return _("C’est ton vœu n° %(rank)s.", rank=rank) if student else _("Vœu n° %(rank)s.", rank=rank)
        case "concept":
            label, words = values.get("label", ""), values.get("words", "")
            if not label:
                return None
            if not words:
                return (
                    _("Tu en as parlé : %(label)s, c’est ici.", label=label)
                    if student
                    else _("En a parlé : %(label)s.", label=label)
                )
            return (
                _("Tu as écrit « %(words)s » : %(label)s, c’est ici.", words=words, label=label)
                if student
                else _("A écrit « %(words)s » : %(label)s.", words=words, label=label)
            )
        case "word" | "spelling" | "meaning":
            return (
                _("Tes mots ressemblent à ceux de cette offre.")
                if student
                else _("Ses mots ressemblent à ceux de l’offre.")
            )
        case _:
            return None


def _boxes(reasons: Sequence[Because], voice: Voice) -> str | None:
    """One sentence for all the boxes ticked that are found here, two of them named."""
    names = []
    for reason in sorted(reasons, key=lambda r: -r.weight):
        name = _box(reason)
        if name and name not in names:
            names.append(name)
    if not names:
        return None
    student = voice is Voice.STUDENT
    if len(names) == 1:
        return (
            _("« %(one)s » : tu l’as coché, et c’est possible ici.", one=names[0])
            if student
            else _("A coché « %(one)s ».", one=names[0])
        )
    return (
        _("« %(one)s », « %(two)s » : tu les as cochés, et c’est possible ici.", one=names[0], two=names[1])
        if student
        else _("A coché « %(one)s » et « %(two)s ».", one=names[0], two=names[1])
    )


def _box(reason: Because) -> str | None:
    if reason.code == "interest":
        interest = reference.interests().get(str(reason.values.get("interest")))
        return interest.short if interest else None
    if reason.code == "condition":
        condition = reference.conditions().get(str(reason.values.get("condition")))
        return condition.like if condition else None
    return None


def _against(reason: Because, voice: Voice) -> str | None:
    student = voice is Voice.STUDENT
    if reason.code == "avoided_condition":
        condition = reference.conditions().get(str(reason.values.get("condition")))
        if condition is None:
            return None
        return (
            _("À savoir : « %(what)s », que tu préfères éviter, arrive ici.", what=condition.avoid)
            if student
            else _("Préfère éviter « %(what)s », présent ici.", what=condition.avoid)
        )
    if reason.code == "avoided":
        label = reason.values.get("label", "")
        if not label:
            return None
        return (
            _("À savoir : il y a ici %(label)s, que tu préfères éviter.", label=label)
            if student
            else _("Préfère éviter : %(label)s.", label=label)
        )
    return None

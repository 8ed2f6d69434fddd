"""A student's request to talk: asked, then heard by an adult. It is never closed by time."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class TalkState(StrEnum):
    ASKED = "asked"
    HEARD = "heard"


TALKS: StateTable[TalkState] = StateTable(
    [
        Transition(
            "hear",
            frozenset({TalkState.ASKED}),
            TalkState.HEARD,
            Permission.TALK_HEAR,
            _l("J’ai parlé avec l’élève"),
        ),
    ],
    refusal="Un autre adulte s’en est occupé entre-temps. Rechargez la page.",
)

LABELS: dict[TalkState, tuple[str, str]] = {
    TalkState.ASKED: (_l("Demande à parler"), "alert"),
    TalkState.HEARD: (_l("A parlé avec un adulte"), "done"),
}

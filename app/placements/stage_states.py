"""A teacher's visit or call: planned, made, or dropped."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class FollowUpKind(StrEnum):
    VISIT = "visit"
    CALL = "call"


class FollowUpState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


_S, _FOLLOW = FollowUpState, Permission.PLACEMENT_FOLLOW

FOLLOW_UPS: StateTable[FollowUpState] = StateTable(
    [
        Transition("do", frozenset({_S.PLANNED}), _S.DONE, _FOLLOW, _l("Noter que c’est fait")),
        Transition("drop", frozenset({_S.PLANNED}), _S.DROPPED, _FOLLOW, _l("Renoncer à ce suivi")),
    ],
    refusal="Ce suivi a changé entre-temps. Rechargez la page.",
)

KINDS = {FollowUpKind.VISIT: _l("Visite"), FollowUpKind.CALL: _l("Appel")}
LABELS: dict[FollowUpState, tuple[str, str]] = {
    _S.PLANNED: (_l("Prévu"), "waiting"),
    _S.DONE: (_l("Fait"), "done"),
    _S.DROPPED: (_l("Abandonné"), "neutral"),
}

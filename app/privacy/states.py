"""The life of a request: asked, answered or refused in writing, within a month that a reason may make three."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class Right(StrEnum):
    """What somebody may ask of us (articles of the GDPR)."""

    ACCESS = "access"  # 15
    PORTABILITY = "portability"  # 20
    RECTIFICATION = "rectification"  # 16
    OBJECTION = "objection"  # 21
    ERASURE = "erasure"  # 17


class RequestState(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_S = RequestState
_MANAGE, _OWN = Permission.PRIVACY_MANAGE, Permission.OWN_ACCOUNT

REQUESTS: StateTable[RequestState] = StateTable(
    [
        Transition("answer", frozenset({_S.ASKED}), _S.ANSWERED, _MANAGE, _l("Répondre")),
        Transition("refuse", frozenset({_S.ASKED}), _S.REFUSED, _MANAGE, _l("Refuser"), needs_reason=True),
        Transition("withdraw", frozenset({_S.ASKED}), _S.WITHDRAWN, _OWN, _l("Retirer la demande")),
    ],
    refusal=_l("Cette demande a déjà reçu une réponse. Rechargez la page pour la lire."),
)

RIGHTS: dict[Right, str] = {
    Right.ACCESS: _l("Savoir ce qui est gardé"),
    Right.PORTABILITY: _l("Emporter ses données"),
    Right.RECTIFICATION: _l("Corriger"),
    Right.OBJECTION: _l("S’opposer"),
    Right.ERASURE: _l("Effacer"),
}

LABELS: dict[RequestState, tuple[str, str]] = {
    _S.ASKED: (_l("À répondre"), "waiting"),
    _S.ANSWERED: (_l("Répondue"), "done"),
    _S.REFUSED: (_l("Refusée"), "stopped"),
    _S.WITHDRAWN: (_l("Retirée"), "stopped"),
}

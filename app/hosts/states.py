"""What may happen to a structure. Nothing of it is public before a coordinator has verified it."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class HostState(StrEnum):
    PROSPECT = "prospect"  # known from an official list: a structure to call, seen by the coordination alone
    REGISTERED = "registered"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    REFUSED = "refused"


_S, _REVIEW = HostState, Permission.HOST_REVIEW

TABLE: StateTable[HostState] = StateTable(
    [
        Transition(
            "enlist",
            frozenset({_S.PROSPECT}),
            _S.REGISTERED,
            _REVIEW,
            _l("Inscrire cette structure"),
        ),
        Transition(
            "set_aside",
            frozenset({_S.PROSPECT}),
            _S.REFUSED,
            _REVIEW,
            _l("Ne plus l’appeler"),
            needs_reason=True,
        ),
        Transition(
            "verify",
            frozenset({_S.REGISTERED, _S.REFUSED}),
            _S.VERIFIED,
            _REVIEW,
            _l("Vérifier la structure"),
        ),
        Transition(
            "refuse",
            frozenset({_S.REGISTERED}),
            _S.REFUSED,
            _REVIEW,
            _l("Refuser l’inscription"),
            needs_reason=True,
        ),
        Transition(
            "suspend",
            frozenset({_S.VERIFIED}),
            _S.SUSPENDED,
            _REVIEW,
            _l("Suspendre la structure"),
            needs_reason=True,
        ),
        Transition("restore", frozenset({_S.SUSPENDED}), _S.VERIFIED, _REVIEW, _l("Lever la suspension")),
    ],
    refusal="La structure n’est plus dans l’état qui permettait cela. Rechargez la page pour voir où elle en est.",
)

# What the state is called and the tone of its badge.
LABELS: dict[HostState, tuple[str, str]] = {
    _S.PROSPECT: (_l("À appeler"), "draft"),
    _S.REGISTERED: (_l("À vérifier"), "waiting"),
    _S.VERIFIED: (_l("Vérifiée"), "done"),
    _S.SUSPENDED: (_l("Suspendue"), "stopped"),
    _S.REFUSED: (_l("Refusée"), "alert"),
}

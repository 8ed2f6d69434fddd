"""The life of an offer: written by a structure, read by a coordinator, then seen by students."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class OfferState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    PRIVATE = "private"  # found by a student for himself: no transition leads out, nobody browses it


_S, _EDIT, _REVIEW = OfferState, Permission.OFFER_EDIT, Permission.OFFER_REVIEW

TABLE: StateTable[OfferState] = StateTable(
    [
        Transition("submit", frozenset({_S.DRAFT, _S.SENT_BACK}), _S.SUBMITTED, _EDIT, _l("Envoyer l’offre")),
        Transition("publish", frozenset({_S.SUBMITTED}), _S.PUBLISHED, _REVIEW, _l("Publier l’offre")),
        Transition(
            "send_back",
            frozenset({_S.SUBMITTED, _S.PUBLISHED}),
            _S.SENT_BACK,
            _REVIEW,
            _l("Demander une correction"),
            needs_reason=True,
        ),
        Transition(
            "suspend",
            frozenset({_S.PUBLISHED}),
            _S.SUSPENDED,
            _REVIEW,
            _l("Suspendre l’offre"),
            needs_reason=True,
        ),
        Transition("restore", frozenset({_S.SUSPENDED}), _S.PUBLISHED, _REVIEW, _l("Remettre l’offre en ligne")),
        Transition(
            "close",
            frozenset({_S.DRAFT, _S.SUBMITTED, _S.SENT_BACK, _S.PUBLISHED, _S.SUSPENDED}),
            _S.CLOSED,
            _EDIT,
            _l("Fermer l’offre"),
        ),
    ],
    refusal="L’offre a changé d’état entre-temps. Rechargez la page pour voir où elle en est.",
)

EDITABLE = frozenset({_S.DRAFT, _S.SUBMITTED, _S.SENT_BACK})

# What the state is called and the tone of its badge.
LABELS: dict[OfferState, tuple[str, str]] = {
    _S.DRAFT: (_l("Brouillon"), "draft"),
    _S.SUBMITTED: (_l("En relecture"), "waiting"),
    _S.SENT_BACK: (_l("À corriger"), "alert"),
    _S.PUBLISHED: (_l("Publiée"), "done"),
    _S.SUSPENDED: (_l("Suspendue"), "stopped"),
    _S.CLOSED: (_l("Fermée"), "neutral"),
    _S.PRIVATE: (_l("Trouvée par un élève"), "neutral"),
}

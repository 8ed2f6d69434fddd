"""The life of a placement, from its publication to the last day of the stage. Two people confirm it, in any order."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class PlacementState(StrEnum):
    TO_VERIFY = "to_verify"  # found by the student: the coordinator looks at the structure first
    AWAITING = "awaiting"  # told to everybody; the structure, the family or both have not answered
    CONFIRMED = "confirmed"  # both said yes
    DECLINED = "declined"  # the structure said no
    REFUSED = "refused"  # the family said no
    REJECTED = "rejected"  # a find that cannot be a stage
    CANCELLED = "cancelled"  # undone by the coordinator: a host withdrew, a student left, a week closed
    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"


_S = PlacementState
_ANSWER, _VERIFY, _MANAGE = Permission.PLACEMENT_ANSWER, Permission.PLACEMENT_VERIFY, Permission.PLACEMENT_MANAGE

TABLE: StateTable[PlacementState] = StateTable(
    [
        Transition("verify", frozenset({_S.TO_VERIFY}), _S.AWAITING, _VERIFY, _l("Vérifier ce stage")),
        Transition(
            "reject", frozenset({_S.TO_VERIFY}), _S.REJECTED, _VERIFY, _l("Écarter ce stage"), needs_reason=True
        ),
        Transition("confirm", frozenset({_S.AWAITING}), _S.CONFIRMED, _ANSWER, _l("Confirmer")),
        Transition(
            "decline",
            frozenset({_S.AWAITING, _S.CONFIRMED}),
            _S.DECLINED,
            _ANSWER,
            _l("Ne pas pouvoir accueillir"),
            needs_reason=True,
        ),
        Transition(
            "refuse",
            frozenset({_S.AWAITING, _S.CONFIRMED}),
            _S.REFUSED,
            _ANSWER,
            _l("Refuser ce stage"),
            needs_reason=True,
        ),
        Transition(
            "cancel",
            frozenset({_S.TO_VERIFY, _S.AWAITING, _S.CONFIRMED}),
            _S.CANCELLED,
            _MANAGE,
            _l("Annuler"),
            needs_reason=True,
        ),
        # The last word counts: who said no may come back while the place is still free.
        Transition(
            "reconsider", frozenset({_S.DECLINED, _S.REFUSED}), _S.AWAITING, _ANSWER, _l("Revenir sur cette réponse")
        ),
        Transition("start", frozenset({_S.CONFIRMED}), _S.UNDER_WAY, _MANAGE, _l("Le stage commence")),
        Transition("complete", frozenset({_S.UNDER_WAY}), _S.COMPLETED, _MANAGE, _l("Le stage est terminé")),
        Transition(
            "interrupt",
            frozenset({_S.UNDER_WAY}),
            _S.INTERRUPTED,
            _MANAGE,
            _l("Arrêter le stage"),
            needs_reason=True,
        ),
    ],
    refusal="Ce stage n’est plus dans l’état qui permettait cela. Rechargez la page pour voir où il en est.",
)

# A student has at most one of these; each holds a seat of its slot.
LIVE = frozenset({_S.TO_VERIFY, _S.AWAITING, _S.CONFIRMED, _S.UNDER_WAY, _S.COMPLETED})
# What student, family and host are told of.
TOLD = LIVE - {_S.TO_VERIFY}


class Answer(StrEnum):
    """What the structure, or the family, said of a placement."""

    NONE = "none"
    YES = "yes"
    NO = "no"


class Side(StrEnum):
    HOST = "host"
    FAMILY = "family"


class Medium(StrEnum):
    """How an answer reached us."""

    LINK = "link"  # the personal link of a mail
    CODE = "code"  # the code of a printed letter
    ACCOUNT = "account"  # signed in
    PAPER = "paper"  # brought on paper and typed by the staff
    PHONE = "phone"  # said by telephone and typed by the staff


MEDIA: dict[Medium, str] = {
    Medium.LINK: _l("par le lien du message"),
    Medium.CODE: _l("avec le code de la lettre"),
    Medium.ACCOUNT: _l("depuis son compte"),
    Medium.PAPER: _l("sur papier"),
    Medium.PHONE: _l("par téléphone"),
}

LABELS: dict[PlacementState, tuple[str, str]] = {
    _S.TO_VERIFY: (_l("À vérifier"), "waiting"),
    _S.AWAITING: (_l("En attente de réponse"), "waiting"),
    _S.CONFIRMED: (_l("Confirmé"), "done"),
    _S.DECLINED: (_l("Décliné par la structure"), "stopped"),
    _S.REFUSED: (_l("Refusé par la famille"), "stopped"),
    _S.REJECTED: (_l("Écarté"), "stopped"),
    _S.CANCELLED: (_l("Annulé"), "neutral"),
    _S.UNDER_WAY: (_l("En cours"), "done"),
    _S.COMPLETED: (_l("Terminé"), "done"),
    _S.INTERRUPTED: (_l("Interrompu"), "stopped"),
}

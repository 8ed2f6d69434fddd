"""The life of an agreement (convention), of each signature, and of the links by which people without account sign."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class AgreementState(StrEnum):
    DRAFT = "draft"  # fields are being filled, each party its own part
    OPEN = "open"  # complete, frozen under its digest: people sign
    SIGNED = "signed"  # every required signature is there, on this very content
    VOID = "void"  # its content or its placement changed: its signatures count no more


_S = AgreementState
_PREPARE, _SIGN = Permission.AGREEMENT_PREPARE, Permission.AGREEMENT_SIGN

TABLE: StateTable[AgreementState] = StateTable(
    [
        Transition("open", frozenset({_S.DRAFT}), _S.OPEN, _PREPARE, _l("Ouvrir les signatures")),
        Transition("complete", frozenset({_S.OPEN}), _S.SIGNED, _SIGN, _l("Dernière signature")),
        Transition(
            "change",
            frozenset({_S.OPEN, _S.SIGNED}),
            _S.OPEN,
            _PREPARE,
            _l("Changer le contenu, et redemander les signatures"),
            needs_reason=True,
        ),
        # A paper signature was recorded by mistake: what was complete no longer is.
        Transition("reopen", frozenset({_S.SIGNED}), _S.OPEN, _PREPARE, _l("Retirer une signature"), needs_reason=True),
        Transition(
            "void",
            frozenset({_S.DRAFT, _S.OPEN, _S.SIGNED}),
            _S.VOID,
            _PREPARE,
            _l("Annuler la convention"),
            needs_reason=True,
        ),
    ],
    refusal="Cette convention a changé d’état entre-temps. Rechargez la page pour voir où elle en est.",
)

LABELS: dict[AgreementState, tuple[str, str]] = {
    _S.DRAFT: (_l("À compléter"), "draft"),
    _S.OPEN: (_l("À signer"), "waiting"),
    _S.SIGNED: (_l("Signée par tous"), "done"),
    _S.VOID: (_l("Annulée"), "stopped"),
}


class PartyRole(StrEnum):
    """In the order in which the document names them."""

    HEAD = "head"  # the school head, or by written delegation another member of staff
    HOST = "host"  # the representative of one host
    GUARDIAN = "guardian"
    STUDENT = "student"
    TEACHER = "teacher"  # referent teacher: takes note
    TUTOR = "tutor"  # takes note


TAKES_NOTE = frozenset({PartyRole.TEACHER, PartyRole.TUTOR})
# The school's own people sign from their account when they have one; everybody else by a personal link.
BY_ACCOUNT = frozenset({PartyRole.HEAD, PartyRole.TEACHER, PartyRole.STUDENT})


class SignatureState(StrEnum):
    AWAITED = "awaited"
    SIGNED = "signed"
    DECLINED = "declined"
    VOID = "void"  # signed a content that changed since


class Medium(StrEnum):
    ELECTRONIC = "electronic"
    PAPER = "paper"


class Channel(StrEnum):
    """How a one-time code reaches somebody."""

    MAIL = "mail"
    SMS = "sms"
    SESSION = (
        "session"  # signed in with their own account: no code on top for the batch of a head, see docs/agreements.md
    )

"""How the signatures are told in words, the same on every page and in every mail."""

from __future__ import annotations

from flask_babel import gettext as _

from app.agreements.evidence import Event
from app.agreements.models import Party
from app.agreements.states import TAKES_NOTE, Medium, PartyRole, SignatureState


def role_of(party: Party) -> str:
    return {
        PartyRole.HEAD: _("chef d’établissement"),
        PartyRole.HOST: _("structure d’accueil"),
        PartyRole.GUARDIAN: _("parent ou responsable"),
        PartyRole.STUDENT: _("élève"),
        PartyRole.TEACHER: _("professeur"),
        PartyRole.TUTOR: _("tuteur dans la structure"),
    }[party.role]


def state_of(party: Party) -> tuple[str, str]:
    """(word, tone) of a signature, as the badge shows it."""
    match party.state:
        case SignatureState.SIGNED if party.role in TAKES_NOTE:
            return _("Vu"), "done"
        case SignatureState.SIGNED:
            return (_("Signé sur papier") if party.medium is Medium.PAPER else _("Signé en ligne")), "done"
        case SignatureState.DECLINED:
            return _("Refuse de signer"), "stopped"
        case SignatureState.VOID:
            return _("Ne compte plus"), "neutral"
    return (_("À signer") if party.role not in TAKES_NOTE else _("À lire")), "waiting"


def events() -> dict[str, str]:
    """What the file of proof tells, in words."""
    return {
        Event.OPENED: _("Signatures ouvertes"),
        Event.ASKED: _("Signature demandée"),
        Event.REMINDED: _("Rappel envoyé"),
        Event.CONSENTED: _("A lu et accepté"),
        Event.CODE_SENT: _("Code envoyé"),
        Event.CODE_WRONG: _("Code faux"),
        Event.SIGNED: _("A signé"),
        Event.TOOK_NOTE: _("A pris connaissance"),
        Event.PAPER: _("Signature sur papier déposée"),
        Event.PAPER_UNDONE: _("Signature sur papier retirée"),
        Event.DECLINED: _("A dit ne pas signer"),
        Event.NOT_ME: _("A dit être quelqu’un d’autre"),
        Event.VOIDED: _("Signature qui ne compte plus"),
        Event.COMPLETED: _("Signée par tous"),
        Event.REOPENED: _("Signatures rouvertes"),
    }

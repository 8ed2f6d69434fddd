"""The life of a message in the outbox."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Permission
from app.kernel.states import StateTable, Transition


class DeliveryState(StrEnum):
    """QUEUED → SENDING → HANDED → SENT.

    SENDING: claimed by a worker, nothing accepted yet by the server; a crash here is repaired by queuing again.
    HANDED: the whole text is with the server and its final answer is awaited; a crash here leaves a doubt which only
    a person can settle, so the message becomes UNCERTAIN and is shown, neither lost nor sent twice.
    HELD: waits for the mail of the day of its addressee; it leaves alone (QUEUED) or inside a digest (GROUPED).
    """

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    HANDED = "handed"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    GROUPED = "grouped"


_S, _SEE = DeliveryState, Permission.DELIVERY_VIEW

DELIVERIES: StateTable[DeliveryState] = StateTable(
    [
        Transition("release", frozenset({_S.HELD}), _S.QUEUED, _SEE, _l("Laisser partir")),
        Transition("group", frozenset({_S.HELD}), _S.GROUPED, _SEE, _l("Mettre dans le courrier du jour")),
        Transition("claim", frozenset({_S.QUEUED}), _S.SENDING, _SEE, _l("Envoyer")),
        Transition("hand", frozenset({_S.SENDING}), _S.HANDED, _SEE, _l("Remettre au serveur")),
        # Straight from SENDING when writing twice is harmless (a file named by the message);
        # from UNCERTAIN when the answer arrives after all.
        Transition("deliver", frozenset({_S.SENDING, _S.HANDED, _S.UNCERTAIN}), _S.SENT, _SEE, _l("Noter le départ")),
        Transition("postpone", frozenset({_S.SENDING, _S.HANDED}), _S.QUEUED, _SEE, _l("Réessayer plus tard")),
        Transition("doubt", frozenset({_S.HANDED}), _S.UNCERTAIN, _SEE, _l("Signaler le doute")),
        Transition("give_up", frozenset({_S.SENDING, _S.HANDED}), _S.FAILED, _SEE, _l("Abandonner")),
        Transition("resend", frozenset({_S.UNCERTAIN, _S.FAILED}), _S.QUEUED, _SEE, _l("Envoyer à nouveau")),
        Transition("confirm", frozenset({_S.UNCERTAIN}), _S.SENT, _SEE, _l("Il est bien arrivé")),
    ],
    refusal="Ce message a changé d’état entre-temps. Rechargez la page pour voir où il en est.",
)

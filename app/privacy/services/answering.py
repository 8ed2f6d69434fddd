"""Answering: yes with what was done, no with why, or later with why; and the person is told."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, reading, release, transaction
from app.kernel.errors import Conflict, Hidden, Invalid
from app.kernel.holdings import Counts, Subject
from app.kernel.jobs import jobs
from app.messaging.services import post
from app.privacy import emails, rules
from app.privacy.models import PrivacyRequest
from app.privacy.queries import mails, subjects
from app.privacy.services import correcting
from app.privacy.services.erasing import Forgotten, erase
from app.privacy.states import REQUESTS, RequestState, Right


def answer(
    row: PrivacyRequest, words: str, *, by: Actor, corrections: rules.Corrections | None = None
) -> Forgotten | None:
    """Say yes: the file opens, the values are corrected, the objection holds, or the person is erased.

    An erasure gives what it did. Answered twice by the same decision changes nothing. Raises `Invalid` without a
    correction to make, `Conflict` when something must end before an erasure.
    """
    by.demand(Permission.PRIVACY_MANAGE, row)
    with transaction():
        held = _lock(row)
        if held.state is RequestState.ANSWERED:
            return None
        step = REQUESTS.step(held.state, "answer")
        subject = subject_of(held)
        done: Forgotten | None = None
        counts: Counts = {}
        if held.right is Right.RECTIFICATION:
            counts = correcting.correct(subject, corrections or rules.Corrections(), by=by)
            if not counts and not words:
                raise Invalid(_("Dites ce qui a été corrigé."), {"words": _("Dites ce qui a été corrigé.")})
        last_mail = emails.erased(held, subject) if held.right is Right.ERASURE else None
        _close(held, step.target, words, by)
        audit.record("privacy.answer", held, by=by, from_state=RequestState.ASKED, to_state=step.target)
        if held.right is Right.ERASURE:
            done = erase(subject, by=by, reason="")
            counts = done.counts
            if last_mail is not None:
                post(last_mail)  # written afterwards, and forgotten once it has left
        else:
            _tell(held)
        held.counts = counts
        return done


def refuse(row: PrivacyRequest, reason: str, *, by: Actor) -> None:
    """Say no, in writing, with why; the person may complain to the authority (the mail says how)."""
    by.demand(Permission.PRIVACY_MANAGE, row)
    if not reason.strip():
        raise Invalid(_("Écrivez pourquoi."), {"words": _("Écrivez pourquoi : la personne le lira.")})
    with transaction():
        held = _lock(row)
        if held.state is RequestState.REFUSED:
            return
        step = REQUESTS.step(held.state, "refuse")
        _close(held, step.target, reason.strip(), by)
        audit.record("privacy.refuse", held, by=by, from_state=RequestState.ASKED, to_state=step.target)
        _tell(held)


def extend(row: PrivacyRequest, reason: str, *, by: Actor) -> None:
    """Two more months, once, with a reason which the person reads (article 12.3)."""
    by.demand(Permission.PRIVACY_MANAGE, row)
    if not reason.strip():
        raise Invalid(_("Écrivez pourquoi."), {"words": _("Écrivez pourquoi il faut plus de temps.")})
    with transaction():
        held = _lock(row)
        if held.state is not RequestState.ASKED:
            raise Conflict(_("Cette demande a déjà reçu une réponse."))
        if held.extension_reason:
            return
        if clock.today() > held.due_on:
            raise Conflict(_("Le délai est passé : il fallait prévenir avant. Répondez maintenant."))
        held.extension_reason, held.due_on = reason.strip(), rules.extended(held.asked_at.date())
        audit.record("privacy.extend", held, by=by, until=held.due_on.isoformat())
        _tell(held)


def subject_of(row: PrivacyRequest) -> Subject:
    """The person whom a request is about; `Hidden` when already forgotten."""
    subject = subjects.of(row.subject_kind, row.subject_id, name=row.asked_by)
    if subject is None:
        raise Hidden(_("Cette personne n’est plus connue ici : elle a déjà été effacée."))
    return subject


@jobs.every_minute
def forget_last_mails() -> None:
    """The mail which says that somebody was erased is the last trace of their address: it goes once it has left."""
    with reading():
        due = bool(mails.last_mails())
        release()
    if due:
        with transaction():
            for row in mails.last_mails():
                db.session.delete(row)


def _lock(row: PrivacyRequest) -> PrivacyRequest:
    held = locked(PrivacyRequest, row.id)
    if held is None:
        raise Hidden(_("Cette demande n’existe plus."))
    return held


def _close(row: PrivacyRequest, state: RequestState, words: str, by: Actor) -> None:
    row.state, row.answer, row.closed_at, row.closed_by_id = state, words, clock.now(), by.user_id


def _tell(row: PrivacyRequest) -> None:
    """By mail when there is an address; a student reads it on the page."""
    message = emails.told(row)
    if message is not None:
        post(message)

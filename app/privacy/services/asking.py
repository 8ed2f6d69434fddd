"""Asking: one's own data, or a child's; and fetching at once what is one's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from flask_babel import gettext as _

from app.access.actor import Actor, Scope
from app.access.policy import Permission, Role
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.kernel.holdings import Subject, SubjectKind
from app.messaging.services import post
from app.privacy import emails, rules
from app.privacy.models import PrivacyRequest
from app.privacy.queries import requests, subjects
from app.privacy.rules import RequestDraft
from app.privacy.states import REQUESTS, RequestState, Right

_OLDEST = timedelta(days=366)


def own_subject(by: Actor) -> Subject:
    """The person behind an account, who may open what is sealed for them. `Hidden` without account."""
    subject = subjects.of_account(by.user_id) if by.user_id is not None else None
    if subject is None:
        raise Hidden(_("Cette page est celle des personnes qui ont un compte."))
    return replace(subject, private=True)


def ask(draft: RequestDraft, *, by: Actor) -> PrivacyRequest:
    """Note a request, and tell the coordination. The same form sent twice is one request.

    Raises `Invalid` without words where words are needed, `Conflict` beyond a few open requests, `Forbidden` about
    somebody else.
    """
    if draft.right is Right.RECTIFICATION and not draft.words:
        raise Invalid(_("Écrivez ce qui est faux."), {"words": _("Écrivez ce qui est faux, et ce qu’il faut lire.")})
    if draft.received_on is not None and not timedelta(0) <= clock.today() - draft.received_on <= _OLDEST:
        sentence = _("Choisissez le jour où la demande est arrivée, dans l’année passée.")
        raise Invalid(sentence, {"received_on": sentence})
    subject = subjects.of(draft.subject_kind, draft.subject_id, name=draft.asked_by)
    if subject is None:
        raise Hidden(_("Cette personne n’est pas connue ici."))
    _demand_own(subject, draft, by)
    with transaction():
        known = requests.by_key(draft.request_key)
        if known is not None:
            return known
        waiting = requests.open_about(subject.kind, subject.id)
        if len(waiting) >= rules.MOST_OPEN:
            raise Conflict(_("Plusieurs demandes attendent déjà. La coordination répond d’abord à celles-ci."))
        row = _row(draft, subject)
        db.session.add(row)
        audit.record("privacy.ask", row, by=by, to_state=RequestState.ASKED, right=row.right.value)
        for person in requests.coordinators(row.territory_id):
            post(emails.asked(row, person))
        return row


def fetched(by: Actor) -> Subject:
    """Note that somebody took their own data along (articles 15 and 20 answered at once); gives their subject."""
    subject = own_subject(by)
    with transaction():
        now = clock.now()
        row = PrivacyRequest(
            territory_id=subject.territory_id,
            request_key=f"{subject.kind.value}:{subject.id}:{now:%Y%m%d%H}",
            right=Right.PORTABILITY,
            state=RequestState.ANSWERED,
            subject_kind=subject.kind,
            subject_id=subject.id,
            user_id=by.user_id,
            asked_by=by.display_name,
            asked_at=now,
            due_on=rules.due(clock.today()),
            closed_at=now,
            answer=_("Fichier remis aussitôt."),
        )
        if requests.by_key(row.request_key) is None:  # once an hour is enough to tell
            db.session.add(row)
            audit.record("privacy.show", row, by=by, to_state=RequestState.ANSWERED)
    return subject


@dataclass(frozen=True, slots=True)
class Family:
    """Who holds a family's link: the child, and the guardian when the school knows one."""

    actor: Actor
    student_id: int
    guardian_id: int | None
    name: str


def fetched_by_family(family: Family) -> Subject:
    """The child's subject, once the coordination has said yes; the diary stays closed. Raises `Forbidden` before."""
    if not requests.is_file_open(of_family(family), SubjectKind.STUDENT, family.student_id):
        raise Forbidden(_("Le fichier s’ouvre quand la coordination a répondu à votre demande."))
    subject = subjects.of_student(family.student_id)
    if subject is None:
        raise Hidden(_("Cette personne n’est pas connue ici."))
    return subject


def of_family(family: Family) -> list[PrivacyRequest]:
    """What this guardian asked; of a slip without guardian, what was asked by such a slip."""
    if family.guardian_id is not None:
        return requests.of_guardian(family.guardian_id)
    return requests.by_slip(family.student_id)


def withdraw(row: PrivacyRequest, *, by: Actor) -> None:
    """Take back one's own request while it waits."""
    with transaction():
        held = locked(PrivacyRequest, row.id)
        if held is None or held.user_id is None or held.user_id != by.user_id:
            raise Hidden(_("Cette demande n’existe pas."))
        if held.state is RequestState.WITHDRAWN:
            return
        step = REQUESTS.step(held.state, "withdraw")
        audit.record("privacy.withdraw", held, by=by, from_state=held.state, to_state=step.target)
        held.state, held.closed_at = step.target, clock.now()


def _row(draft: RequestDraft, subject: Subject) -> PrivacyRequest:
    return PrivacyRequest(
        territory_id=subject.territory_id,
        request_key=draft.request_key,
        right=draft.right,
        state=RequestState.ASKED,
        subject_kind=subject.kind,
        subject_id=subject.id,
        user_id=draft.user_id,
        guardian_id=draft.guardian_id,
        asked_by=draft.asked_by,
        asked_how=draft.how,
        words=draft.words,
        asked_at=clock.now(),
        due_on=rules.due(draft.received_on or clock.today()),
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    scope: Scope


def _demand_own(subject: Subject, draft: RequestDraft, by: Actor) -> None:
    """About oneself; a guardian about the child; the coordination about whoever wrote to it."""
    if draft.how == "letter":
        by.demand(Permission.PRIVACY_MANAGE, _Standing(Scope(territory_id=subject.territory_id)))
    elif by.role is Role.GUARDIAN:
        if by.student_id is None or by.student_id != subject.student_id:
            raise Forbidden(_("Cette demande ne concerne pas votre enfant."))
    elif by.user_id is None or by.user_id != subject.user_id:
        raise Forbidden(_("Cette demande ne vous concerne pas."))

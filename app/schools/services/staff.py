"""Who works in a school: one account a person, one membership a school, and help for a colleague who is locked out."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.accounts import queries as account_queries
from app.accounts import services as accounts
from app.accounts.models import User
from app.audit import services as audit
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.messaging import services as messaging
from app.schools import emails, queries
from app.schools.models import School, SchoolStaff, StaffRole

_STAFF = frozenset({Role.TEACHER, Role.HEAD})


def invite_staff(school: School, email: str, name: str, role: StaffRole, *, by: Actor) -> SchoolStaff:
    """Somebody who works in this school. Known in another school, the same account gains this one, and is told.

    Raises `Invalid` on `email` when the address serves another role: an account is a teacher's or a head's, and
    changes only once it works nowhere.
    """
    by.demand(Permission.SCHOOL_MANAGE, school)
    with transaction():
        known = account_queries.by_email(email)
        if known is not None and known.territory_id == school.territory_id:
            _settle_role(known, Role(role.value), by=by)
        user = accounts.invite(email, name, Role(role.value), school.territory_id, by=by)
        member = queries.membership(school.id, user.id)
        if member is not None:
            return member
        member = SchoolStaff(school_id=school.id, user=user, role=role)
        db.session.add(member)
        try:
            db.session.flush()
        except IntegrityError as lost:
            raise Conflict(_("Cette personne vient d’être ajoutée à ce collège.")) from lost
        audit.record("school.staff_add", school, by=by, user_id=user.id, role=role.value)
        if known is not None:
            messaging.post(emails.staff_added(school, member))
        return member


def _settle_role(user: User, wanted: Role, *, by: Actor) -> None:
    """A teacher who becomes a head (or back) keeps the account, once no school knows the former role."""
    if user.role is wanted or not {user.role, wanted} <= _STAFF:
        return
    row = locked(User, user.id)
    if row is None or queries.staff_reach(row.id, row.role)[0]:
        sentence = _(
            "Cette personne a un autre rôle dans un autre collège, et un compte n’en a qu’un. "
            "Retirez-la d’abord de ce collège, ou demandez-lui une autre adresse."
        )
        raise Invalid(sentence, {"email": sentence})
    former, row.role = row.role, wanted
    row.session_epoch += 1  # what was open was open with the former role
    audit.record("account.change_role", row, by=by, from_state=former, to_state=wanted)


def remove_staff(school: School, user_id: int, *, by: Actor) -> None:
    """The person no longer works in this school: its classes go too, the account and other schools remain."""
    by.demand(Permission.SCHOOL_MANAGE, school)
    with transaction():
        member = queries.membership(school.id, user_id)
        if member is None:
            return
        for teaching in queries.teaching_in(school.id, user_id):
            db.session.delete(teaching)
        db.session.delete(member)
        audit.record("school.staff_remove", school, by=by, user_id=user_id)


def demand_staff_of(school_id: int, user_ids: Collection[int]) -> list[User]:
    """The accounts of these members of the school's staff; `Invalid` on `teacher_ids` if one is not."""
    members = [queries.membership(school_id, user_id) for user_id in user_ids]
    if any(member is None for member in members):
        sentence = _("Choisissez parmi les personnes du collège.")
        raise Invalid(sentence, {"teacher_ids": sentence})
    return [member.user for member in members if member is not None]


def may_help(member: SchoolStaff, *, by: Actor) -> bool:
    """Whether `by` may help this person back in: a colleague helps a teacher, only the coordination a head."""
    if not by.can(Permission.STAFF_HELP, member.school) or member.user_id == by.user_id:
        return False
    return by.role is Role.COORDINATOR or member.user.role is Role.TEACHER


def may_hand_over(member: SchoolStaff, *, by: Actor) -> bool:
    """Whether a way in may be put into this person's hands by `by`: never by somebody whom it would open more to."""
    if not may_help(member, by=by):
        return False
    if by.role is Role.HEAD:
        return queries.staff_reach(member.user_id, member.user.role)[0] <= by.school_ids
    return by.role is Role.COORDINATOR


def demand_help(member: SchoolStaff, *, by: Actor) -> None:
    """Raise `Forbidden` unless `by` may help this person."""
    if not may_help(member, by=by):
        raise Forbidden(_("La coordination peut aider cette personne à retrouver son compte."))

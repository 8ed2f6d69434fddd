"""Schools, the weeks they choose, and the staff who work in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.accounts import services as accounts
from app.accounts.models import User
from app.audit import services as audit
from app.campaigns import queries as campaign_queries
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid, PhaseClosed
from app.kernel.identifiers import parse_uai
from app.schools import queries
from app.schools.models import School, SchoolStaff, SchoolWeek, StaffRole
from app.schools.rules import SchoolDraft

WEEKS_EDITABLE = frozenset({Phase.COLLECTING, Phase.WISHES})


def create_school(draft: SchoolDraft, *, by: Actor) -> School:
    """A school of the actor's territory. Coordinates left empty become those of the commune.

    Raises `Invalid` on `uai` (check letter, or already here) and on `commune_id` (of another territory).
    """
    by.demand(Permission.SCHOOL_MANAGE)
    if by.territory_id is None:
        raise Forbidden(_("Un collège appartient à un territoire."))
    with transaction():
        school = School(territory_id=by.territory_id)
        _fill(school, draft)
        db.session.add(school)
        audit.record("school.create", school, by=by)
        return school


def update_school(school: School, draft: SchoolDraft, *, by: Actor) -> None:
    by.demand(Permission.SCHOOL_MANAGE, school)
    with transaction():
        _fill(school, draft)
        if db.session.is_modified(school):
            audit.record("school.update", school, by=by)


def _fill(school: School, draft: SchoolDraft) -> None:
    uai = parse_uai(draft.uai)
    if uai is None:
        sentence = _("Ce code UAI n’est pas juste : sept chiffres, puis la lettre qui les vérifie.")
        raise Invalid(sentence, {"uai": sentence})
    with db.session.no_autoflush:
        same = queries.school_of_uai(school.territory_id, uai)
        communes = {c.id: c for c in campaign_queries.communes(school.territory_id)}
    if same is not None and same.id != school.id:
        sentence = _("%(name)s a déjà ce code UAI.", name=same.name)
        raise Invalid(sentence, {"uai": sentence})
    commune = communes.get(draft.commune_id)
    if commune is None:
        sentence = _("Choisissez une commune du territoire.")
        raise Invalid(sentence, {"commune_id": sentence})
    placed = draft.lat is not None and draft.lon is not None
    for name, value in {
        "uai": uai,
        "name": draft.name,
        "address": draft.address,
        "postcode": draft.postcode or commune.postcode,
        "commune_id": commune.id,
        "lat": draft.lat if placed else commune.lat,
        "lon": draft.lon if placed else commune.lon,
        "is_public": draft.is_public,
        "priority_education": draft.priority_education,
        "phone": draft.phone,
        "email": draft.email,
        "board_approval_on": draft.board_approval_on if draft.is_public else None,
    }.items():
        if getattr(school, name) != value:
            setattr(school, name, value)


def set_weeks(school: School, campaign: Campaign, mondays: Collection[date], *, by: Actor) -> None:
    """The weeks in which this school sends its students out, among those of the campaign."""
    by.demand(Permission.SCHOOL_WEEKS, school)
    if campaign.territory_id != school.territory_id:
        raise Forbidden(_("Cette campagne n’est pas celle de votre territoire."))
    unknown = set(mondays) - {week.monday for week in campaign.weeks}
    if unknown:
        sentence = _("Choisissez parmi les semaines de la campagne.")
        raise Invalid(sentence, {"weeks": sentence})
    with transaction():
        locked(School, school.id)
        present = {row.monday: row for row in queries.week_rows(school, campaign)}
        gone, new = set(present) - set(mondays), set(mondays) - set(present)
        if not gone and not new:
            return
        if campaign.phase not in WEEKS_EDITABLE:
            raise PhaseClosed(
                _("Les décisions ont commencé : les semaines ne changent plus. Écrivez à la coordination.")
            )
        for monday in gone:
            db.session.delete(present[monday])
        db.session.add_all(
            SchoolWeek(school_id=school.id, campaign_id=campaign.id, monday=monday) for monday in sorted(new)
        )
        audit.record("school.weeks", school, by=by, weeks=" ".join(sorted(m.isoformat() for m in mondays)))


def close_week(school: School, campaign: Campaign, monday: date, reason: str, *, by: Actor) -> None:
    """After the decisions, a week in which the school no longer sends anybody; whoever had a place in it is moved by
    the room above, in the same transaction. Closed already, nothing changes."""
    by.demand(Permission.SCHOOL_MANAGE, school)
    with transaction():
        locked(School, school.id)
        row = next((row for row in queries.week_rows(school, campaign) if row.monday == monday), None)
        if row is not None:
            db.session.delete(row)
            audit.record("school.close_week", school, by=by, reason=reason, week=monday.isoformat())


def invite_staff(school: School, email: str, name: str, role: StaffRole, *, by: Actor) -> SchoolStaff:
    """Somebody who works in this school. An account that already exists gains the school and receives no second mail.

    Raises `Invalid` on `email` when the address serves another role.
    """
    by.demand(Permission.SCHOOL_MANAGE, school)
    with transaction():
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
        return member


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

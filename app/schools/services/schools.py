"""Schools, and the weeks they choose."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.campaigns import queries as campaign_queries
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Forbidden, Invalid, PhaseClosed
from app.kernel.identifiers import parse_uai
from app.schools import queries
from app.schools.models import School, SchoolWeek
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

"""What is due of the rules whose finding needs more than a path: accounts, agreements, certificates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.access.policy import Role
from app.accounts.models import User
from app.accounts.privacy import NOWHERE
from app.agreements.models import Agreement
from app.campaigns.models import Campaign
from app.feedback.models import Certificate
from app.hosts.models import HostMember, HostOrganization
from app.kernel import clock
from app.offers.models import PlacementOffer
from app.placements.models import Placement
from app.placements.states import LIVE, PlacementState
from app.privacy.queries.retention import campaigns_due
from app.privacy.retention_rules import Held, Rule, last_day_due
from app.schools.models import SchoolClass, Student

Due = Select[tuple[int]]
# A stage that may still take place, or is taking place: nobody in it is forgotten.
_GOING_ON = LIVE - {PlacementState.COMPLETED}


def students(rule: Rule, territory_id: int | None, cutoff: date, held: Held) -> Due:
    """Students of classes whose year is over for long enough, and who have not been here since as long."""
    live = select(Placement.student_id).where(Placement.state.in_(sorted(_GOING_ON)), _in_late_campaign(rule, cutoff))
    return (
        select(Student.id)
        .join(Student.school_class)
        .join(Student.user)
        .where(
            SchoolClass.campaign_id.in_(campaigns_due(rule, territory_id, cutoff)),
            _not_here_since(rule, cutoff),
            ~_already_forgotten(),
            Student.id.not_in(live),
            Student.id.not_in(sorted(held.students)),
        )
        .order_by(Student.id)
    )


def _in_late_campaign(rule: Rule, cutoff: date) -> ColumnElement[bool]:
    return Placement.campaign_id.not_in(campaigns_due(rule, None, cutoff))


def _already_forgotten() -> ColumnElement[bool]:
    """A line which a kept agreement still points at; see `schools.privacy.erase`."""
    return and_(
        User.is_active.is_(False),
        User.code_digest.is_(None),
        User.last_seen_at.is_(None),
        Student.birth_date.is_(None),
        Student.last_name == "effacé",
    )


def adults(rule: Rule, territory_id: int | None, cutoff: date, held: Held) -> Due:
    """Adults who have not been here for long enough; somebody whose structure offers places now is in touch."""
    recent = select(Campaign.id).where(Campaign.id.not_in(campaigns_due(rule, None, cutoff)))
    in_touch = (
        select(HostMember.user_id)
        .join(PlacementOffer, PlacementOffer.organization_id == HostMember.organization_id)
        .where(PlacementOffer.campaign_id.in_(recent))
    )
    statement = (
        select(User.id)
        .where(
            User.role.not_in([Role.STUDENT, Role.ADMIN]),
            _not_here_since(rule, cutoff),
            User.email.not_like(f"%@efface.{NOWHERE}"),
            User.id.not_in(in_touch),
            User.id.not_in(sorted(held.accounts)),
        )
        .order_by(User.id)
    )
    return statement if territory_id is None else statement.where(User.territory_id == territory_id)


def _not_here_since(rule: Rule, cutoff: date) -> ColumnElement[bool]:
    return func.coalesce(User.last_seen_at, User.created_at) < _after(last_day_due(rule, cutoff))


def unsigned_agreements(rule: Rule, territory_id: int | None, cutoff: date, held: Held) -> Due:
    """Never signed by all, of a year that is over. An amendment comes before what it amends."""
    return (
        select(Agreement.id)
        .where(
            Agreement.campaign_id.in_(campaigns_due(rule, territory_id, cutoff)),
            Agreement.signed_at.is_(None),
            Agreement.student_id.not_in(sorted(held.students)),
        )
        .order_by(Agreement.id.desc())
    )


def to_archive(rule: Rule, territory_id: int | None, cutoff: date, held: Held) -> Due:
    """Signed by all, of a year that is over, and still in the ordinary lists."""
    return (
        select(Agreement.id)
        .where(
            Agreement.campaign_id.in_(campaigns_due(rule, territory_id, cutoff)),
            Agreement.signed_at.is_not(None),
            Agreement.archived_at.is_(None),
            Agreement.student_id.not_in(sorted(held.students)),
        )
        .order_by(Agreement.id)
    )


def archived_long_ago(rule: Rule, territory_id: int | None, cutoff: date, held: Held) -> Due:
    """Signed for long enough. An amendment comes before what it amends."""
    statement = (
        select(Agreement.id)
        .where(
            Agreement.signed_at < _after(last_day_due(rule, cutoff)), Agreement.student_id.not_in(sorted(held.students))
        )
        .order_by(Agreement.id.desc())
    )
    return statement if territory_id is None else statement.where(Agreement.territory_id == territory_id)


def certificates(rule: Rule, territory_id: int | None, cutoff: date, held: Held) -> Due:
    statement = (
        select(Certificate.id)
        .join(Certificate.placement)
        .where(
            Certificate.issued_at < _after(last_day_due(rule, cutoff)),
            Placement.student_id.not_in(sorted(held.students)),
        )
        .order_by(Certificate.id)
    )
    return statement if territory_id is None else statement.where(Certificate.territory_id == territory_id)


def representatives(rule: Rule, territory_id: int | None, cutoff: date, _held: Held) -> Due:
    """Structures which name somebody, registered for long enough, and whose last offer is as old."""
    late = campaigns_due(rule, None, cutoff)
    active = select(PlacementOffer.organization_id).where(PlacementOffer.campaign_id.not_in(late))
    statement = (
        select(HostOrganization.id)
        .where(
            or_(
                HostOrganization.representative_name != "",
                HostOrganization.representative_role != "",
                HostOrganization.representative_email != "",
            ),
            HostOrganization.created_at < _after(last_day_due(rule, cutoff)),
            HostOrganization.id.not_in(active),
        )
        .order_by(HostOrganization.id)
    )
    return statement if territory_id is None else statement.where(HostOrganization.territory_id == territory_id)


def _after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.PARIS)

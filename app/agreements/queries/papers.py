"""Reading papers: one agreement, lists, a class, a stage."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.agreements.models import Agreement, AgreementHost, Party, StoredDocument
from app.agreements.states import AgreementState
from app.hosts.models import HostMember, HostOrganization, HostSite
from app.kernel.database import db
from app.kernel.errors import Hidden
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.placements.states import TOLD, PlacementState
from app.regulations.schedules import Schedule
from app.schools.models import ClassTeacher, School, SchoolClass, Student

COLUMNS = ScopeColumns(
    territory=Agreement.territory_id,
    school=Agreement.school_id,
    school_class=Student.class_id,
    organization=PlacementOffer.organization_id,
    site=PlacementOffer.site_id,
    student=Agreement.student_id,
)
# The stage will not take place. One that was interrupted did begin: its agreement stands.
LOST = frozenset({PlacementState.DECLINED, PlacementState.REFUSED, PlacementState.REJECTED, PlacementState.CANCELLED})
PER_PAGE = 60


def _reached(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """The agreements which the actor reaches and which are not archived; a structure reaches them by any stop."""
    stops = (
        select(AgreementHost.agreement_id)
        .join(AgreementHost.agreement)
        .join(Agreement.student)
        .join(AgreementHost.placement)
        .join(Placement.slot)
        .join(Slot.offer)
        .where(visible(actor, permission, COLUMNS))
    )
    return and_(Agreement.id.in_(stops), Agreement.archived_at.is_(None))


def whole() -> tuple[ExecutableOption, ...]:
    """All that the document and its page read, in a fixed number of statements."""
    return (
        joinedload(Agreement.student).options(
            joinedload(Student.school_class).options(
                joinedload(SchoolClass.school).joinedload(School.commune),
                joinedload(SchoolClass.campaign),
                selectinload(SchoolClass.teachers).joinedload(ClassTeacher.user),
            ),
            selectinload(Student.guardians),
        ),
        joinedload(Agreement.school).joinedload(School.commune),
        joinedload(Agreement.pdf),
        joinedload(Agreement.signed_pdf),
        selectinload(Agreement.parties).joinedload(Party.scan),
        selectinload(Agreement.hosts)
        .joinedload(AgreementHost.placement)
        .joinedload(Placement.slot)
        .joinedload(Slot.offer)
        .options(
            joinedload(PlacementOffer.organization).selectinload(HostOrganization.members).joinedload(HostMember.user),
            joinedload(PlacementOffer.site).joinedload(HostSite.commune),
        ),
    )


def visible_to(actor: Actor) -> Select[tuple[Agreement]]:
    return select(Agreement).join(Agreement.student).where(_reached(actor, Permission.AGREEMENT_VIEW))


def visible_agreement(actor: Actor, agreement_id: int, permission: Permission = Permission.AGREEMENT_VIEW) -> Agreement:
    """The agreement with all that its page says; raises `Hidden`."""
    statement = select(Agreement).where(Agreement.id == agreement_id, _reached(actor, permission)).options(*whole())
    found = db.session.scalar(statement)
    if found is None:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    return found


def in_list(actor: Actor, campaign_id: int, state: AgreementState | None = None) -> Select[tuple[Agreement]]:
    """The agreements of a campaign which the actor sees, by class and name; `state` keeps those in that state."""
    statement = (
        visible_to(actor)
        .join(Student.school_class)
        .where(Agreement.campaign_id == campaign_id, Agreement.amends_id.is_(None))
        .options(
            joinedload(Agreement.student).joinedload(Student.school_class).joinedload(SchoolClass.school),
            selectinload(Agreement.parties),
            selectinload(Agreement.hosts)
            .joinedload(AgreementHost.placement)
            .joinedload(Placement.slot)
            .joinedload(Slot.offer)
            .joinedload(PlacementOffer.organization),
        )
        .order_by(SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name, Agreement.id)
    )
    if state is None:
        return statement.where(Agreement.state != AgreementState.VOID)
    return statement.where(Agreement.state == state)


def page(actor: Actor, campaign_id: int, state: AgreementState | None, number: int) -> Pagination:
    """One page of `in_list`."""
    return db.paginate(in_list(actor, campaign_id, state), page=max(1, number), per_page=PER_PAGE, error_out=False)


def counts(actor: Actor, campaign_id: int) -> dict[AgreementState, int]:
    """How many agreements the actor sees in each state."""
    rows = db.session.execute(
        select(Agreement.state, func.count())
        .where(
            Agreement.campaign_id == campaign_id,
            Agreement.amends_id.is_(None),
            _reached(actor, Permission.AGREEMENT_VIEW),
        )
        .group_by(Agreement.state)
    )
    found = {row[0]: row[1] for row in rows}
    return {state: found.get(state, 0) for state in AgreementState}


def live_of(student_id: int, campaign_id: int) -> Agreement | None:
    """The agreement of a student that is not void, amendments apart."""
    return db.session.scalar(
        select(Agreement)
        .where(
            Agreement.student_id == student_id,
            Agreement.campaign_id == campaign_id,
            Agreement.state != AgreementState.VOID,
            Agreement.amends_id.is_(None),
        )
        .options(*whole())
    )


def by_id(agreement_id: int) -> Agreement | None:
    return db.session.scalar(select(Agreement).where(Agreement.id == agreement_id).options(*whole()))


def by_reference(reference: str) -> Agreement | None:
    """For the public page: the agreement of a printed reference."""
    return db.session.scalar(select(Agreement).where(Agreement.reference == reference).options(*whole()))


def amendments(agreement_id: int) -> list[Agreement]:
    """The amendments of an agreement that are not void, oldest first."""
    statement = (
        select(Agreement)
        .where(Agreement.amends_id == agreement_id, Agreement.state != AgreementState.VOID)
        .options(selectinload(Agreement.parties))
        .order_by(Agreement.id)
    )
    return list(db.session.scalars(statement))


def astray() -> list[int]:
    """The agreements that still stand while a placement of theirs will not take place, another has joined the
    student's week, or its days have moved.
    """
    added = aliased(Placement)
    known = select(AgreementHost.placement_id).where(AgreementHost.agreement_id == Agreement.id)
    joined = select(added.id).where(
        added.student_id == Agreement.student_id,
        added.campaign_id == Agreement.campaign_id,
        added.state.in_(sorted(TOLD)),
        added.id.not_in(known),
    )
    statement = (
        select(Agreement.id)
        .join(Agreement.hosts)
        .join(AgreementHost.placement)
        .where(
            Agreement.state != AgreementState.VOID,
            Agreement.amends_id.is_(None),
            or_(Placement.state.in_(sorted(LOST)), Placement.days != AgreementHost.days, joined.exists()),
        )
        .distinct()
        .order_by(Agreement.id)
    )
    return list(db.session.scalars(statement))


def sealed(placement_ids: Collection[int]) -> frozenset[int]:
    """Those for which everybody has signed an agreement: their answers no longer change by a tap, they may begin."""
    beside, gone = aliased(AgreementHost), aliased(Placement)
    lost = (
        select(beside.id)
        .join(gone, gone.id == beside.placement_id)
        .where(beside.agreement_id == Agreement.id, gone.state.in_(sorted(LOST)))
    )
    statement = (
        select(AgreementHost.placement_id)
        .join(AgreementHost.agreement)
        .where(
            AgreementHost.placement_id.in_(sorted(placement_ids)),
            Agreement.state == AgreementState.SIGNED,
            ~lost.exists(),  # one structure of the week is gone: what was signed is about to be made anew
        )
    )
    return frozenset(db.session.scalars(statement))


def to_archive() -> list[int]:
    """Agreements signed by all whose final document is not made yet."""
    statement = select(Agreement.id).where(Agreement.state == AgreementState.SIGNED, Agreement.signed_pdf_id.is_(None))
    return list(db.session.scalars(statement.order_by(Agreement.id)))


def everything() -> Sequence[int]:
    """Every agreement, for `flask agreements verify`."""
    return db.session.scalars(select(Agreement.id).order_by(Agreement.id)).all()


def documents() -> Sequence[int]:
    """Every stored file, for `flask agreements verify`."""
    return db.session.scalars(select(StoredDocument.id).order_by(StoredDocument.id)).all()


def document(document_id: int) -> StoredDocument:
    return db.session.get_one(StoredDocument, document_id)


def schedules_of(placement_ids: Collection[int]) -> dict[int, Schedule]:
    """Placement → its days as people sign them, for the placements whose agreement is open or signed."""
    rows = db.session.execute(
        select(AgreementHost.placement_id, AgreementHost.schedule)
        .join(AgreementHost.agreement)
        .where(
            AgreementHost.placement_id.in_(sorted(placement_ids)),
            Agreement.amends_id.is_(None),
            Agreement.state.in_([AgreementState.OPEN, AgreementState.SIGNED]),
        )
    )
    return {row.placement_id: Schedule.from_json(row.schedule) for row in rows}

"""Reading proposals: one, a page of them, who is left out, and who could change places."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.sql.base import ExecutableOption

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import visible
from app.allocation.models import Approval, MatchingRun, PlacementProposal, UnplacedStudent
from app.allocation.queries.runs import COLUMNS
from app.allocation.states import ProposalState
from app.hosts.models import HostOrganization, HostSite
from app.kernel.database import db
from app.occupations.queries import fold
from app.offers.models import PlacementOffer, Slot
from app.schools.models import SchoolClass, Student
from app.wishes import outcome

PER_PAGE = 50
LIVE = (ProposalState.PROPOSED, ProposalState.APPROVED)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a coordinator asked for; None or empty means: do not narrow. `rank` 0: an offer not asked for."""

    school_id: int | None = None
    class_id: int | None = None
    state: ProposalState | None = None
    rank: int | None = None
    words: str = ""

    @property
    def is_active(self) -> bool:
        return self != Filter()


def _whole() -> tuple[ExecutableOption, ...]:
    """All that a line of the table shows, in the same statement."""
    return (
        contains_eager(PlacementProposal.student).contains_eager(Student.school_class).joinedload(SchoolClass.school),
        joinedload(PlacementProposal.slot)
        .joinedload(Slot.offer)
        .options(joinedload(PlacementOffer.organization), joinedload(PlacementOffer.site).joinedload(HostSite.commune)),
        joinedload(PlacementProposal.decided_by),
    )


def visible_proposal(actor: Actor, proposal_id: int) -> PlacementProposal:
    """The proposal with all that its page shows, or `Hidden`."""
    proposal = db.session.scalar(
        select(PlacementProposal)
        .join(PlacementProposal.student)
        .join(Student.school_class)
        .join(PlacementProposal.run)
        .where(PlacementProposal.id == proposal_id, visible(actor, Permission.RUN_VIEW, COLUMNS))
        .options(*_whole(), contains_eager(PlacementProposal.run).joinedload(MatchingRun.campaign))
    )
    actor.reveal(Permission.RUN_VIEW, proposal)
    assert proposal is not None
    return proposal


def page(run: MatchingRun, wanted: Filter, number: int) -> Pagination:
    """One page of a run's proposals, those still to decide first."""
    statement = (
        select(PlacementProposal)
        .join(PlacementProposal.student)
        .join(Student.school_class)
        .where(PlacementProposal.run_id == run.id)
    )
    if wanted.school_id is not None:
        statement = statement.where(SchoolClass.school_id == wanted.school_id)
    if wanted.class_id is not None:
        statement = statement.where(Student.class_id == wanted.class_id)
    if wanted.state is not None:
        statement = statement.where(PlacementProposal.state == wanted.state)
    if wanted.rank is not None:
        rank = wanted.rank or None
        statement = statement.where(
            PlacementProposal.wish_rank.is_(None) if rank is None else PlacementProposal.wish_rank == rank
        )
    if wanted.words:
        statement = statement.where(PlacementProposal.id.in_(_matching(run, wanted.words)))
    statement = statement.options(*_whole()).order_by(
        (PlacementProposal.state == ProposalState.PROPOSED).desc(),
        Student.last_name,
        Student.first_name,
        PlacementProposal.id,
    )
    return db.paginate(statement, page=max(1, number), per_page=PER_PAGE, error_out=False)


def _matching(run: MatchingRun, words: str) -> list[int]:
    """The proposals whose student, offer or structure holds every word, accents or not."""
    wanted = fold(words[:200]).split()
    rows = db.session.execute(
        select(
            PlacementProposal.id,
            Student.first_name,
            Student.last_name,
            PlacementOffer.title,
            HostOrganization.name,
        )
        .join(PlacementProposal.student)
        .join(PlacementProposal.slot)
        .join(Slot.offer)
        .join(PlacementOffer.organization)
        .where(PlacementProposal.run_id == run.id)
    )
    return [
        proposal_id
        for proposal_id, *texts in rows
        if (text := fold(" ".join(texts))) and all(word in text for word in wanted)
    ]


def state_counts(run_id: int) -> dict[ProposalState, int]:
    statement = (
        select(PlacementProposal.state, func.count())
        .where(PlacementProposal.run_id == run_id)
        .group_by(PlacementProposal.state)
    )
    return dict(db.session.execute(statement).tuples().all())


def fulfilled(run_id: int) -> dict[int | None, int]:
    """Rank of the wish granted (None: an offer not asked for) → how many students, as decisions stand."""
    statement = (
        select(PlacementProposal.wish_rank, func.count())
        .where(PlacementProposal.run_id == run_id, PlacementProposal.state.in_(LIVE))
        .group_by(PlacementProposal.wish_rank)
    )
    return dict(db.session.execute(statement).tuples().all())


def to_approve(run_id: int, rank: int | None = None, ids: Collection[int] | None = None) -> list[int]:
    """The undecided proposals of the run (of that wish rank, among those ids), by slot then identifier."""
    statement = select(PlacementProposal.id).where(
        PlacementProposal.run_id == run_id, PlacementProposal.state == ProposalState.PROPOSED
    )
    if rank is not None:
        statement = statement.where(PlacementProposal.wish_rank == rank)
    if ids is not None:
        statement = statement.where(PlacementProposal.id.in_(sorted(ids)))
    return list(db.session.scalars(statement.order_by(PlacementProposal.slot_id, PlacementProposal.id)))


def places_by_student(run_id: int) -> dict[int, int]:
    """Student → slot of each live proposal of the run."""
    rows = db.session.execute(
        select(PlacementProposal.student_id, PlacementProposal.slot_id).where(
            PlacementProposal.run_id == run_id, PlacementProposal.state.in_(LIVE)
        )
    )
    return dict(rows.tuples().all())


def left_out(run: MatchingRun) -> list[UnplacedStudent]:
    """Whom the run could not place and who still has no place, by school, class and name."""
    return list(
        db.session.scalars(
            select(UnplacedStudent)
            .join(UnplacedStudent.student)
            .join(Student.school_class)
            .where(
                UnplacedStudent.run_id == run.id,
                Student.id.not_in(select(Approval.student_id).where(Approval.campaign_id == run.campaign_id)),
                Student.id.not_in(outcome.found_by_themselves(run.campaign_id)),
            )
            .options(
                contains_eager(UnplacedStudent.student)
                .contains_eager(Student.school_class)
                .joinedload(SchoolClass.school)
            )
            .order_by(SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name)
        )
    )


def unplaced_row(run_id: int, student_id: int) -> UnplacedStudent | None:
    return db.session.scalar(
        select(UnplacedStudent).where(UnplacedStudent.run_id == run_id, UnplacedStudent.student_id == student_id)
    )


def slot_of(proposal_id: int) -> int | None:
    """The slot of a proposal, which is locked before the proposal itself."""
    return db.session.scalar(select(PlacementProposal.slot_id).where(PlacementProposal.id == proposal_id))


def proposal_for(run_id: int, student_id: int, slot_id: int) -> PlacementProposal | None:
    return db.session.scalar(
        select(PlacementProposal)
        .where(
            PlacementProposal.run_id == run_id,
            PlacementProposal.student_id == student_id,
            PlacementProposal.slot_id == slot_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def places_on_hand(slot_ids: Collection[int]) -> list[Slot]:
    """The slots with their offer, structure and commune, by week then title."""
    return list(
        db.session.scalars(
            select(Slot)
            .join(Slot.offer)
            .where(Slot.id.in_(sorted(slot_ids)))
            .options(
                contains_eager(Slot.offer).options(
                    joinedload(PlacementOffer.organization),
                    joinedload(PlacementOffer.site).joinedload(HostSite.commune),
                )
            )
            .order_by(Slot.monday, PlacementOffer.title, Slot.id)
        )
    )


def swappable(run_id: int, slot_ids: Collection[int], but_slot: int) -> list[PlacementProposal]:
    """The live proposals of the run at those slots, not yet told to anybody."""
    told = select(Approval.student_id).where(Approval.published_at.is_not(None))
    return list(
        db.session.scalars(
            select(PlacementProposal)
            .join(PlacementProposal.student)
            .join(Student.school_class)
            .where(
                PlacementProposal.run_id == run_id,
                PlacementProposal.slot_id.in_(sorted(set(slot_ids) - {but_slot})),
                PlacementProposal.state.in_(LIVE),
                PlacementProposal.student_id.not_in(told),
            )
            .options(*_whole())
            .order_by(Student.last_name, Student.first_name, PlacementProposal.id)
        )
    )

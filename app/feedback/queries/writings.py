"""A student's own writings, for that student alone: every way in asks for DIARY_KEEP, which nobody else holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.campaigns.models import Campaign
from app.feedback import prompts, rules, sealing
from app.feedback.models import DiaryPage, Report
from app.feedback.rules import TOLD_OF
from app.hosts.models import HostSite
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.placements.states import PlacementState
from app.schools.models import SchoolClass, Student
from app.web.logs import log

_KEPT_FROM = TOLD_OF | {PlacementState.CONFIRMED}


@dataclass(frozen=True, slots=True)
class Page:
    """One day: `answers` maps the key of a question to what was written."""

    placement_id: int
    number: int
    answers: dict[str, str]
    updated_at: datetime
    is_lost: bool = False  # sealed with a key that is gone

    def written(self) -> Iterator[tuple[str, str, str]]:
        """(key, question, answer) of what is not empty."""
        for key, text in self.answers.items():
            if text:
                yield key, prompts.question(key), text


def stages(actor: Actor) -> list[Placement]:
    """The stages which the student's diary may be about: confirmed, under way or over, the latest first."""
    actor.demand(Permission.DIARY_KEEP)
    return list(
        db.session.scalars(
            select(Placement)
            .join(Placement.student)
            .join(Placement.slot)
            .join(Slot.offer)
            .options(
                contains_eager(Placement.student).joinedload(Student.school_class).joinedload(SchoolClass.school),
                contains_eager(Placement.slot)
                .contains_eager(Slot.offer)
                .options(
                    joinedload(PlacementOffer.organization),
                    joinedload(PlacementOffer.site).joinedload(HostSite.commune),
                ),
            )
            .where(
                Placement.state.in_(sorted(_KEPT_FROM)),
                visible(
                    actor,
                    Permission.DIARY_KEEP,
                    ScopeColumns(territory=Placement.territory_id, student=Placement.student_id),
                ),
            )
            .order_by(Slot.monday.desc(), Placement.stop, Placement.id.desc())
        )
    )


def rows(actor: Actor) -> Select[tuple[DiaryPage]]:
    """The student's own sealed pages; no row for anybody else."""
    return (
        select(DiaryPage)
        .join(Student, Student.id == DiaryPage.student_id)
        .where(
            visible(
                actor,
                Permission.DIARY_KEEP,
                ScopeColumns(territory=Student.territory_id, student=DiaryPage.student_id),
            )
        )
        .order_by(DiaryPage.placement_id, DiaryPage.number)
    )


def reports(actor: Actor) -> Select[tuple[Report]]:
    return (
        select(Report)
        .join(Student, Student.id == Report.student_id)
        .where(
            visible(
                actor, Permission.DIARY_KEEP, ScopeColumns(territory=Student.territory_id, student=Report.student_id)
            )
        )
        .order_by(Report.placement_id)
    )


def row(actor: Actor, placement_id: int, number: int) -> DiaryPage | None:
    return db.session.scalar(rows(actor).where(DiaryPage.placement_id == placement_id, DiaryPage.number == number))


def report_row(actor: Actor, placement_id: int) -> Report | None:
    return db.session.scalar(reports(actor).where(Report.placement_id == placement_id))


def everything(actor: Actor) -> list[DiaryPage | Report]:
    """All that the student wrote here, sealed."""
    return [*db.session.scalars(rows(actor)), *db.session.scalars(reports(actor))]


def pages(actor: Actor) -> list[Page]:
    """Every page that the student wrote, by stage and day."""
    return [_opened(page) for page in db.session.scalars(rows(actor))]


def _opened(page: DiaryPage) -> Page:
    try:
        answers = sealing.unseal(page.sealed, page.student_id)
    except sealing.Unreadable:
        log.error("diary.unreadable", page=page.id)
        return Page(page.placement_id, page.number, {}, page.updated_at, is_lost=True)
    return Page(page.placement_id, page.number, answers, page.updated_at)


def report(actor: Actor, placement_id: int) -> dict[str, str]:
    """The parts of the student's report on this stage; empty when nothing is written, or when the key was lost."""
    found = report_row(actor, placement_id)
    if found is None:
        return {}
    try:
        return sealing.unseal(found.sealed, found.student_id)
    except sealing.Unreadable:
        log.error("report.unreadable", report=found.id)
        return {}


def overdue(today: date) -> list[DiaryPage | Report]:
    """What was written in school years whose diaries are to be forgotten by `today`. For the machine alone."""
    years = [
        campaign_id
        for campaign_id, school_year in db.session.execute(select(Campaign.id, Campaign.school_year))
        if today >= rules.year_forgotten_on(school_year)
    ]
    of_years = select(Placement.id).where(Placement.campaign_id.in_(years))
    return [
        *db.session.scalars(select(DiaryPage).where(DiaryPage.placement_id.in_(of_years))),
        *db.session.scalars(select(Report).where(Report.placement_id.in_(of_years))),
    ]

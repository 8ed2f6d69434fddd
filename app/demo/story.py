"""`flask demo story`: the campaign of 4e from its closed wishes to its certificates, by the verbs that people use.

The clock is set back to each moment (`clock.as_of`), so that dates, evidence and journal follow each other as in life.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app.agreements import versions
from app.agreements.models import Agreement
from app.agreements.services import preparing, watching
from app.agreements.states import PartyRole
from app.allocation import queries as allocation_queries
from app.allocation import services as allocation
from app.allocation.rules import Parameters
from app.campaigns import services as campaigns
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.demo import autumn, guests, loading, people, voices
from app.demo.autumn import Weeks
from app.feedback import rules as feedback_rules
from app.feedback import services as feedback
from app.feedback.rules import Again, Recommend, Skill, StudentDraft, TutorDraft
from app.kernel import clock
from app.kernel.database import db, transaction
from app.placements import hours
from app.placements import services as placements
from app.placements.finds import FindDraft
from app.placements.models import Placement
from app.placements.services import staging, visiting
from app.placements.stage_rules import FollowUpDraft
from app.placements.states import LIVE, Answer
from app.schools.models import SchoolClass, Student

_HEAD, _HOST, _GUARDIAN, _STUDENT, _TEACHER = (
    PartyRole.HEAD,
    PartyRole.HOST,
    PartyRole.GUARDIAN,
    PartyRole.STUDENT,
    PartyRole.TEACHER,
)
_ALL = (_HOST, _GUARDIAN, _STUDENT, _TEACHER, _HEAD)


def tell() -> bool:
    """Everything, once; False when it had been told already. Killed in the middle, it goes on where it stopped."""
    territory = loading.existing()
    if territory is None or not territory.is_demo:
        return False
    campaign = autumn.of_territory(territory.id)
    if campaign is None:
        with transaction():
            weeks = autumn.weeks_around(clock.today(), loading.is_stage_week)
            if not _can_be_written(weeks):
                return False
            with clock.as_of(_at(weeks.over, -54)):
                campaign = autumn.add(territory, weeks, now=clock.now())
    weeks = Weeks(*(week.monday for week in campaign.weeks))
    if campaign.phase is Phase.WISHES:
        with clock.as_of(_at(weeks.over, -40)):
            campaigns.change_phase(campaign.id, "close_wishes", by=guests.coordinator())
            _propose(campaign)
        db.session.expire_all()
    if campaign.phase not in {Phase.DECISIONS, Phase.PUBLISHED}:
        return False
    teller = _Teller(campaign, weeks)
    if campaign.phase is Phase.DECISIONS:
        with transaction():
            teller.prepare()
    with clock.as_of(_at(weeks.over, 5)):  # what the worker does each minute, in transactions of its own
        staging.follow_calendar()
        feedback.ask_tutors()
        with transaction():
            teller.look_back()
    staging.follow_calendar()
    watching.archive_signed()
    return True


def _can_be_written(weeks: Weeks) -> bool:
    """Whether there was a model of convention when these stages were prepared: none before the autumn of 2026."""
    try:
        versions.current("convention", weeks.over - timedelta(days=30))
    except versions.UnknownVersion:
        return False
    return True


def _at(monday: date, days: int, hour: int = 10) -> datetime:
    """So many days from a Monday; never in the future."""
    moment = datetime.combine(monday + timedelta(days=days), time(hour), tzinfo=clock.PARIS)
    return min(moment, clock.now() - timedelta(minutes=5))


def _propose(campaign: Campaign) -> None:
    run = allocation.start_run(campaign, Parameters(), f"demo-4e-{campaign.id}", by=guests.coordinator())
    allocation.execute(run.id)


@dataclass
class _Teller:
    campaign: Campaign
    weeks: Weeks
    _opened_at: Counter[datetime] = field(default_factory=Counter)

    def prepare(self) -> None:
        """From the proposals to the signatures."""
        over, coordinator = self.weeks.over, guests.coordinator()
        with clock.as_of(_at(over, -36)):
            run = allocation_queries.latest_done(self.campaign.id)
            assert run is not None
            allocation.approve_many([proposal.id for proposal in run.proposals], by=coordinator)
        with clock.as_of(_at(over, -34)):
            placements.publish(self.campaign.id, by=coordinator)
        self._signed_weeks()
        self._week_ahead(self._of(self.weeks.ahead))

    def _of(self, monday: date) -> list[Placement]:
        """The placements of a week, the shown collège first, families with an address before the others."""
        found = db.session.scalars(
            select(Placement)
            .join(Placement.student)
            .join(Student.school_class)
            .where(Placement.campaign_id == self.campaign.id, Placement.state.in_(LIVE))
            .order_by(SchoolClass.school_id, Student.last_name, Student.first_name)
        )
        return sorted(
            (row for row in found if row.slot.monday == monday),
            key=lambda row: (
                row.student.school_class.school.uai != autumn.SCHOOLS[0],
                not row.student.guardians[0].email,
            ),
        )

    def _signed_weeks(self) -> None:
        """The week that is over, and this one: everybody signed in time, but for one stage of this week."""
        late = self._of(self.weeks.now)[-1:]
        for row in [*self._of(self.weeks.over), *self._of(self.weeks.now)]:
            with clock.as_of(_at(self.weeks.over, -30)):
                voices.both_say_yes(row)
            signers = (_GUARDIAN, _STUDENT, _TEACHER) if row in late else _ALL
            self._signed(row, *signers, opened=_at(self.weeks.over, -20))
        for row in self._of(self.weeks.now)[:1]:
            with clock.as_of(_at(self.weeks.over, -6)):
                self._plan_visit(row)

    def _plan_visit(self, row: Placement) -> None:
        by = voices.teacher(row.student.school_class)
        assert by.user_id is not None
        visiting.plan(row, FollowUpDraft("visit", by.user_id, row.slot.monday + timedelta(days=3)), by=by)

    def _draft(self, row: Placement, at: datetime) -> Agreement:
        with clock.as_of(at):
            return preparing.prepare(row, by=voices.teacher(row.student.school_class))

    def _signed(self, row: Placement, *roles: PartyRole, opened: datetime) -> Agreement:
        """Prepared, its signatures opened, and given by these."""
        agreement = self._draft(row, opened - timedelta(days=3))
        with clock.as_of(opened):
            preparing.open_signatures(agreement, by=voices.head(agreement.school_id))
        # Three agreements a day, at ten, one and four: a head asks for one code after the other, never in a row.
        self._opened_at[opened] += 1
        day, turn = divmod(self._opened_at[opened] - 1, 3)
        return voices.sign(agreement, *roles, at=opened + timedelta(days=day, hours=3 * turn, minutes=10))

    def _week_ahead(self, rows: Sequence[Placement]) -> None:
        """One of each: what a coordinator, a head, a structure and a family still have to do."""
        steps: tuple[Callable[[Placement], object], ...] = (
            self._ready_for_the_head,
            self._ready_for_the_head,
            self._family_silent,
            self._draft_without_tutor,
            self._host_on_screen_family_on_paper,
            self._declined,
            self._ready_for_the_head,
            self._changed_after_signatures,
            self._complete,
            self._nobody_answered,
            self._host_silent,
            self._declined_then_found,
            self._lost_after_signatures,
        )
        for row, step in zip(rows, steps, strict=False):
            step(row)

    @property
    def _opened(self) -> datetime:
        return _at(self.weeks.over, -9)

    def _yes(self, row: Placement) -> None:
        with clock.as_of(_at(self.weeks.over, -28)):
            voices.both_say_yes(row)

    def _nobody_answered(self, _row: Placement) -> None:
        """Silence is an answer that somebody has to look for."""

    def _host_silent(self, row: Placement) -> None:
        with clock.as_of(_at(self.weeks.over, -31)):
            voices.family_says(row)

    def _family_silent(self, row: Placement) -> None:
        with clock.as_of(_at(self.weeks.over, -32)):
            voices.host_says(row)

    def _declined(self, row: Placement) -> None:
        with clock.as_of(_at(self.weeks.over, -3)):
            voices.host_says(row, Answer.NO, "Notre tuteur change d’équipe cette semaine-là.")

    def _declined_then_found(self, row: Placement) -> None:
        found, monday = row.student, row.slot.monday
        self._declined(row)
        with clock.as_of(_at(self.weeks.over, -1)):
            placements.find(found, _find(found, monday), by=voices.student(found))

    def _draft_without_tutor(self, row: Placement) -> None:
        self._yes(row)
        row.slot.offer.tutor_email = ""  # as the structure left it in its offer: nobody can reach the tutor
        self._draft(row, self._opened)

    def _host_on_screen_family_on_paper(self, row: Placement) -> None:
        self._yes(row)
        agreement = self._signed(row, _HOST, opened=self._opened)
        with clock.as_of(_at(self.weeks.over, -4)):
            voices.on_paper(voices.again(agreement), _GUARDIAN)

    def _ready_for_the_head(self, row: Placement) -> None:
        self._yes(row)
        self._signed(row, _HOST, _GUARDIAN, _STUDENT, _TEACHER, opened=self._opened)

    def _changed_after_signatures(self, row: Placement) -> None:
        self._yes(row)
        agreement = self._signed(row, _HOST, _GUARDIAN, opened=self._opened)
        with clock.as_of(_at(self.weeks.over, -2)):
            preparing.change_after_opening(
                voices.again(agreement),
                "pedagogy",
                {"supervision": "Une visite le mardi, et un appel le vendredi matin."},
                "Le jour de la visite a changé.",
                by=voices.head(agreement.school_id),
            )

    def _complete(self, row: Placement) -> None:
        self._yes(row)
        self._signed(row, *_ALL, opened=self._opened)

    def _lost_after_signatures(self, row: Placement) -> None:
        self._yes(row)
        self._signed(row, _HOST, _GUARDIAN, opened=self._opened)
        with clock.as_of(_at(self.weeks.over, -2)):
            placements.cancel(row.id, "La structure ferme pour travaux cette semaine-là.", by=guests.coordinator())
            watching.void_lost()

    def look_back(self) -> None:
        """Two stages are told from both sides, and attested; the campaign has begun."""
        campaigns.change_phase(self.campaign.id, "start", by=guests.coordinator())
        said = (
            ("J’ai aimé voir comment chacun aide les autres, et j’ai réparé une lampe.", 5, Recommend.YES),
            ("Le matin passait vite, l’après-midi un peu moins. J’ai appris à parler aux clients.", 4, Recommend.MAYBE),
        )
        for row, (words, fit, recommend) in zip(self._of(self.weeks.over), said, strict=False):
            things = tuple(feedback_rules.THINGS)[fit - 4 : fit]
            feedback.answer(row, StudentDraft(fit, things, words, recommend), by=voices.student(row.student))
            seen = dict.fromkeys(Skill, 3) | {Skill.COMMUNICATE: fit - 2}
            draft = TutorDraft(seen, "Une belle curiosité du premier au dernier jour.", Again.YES, "")
            feedback.answer_as_tutor(row, draft, by=voices.host(row))
            tutor = row.slot.offer
            present = frozenset(hours.of(row).dates)
            feedback.issue(
                row, feedback.CertificateDraft(present, tutor.tutor_name, tutor.tutor_role), by=voices.host(row)
            )


def _find(student: Student, monday: date) -> FindDraft:
    """A bakery of the family's street: not of the social economy, which does not matter."""
    commune = student.school_class.school.commune
    return FindDraft(
        structure="Boulangerie du Beffroi",
        siret="",
        address="14 rue du Beffroi",
        commune_id=commune.id,
        contact_name=" ".join(people.Cast("find").person()),
        contact_phone="03 53 01 62 99",
        contact_email="",
        monday=monday,
        days=("mon", "tue", "thu", "fri"),
        starts_at=time(9),
        lunch_starts_at=time(12),
        lunch_ends_at=time(13),
        ends_at=time(15, 30),
        work="Je verrai la vente et la vitrine, et comment on prépare les commandes du lendemain.",
        request_key="demo-find",
    )

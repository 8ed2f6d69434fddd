"""What decisions teach the matcher: a study proposes other weights, a person puts them in service or takes them out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import gateway, queries
from app.allocation.models import FitFeedback, MatcherWeights, Motive
from app.allocation.rules import Parameters
from app.allocation.states import WEIGHTS, WeightsState
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import db, locked, reading, release, transaction
from app.kernel.errors import Conflict, Hidden, Invalid
from app.kernel.jobs import enqueue, jobs
from app.offers.models import PlacementOffer
from app.schools.models import Student

SILENCE = timedelta(minutes=10)
_GOOD, _BAD = 4, 2  # a stage said to fit from 4 is an approval, up to 2 a refusal; 3 says nothing


def study(campaign: Campaign, request_key: str, *, by: Actor) -> MatcherWeights:
    """Queue a study of the campaign's decisions. The same `request_key` again is the same study."""
    by.demand(Permission.MATCHER_TUNE, campaign)
    try:
        with transaction():
            found = queries.study_by_key(request_key)
            if found is not None:
                by.demand(Permission.MATCHER_TUNE, found)
                return found
            last = queries.last_study(campaign.territory_id)
            if last is not None and last.state is WeightsState.STUDYING:
                return last
            made = MatcherWeights(
                territory_id=campaign.territory_id,
                campaign_id=campaign.id,
                version=queries.last_version(campaign.territory_id) + 1,
                request_key=request_key,
                by_id=by.user_id,
            )
            db.session.add(made)
            db.session.flush()
            audit.record("weights.study", made, by=by, to_state=made.state, version=made.version)
            enqueue(learn, made.id)
            return made
    except IntegrityError as error:  # two people at the same instant
        raise Conflict(_("Une étude vient d’être lancée. Rechargez la page.")) from error


@jobs.task
def learn(study_id: int) -> None:
    """Study the decisions and store what comes of it. Does nothing when the study is already over."""
    with reading():
        row = db.session.get(MatcherWeights, study_id)
        if row is None or row.state is not WeightsState.STUDYING:
            return
        current = queries.weights_in_use(row.territory_id)
        base = dict(current.weights) if current else {}
        problem = queries.market(row.campaign, Parameters(stable=False), weights=base)
        decisions = _decisions(problem, row.campaign_id)
        release()
    try:
        lesson = gateway.learn(problem, decisions, _progress(study_id))
    except Exception as error:
        _end(study_id, "fail", {}, {"code": "failed", "error": type(error).__name__})
        raise
    action = "propose" if lesson.released and lesson.changes else "hold"
    _end(study_id, action, {**base, **gateway.weights_of(lesson)}, _told(lesson))


@jobs.every_minute
def resume() -> None:
    """Hand out again the studies that a lost worker left."""
    for row in queries.unfinished_studies(clock.now() - SILENCE):
        learn(row.id)


def _decisions(problem: gateway.Problem, campaign_id: int) -> list[gateway.Decision]:
    """Approvals, refusals with their motive, and feedback, about the students and offers of `problem`."""
    pupils = {pupil.id: pupil for pupil in problem.pupils}
    found = []
    for made in queries.decisions_made(campaign_id):
        pupil = pupils.get(str(made.student_id))
        if pupil is not None:
            reason = "" if made.approved else str(made.motive or Motive.OTHER)
            found.append(_decision(pupil, str(made.offer_id), made.approved, reason, "coordinator"))
    for said in queries.feedback_of(campaign_id):
        pupil = pupils.get(str(said.student_id))
        if pupil is not None and (said.fit >= _GOOD or said.fit <= _BAD):
            liked = said.fit >= _GOOD
            found.append(_decision(pupil, str(said.offer_id), liked, "" if liked else "disliked", "feedback"))
    return found


def _decision(pupil: gateway.Pupil, offer: str, approved: bool, reason: str, source: str) -> gateway.Decision:
    group, wished = pupil.groups.get("rep", ""), offer in pupil.wishes
    return gateway.Decision(pupil, offer, approved, reason, source, group, wished=wished)


def _progress(study_id: int) -> Callable[[float], None]:
    def tell(share: float) -> None:
        with transaction() as session:
            session.execute(
                update(MatcherWeights).where(MatcherWeights.id == study_id).values(progress=round(100 * share))
            )

    return tell


def _told(lesson: gateway.Lesson) -> dict[str, Any]:
    return {
        "code": lesson.code,
        "before": gateway.plain(lesson.before),
        "after": gateway.plain(lesson.after),
        "changes": {channel: list(pair) for channel, pair in sorted(lesson.changes.items())},
        "used": lesson.used,
        "left_out": gateway.plain(lesson.left_out),
        "selection": gateway.plain(lesson.selection),
    }


def _end(study_id: int, action: str, weights: dict[str, float], lesson: dict[str, Any]) -> None:
    with transaction():
        row = locked(MatcherWeights, study_id)
        if row is None or row.state is not WeightsState.STUDYING:
            return
        row.weights, row.lesson, row.progress = weights, lesson, 100
        _move(row, action, by=None, used=int(lesson.get("used", 0)))


def put_in_service(campaign: Campaign, version: int, *, by: Actor) -> MatcherWeights:
    """Every later run uses this version. The one in service is retired, and may come back the same way.

    Raises `Hidden` for an unknown version, `IllegalTransition` when the study held it back.
    """
    by.demand(Permission.MATCHER_TUNE, campaign)
    with transaction():
        row = _version(campaign.territory_id, version)
        if row.state is WeightsState.IN_USE:
            return row
        WEIGHTS.step(row.state, "release")
        current = queries.weights_in_use(campaign.territory_id)
        if current is not None:
            _retire(current, by=by)
        _move(row, "release", by=by)
        row.released_at, row.released_by_id = clock.now(), by.user_id
        return row


def take_out(campaign: Campaign, version: int, *, by: Actor) -> MatcherWeights:
    """Go back to the weights written by hand. Quiet when this version is out of service already."""
    by.demand(Permission.MATCHER_TUNE, campaign)
    with transaction():
        row = _version(campaign.territory_id, version)
        if row.state is not WeightsState.RETIRED:
            _retire(row, by=by)
        return row


def _version(territory_id: int, version: int) -> MatcherWeights:
    row = queries.version_of(territory_id, version)
    found = locked(MatcherWeights, row.id) if row else None
    if found is None:
        raise Hidden(_("Ces réglages n’existent pas."))
    return found


def _retire(row: MatcherWeights, *, by: Actor) -> None:
    _move(row, "retire", by=by)
    db.session.flush()


def _move(row: MatcherWeights, action: str, *, by: Actor | None, used: int | None = None) -> None:
    before, row.state = row.state, WEIGHTS.step(row.state, action).target
    audit.record(f"weights.{action}", row, by=by, from_state=before, to_state=row.state, version=row.version, used=used)


def record_feedback(student: Student, offer: PlacementOffer, fit: int, *, by: Actor) -> FitFeedback:
    """Keep how well the stage suited, from 1 to 5; said again by the same person, it replaces what was said.

    For the student concerned, or the structure that received them. Raises `Invalid` outside 1 to 5, `Forbidden`.
    """
    if not 1 <= fit <= 5:
        raise Invalid(_("Choisissez une réponse de 1 à 5."), {"fit": _("Choisissez une réponse de 1 à 5.")})
    with transaction():
        wanted = FitFeedback(student_id=student.id, offer_id=offer.id, fit=fit, by_id=by.user_id)
        found = queries.feedback_by(student.id, offer.id, by.user_id)
        row = found or wanted
        row.student, row.offer = student, offer
        by.demand(Permission.FEEDBACK_GIVE, row)
        if found is not None and found.fit == fit:
            return found
        row.fit, row.at = fit, clock.now()
        db.session.add(row)
        audit.record("feedback.fit", row, by=by, student=student.id, offer=offer.id)
        return row

"""What a student and a tutor say of a stage. Said again within two weeks, it replaces what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.allocation import services as allocation
from app.audit import services as audit
from app.feedback import rules
from app.feedback.models import StudentFeedback, TutorFeedback
from app.feedback.queries import days, stages, welcoming
from app.feedback.rules import Again, Skill, StudentDraft, TutorDraft
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.discretion import scan
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.placements.models import Placement
from app.web.wording import topics


def answer(placement: Placement, draft: StudentDraft, *, by: Actor) -> StudentFeedback:
    """Keep the student's answers; the same ones sent twice change nothing.

    Raises `Invalid` (also once for words on health or names, until reread), `Conflict` before the last day and after
    the two weeks.
    """
    with transaction():
        row = _open_stage(placement, by, Role.STUDENT)
        feedback = stages.student_feedback(row.id)
        _demand_editable(feedback.given_at if feedback else None)
        _check_student(row, draft)
        said = {
            "fit": draft.fit,
            "discovered": list(draft.discovered),
            "words": draft.words,
            "recommend": draft.recommend,
        }
        feedback = _keep(row, feedback or StudentFeedback(), said, "feedback.student", by)
        allocation.record_feedback(row.student, row.slot.offer, feedback.fit, by=by)  # learnt from next time
        return feedback


def answer_as_tutor(placement: Placement, draft: TutorDraft, *, by: Actor) -> TutorFeedback:
    """Keep what the host saw and whether it would host again; as `answer`."""
    with transaction():
        row = _open_stage(placement, by, Role.HOST)
        feedback = stages.tutor_feedback(row.id)
        _demand_editable(feedback.given_at if feedback else None)
        _check_tutor(row, draft)
        said = {
            **{skill.value: level or None for skill, level in draft.skills.items()},
            "encouragement": draft.encouragement,
            "again": draft.again,
            "why": draft.why,
        }
        return _keep(row, feedback or TutorFeedback(), said, "feedback.tutor", by)


Feedback = TypeVar("Feedback", StudentFeedback, TutorFeedback)


def _keep(placement: Placement, feedback: Feedback, said: Mapping[str, object], verb: str, by: Actor) -> Feedback:
    """What was said, kept for the first time or said anew; the same words twice change nothing."""
    is_new = feedback.id is None
    if not is_new and all(getattr(feedback, name) == value for name, value in said.items()):
        return feedback
    for name, value in said.items():
        setattr(feedback, name, value)
    if is_new:
        feedback.territory_id, feedback.placement = placement.territory_id, placement
        db.session.add(feedback)
    else:
        feedback.updated_at = clock.now()
    audit.record(verb if is_new else f"{verb}_changed", placement, by=by)
    return feedback


def _open_stage(placement: Placement, by: Actor, role: Role) -> Placement:
    by.demand(Permission.FEEDBACK_GIVE, placement)
    if by.role is not role:
        raise Forbidden(_("Vous n’avez pas le droit de faire cela."))
    row = locked(Placement, placement.id)
    if row is None:
        raise Hidden(_("Ce stage n’existe plus."))
    if not rules.is_open(row.state, days.last_day(row), clock.today()):
        if role is Role.STUDENT:
            raise Conflict(_("Ton avis s’ouvre le dernier jour du stage."))
        raise Conflict(_("Votre avis s’ouvre le dernier jour du stage."))
    return row


def _demand_editable(given_at: datetime | None) -> None:
    if not rules.is_editable(given_at, clock.now()):
        raise Conflict(_("Cet avis date de plus de deux semaines : il ne change plus."))


def _check_student(placement: Placement, draft: StudentDraft) -> None:
    """All that is missing, at once; each sentence says what to do."""
    problems: dict[str, str] = {}
    if draft.fit not in rules.FIT:
        problems["fit"] = _("Choisis une réponse.")
    known = set(rules.THINGS) | {rules.JOB + code for code in placement.slot.offer.occupations}
    chosen = [thing for thing in draft.discovered if thing in known]
    if len(chosen) != len(draft.discovered) or len(set(chosen)) != len(chosen):
        problems["discovered"] = _("Choisis parmi les réponses de la page.")
    elif not rules.FEWEST_THINGS <= len(chosen) <= rules.MOST_THINGS:
        problems["discovered"] = _(
            "Coche entre %(least)s et %(most)s découvertes.", least=rules.FEWEST_THINGS, most=rules.MOST_THINGS
        )
    if len(draft.words) > rules.MAX_WORDS:
        problems["words"] = _("Écris %(n)s signes au plus.", n=rules.MAX_WORDS)
    elif not draft.reread:
        found = scan(draft.words, welcoming.names_around(placement))
        if found.private:
            problems["words"] = _(
                "Ta phrase parle peut-être %(topics)s (%(words)s). Ton avis est lu par des adultes : enlève ce mot "
                "s’il parle de toi ou de quelqu’un.",
                topics=topics(found),
                words=", ".join(found.private),
            )
        elif found.names:
            problems["words"] = _(
                "Ta phrase donne un nom (%(words)s). Écris plutôt « mon tuteur » ou « une collègue ».",
                words=", ".join(found.names),
            )
    if draft.recommend is None:
        problems["recommend"] = _("Choisis une réponse.")
    if problems:
        raise Invalid(_("Il manque quelque chose à ton avis."), problems)


def _check_tutor(placement: Placement, draft: TutorDraft) -> None:
    problems: dict[str, str] = {}
    for skill in Skill:
        if draft.skills.get(skill) not in rules.LEVELS:
            problems[skill.value] = _("Choisissez une réponse, ou « je n’ai pas pu le voir ».")
    for name, text in (("encouragement", draft.encouragement), ("why", draft.why)):
        if len(text) > rules.MAX_WORDS:
            problems[name] = _("Écrivez %(n)s signes au plus.", n=rules.MAX_WORDS)
        elif not draft.reread:
            found = scan(text)
            if found.private:
                problems[name] = _(
                    "Votre phrase parle peut-être %(topics)s (%(words)s). Rien ici ne doit le dire d’un élève : "
                    "enlevez ce mot s’il le fait.",
                    topics=topics(found),
                    words=", ".join(found.private),
                )
    if draft.again is None:
        problems["again"] = _("Choisissez une réponse.")
    elif draft.again is Again.NO and not draft.why:
        problems["why"] = _("Dites en quelques mots ce qui aiderait : la coordination vous lira.")
    if problems:
        raise Invalid(_("Il manque quelque chose à votre avis."), problems)

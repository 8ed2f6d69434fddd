"""What staff see: their classes, one class at a glance, one student's file."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission, Role
from app.campaigns import rules as campaign_rules
from app.kernel import clock
from app.occupations import reference
from app.schools import queries as school_queries
from app.wishes import outcome, queries, services
from app.wishes.rules import STANDING_TONES, STANDING_WORDS, TRAVEL, Progress, Standing, counts
from app.wishes.views.blueprint import bp


@bp.get("/mes-classes")
@requires(Permission.CLASS_VIEW)
def classes() -> ResponseReturnValue:
    """Every class the actor follows, with how far each has come, and the schools they work in."""
    actor = current_actor()
    campaign = g.get("campaign")
    found = queries.classes(actor, campaign) if campaign else []
    by_class: dict[int, list[Progress]] = {school_class.id: [] for school_class in found}
    for line in queries.progress(list(by_class)) if found else []:
        by_class[line.class_id].append(line)
    schools = school_queries.schools(actor)
    return render_template(
        "wishes/classes.html",
        schools=schools,
        weeks=school_queries.weeks([s.id for s in schools], campaign.id) if campaign else {},
        classes=found,
        counts={class_id: counts(lines) for class_id, lines in by_class.items()},
        sizes={class_id: len(lines) for class_id, lines in by_class.items()},
        may_choose_weeks=actor.may(Permission.SCHOOL_WEEKS),
        sentence=campaign_rules.phase_sentence(actor.role, campaign.phase) if campaign else None,
        deadline=campaign_rules.phase_deadline(campaign) if campaign else None,
    )


@bp.get("/classes/<int:class_id>")
@requires(Permission.CLASS_VIEW)
def school_class(class_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = school_queries.visible_class(actor, class_id)
    lines = queries.progress([class_id])
    wanted = request.args.get("etat", "")
    shown = [line for line in lines if line.standing == wanted] if wanted in set(Standing) else lines
    return render_template(
        "wishes/school_class.html",
        school_class=found,
        lines=lines,
        shown=shown,
        wanted=wanted if wanted in set(Standing) else "",
        counts=counts(lines),
        words=STANDING_WORDS,
        tones=STANDING_TONES,
        may_manage=actor.can(Permission.CLASS_MANAGE, found),
        may_type=actor.can(Permission.WISH_EDIT, found) and actor.role is Role.TEACHER,
        wishes_open=campaign_rules.wishes_open(found.campaign, clock.today()),
    )


@bp.get("/eleves/<int:student_id>")
@requires(Permission.CLASS_VIEW)
def student(student_id: int) -> ResponseReturnValue:
    """The student's file, for staff."""
    actor = current_actor()
    found = school_queries.visible_student(actor, student_id)
    profile = queries.profile_of(student_id)
    wish_list = queries.wish_list_of(student_id)
    return render_template(
        "wishes/student.html",
        student=found,
        profile=profile,
        wish_list=wish_list,
        slot=outcome.of([student_id]).get(student_id),
        interests=[reference.interests()[code] for code in profile.interests if code in reference.interests()]
        if profile
        else [],
        likes=_conditions(profile.likes if profile else ()),
        avoids=_conditions(profile.avoids if profile else ()),
        travel=TRAVEL,
        may_manage=actor.can(Permission.STUDENT_MANAGE, found),
        may_type=actor.can(Permission.WISH_EDIT, found),
        is_untouched=(profile is None or profile.is_empty) and not (wish_list and wish_list.wishes),
    )


def _conditions(codes: Iterable[str]) -> list[reference.Condition]:
    known = reference.conditions()
    return [known[code] for code in codes if code in known]


@bp.post("/eleves/<int:student_id>/retirer")
@requires(Permission.STUDENT_MANAGE)
def remove_student(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = school_queries.visible_student(actor, student_id)
    class_id, name = found.class_id, found.full_name
    services.remove_student(found, by=actor)
    flash(_("%(name)s n’est plus dans la classe.", name=name), "success")
    return redirect(url_for("wishes.school_class", class_id=class_id), 303)

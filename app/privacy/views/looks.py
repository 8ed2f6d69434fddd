"""Who looked at whose file: read by the school's head and by the coordination."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, optional_actor, requires
from app.access.policy import Permission, Role
from app.kernel.errors import Hidden
from app.privacy.looks_rules import PAGES, ROLES
from app.privacy.queries import looks
from app.privacy.views.blueprint import bp
from app.schools.models import School, Student


@bp.get("/colleges/<int:school_id>/consultations")
@requires(Permission.LOOK_VIEW)
def looks_of_school(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = looks.visible_school(actor, school_id)
    if school is None:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    return _page(actor, school=school)


@bp.get("/eleves/<int:student_id>/consultations")
@requires(Permission.LOOK_VIEW)
def looks_of_student(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = looks.visible_student(actor, student_id)
    if student is None:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    return _page(actor, student=student)


def _page(actor: Actor, school: School | None = None, student: Student | None = None) -> str:
    wanted = request.args.get("qui", "")
    role = Role(wanted) if wanted in {role.value for role in ROLES} else None
    found = looks.page_of(
        actor,
        request.args.get("page", 1, type=int),
        school_id=school.id if school else None,
        student_id=student.id if student else None,
        role=role,
    )
    return render_template(
        "privacy/looks.html",
        school=school,
        student=student,
        pagination=found,
        hosts=looks.host_names(found.items),
        role=role,
        roles=ROLES,
        pages=PAGES,
        endpoint=request.endpoint,
        kept={"school_id": school.id} if school else {"student_id": student.id} if student else {},
    )


def of_school(school: School) -> str:
    """The link which the page of a school shows to who may follow it."""
    actor = optional_actor()
    if actor is None or not actor.can(Permission.LOOK_VIEW, school):
        return ""
    return render_template(
        "privacy/_looks_link.html", school=school, may_open=actor.can(Permission.ARCHIVE_OPEN, school)
    )


def of_student(student: Student) -> str:
    """As `of_school`, on a student's sheet."""
    actor = optional_actor()
    if actor is None or not actor.can(Permission.LOOK_VIEW, student):
        return ""
    return render_template(
        "privacy/_looks_link.html", student=student, may_hold=actor.can(Permission.RETENTION_HOLD, student)
    )

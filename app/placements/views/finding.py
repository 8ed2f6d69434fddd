"""« J’ai trouvé moi-même » : typed by the student or the teacher, verified by the coordinator."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission, Role
from app.kernel.errors import Hidden, Invalid
from app.placements import queries, services
from app.placements.forms import FindForm, ReasonForm
from app.placements.views.blueprint import bp
from app.placements.views.following import decide
from app.schools import queries as school_queries
from app.schools.models import Student
from app.web.wording import week


def _form(student: Student) -> FindForm:
    form = FindForm()
    standing = [row.slot.monday for row in queries.of_student(current_actor(), student.id) if row.is_live]
    if standing:  # a second structure of the same week
        form.monday.choices = [(standing[0].isoformat(), week(standing[0]))]
    else:
        form.monday.choices = [("", _("Choisir…")), *((m.isoformat(), week(m)) for m in services.weeks_of(student))]
    communes = student.school_class.campaign.territory.communes
    form.commune_id.choices = [("", _("Choisir…")), *((str(c.id), c.name) for c in communes)]
    return form


def _own() -> Student:
    actor = current_actor()
    if actor.student_id is None:
        raise Hidden(_("Cette page est celle des élèves. Ouvrez la fiche d’un élève pour saisir à sa place."))
    return school_queries.visible_student(actor, actor.student_id)


def _page(student: Student, form: FindForm) -> str:
    standing = next(iter(queries.of_student(current_actor(), student.id)), None)
    return render_template(
        "placements/find.html",
        student=student,
        form=form,
        standing=standing,
        beside=standing is not None and standing.is_live and current_actor().role is not Role.STUDENT,
    )


@bp.get("/trouve")
@requires(Permission.PLACEMENT_FIND)
def find() -> ResponseReturnValue:
    student = _own()
    return _page(student, _form(student))


@bp.post("/trouve")
@requires(Permission.PLACEMENT_FIND)
def send_find() -> ResponseReturnValue:
    return _send(_own())


@bp.get("/eleves/<int:student_id>/trouve")
@requires(Permission.PLACEMENT_FIND)
def find_for(student_id: int) -> ResponseReturnValue:
    student = school_queries.visible_student(current_actor(), student_id)
    return _page(student, _form(student))


@bp.post("/eleves/<int:student_id>/trouve")
@requires(Permission.PLACEMENT_FIND)
def send_find_for(student_id: int) -> ResponseReturnValue:
    return _send(school_queries.visible_student(current_actor(), student_id))


def _send(student: Student) -> ResponseReturnValue:
    actor = current_actor()
    form = _form(student)
    if form.validate():
        try:
            placement = services.find(student, form.to_draft(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            if actor.role is Role.STUDENT:
                flash(_("C’est envoyé. La coordination vérifie, puis te répond."), "success")
                return redirect(url_for("placements.student_sheet"), 303)
            flash(_("C’est noté. La coordination vérifie."), "success")
            return redirect(url_for("placements.show", placement_id=placement.id), 303)
    return _page(student, form), 422


@bp.post("/stages/<int:placement_id>/verifier")
@requires(Permission.PLACEMENT_VERIFY)
def verify(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    placement = queries.visible_placement(actor, placement_id)
    services.verify(placement.id, by=actor)
    flash(_("Ce stage est vérifié. La structure et la famille sont prévenues."), "success")
    return redirect(url_for("placements.show", placement_id=placement.id), 303)


@bp.post("/stages/<int:placement_id>/ecarter")
@requires(Permission.PLACEMENT_VERIFY)
def reject(placement_id: int) -> ResponseReturnValue:
    def act(form: ReasonForm, actor: Actor) -> str:
        services.reject(placement_id, form.reason.data or "", by=actor)
        flash(_("Ce stage est écarté. L’élève et ses professeurs le savent."), "success")
        return url_for("placements.index")

    return decide(placement_id, "reject", act)


@bp.post("/stages/<int:placement_id>/meme-structure")
@requires(Permission.PLACEMENT_VERIFY)
def merge(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    placement = queries.visible_placement(actor, placement_id)
    services.merge(placement.id, request.form.get("organization_id", 0, type=int), by=actor)
    flash(_("C’est noté : c’est la même structure."), "success")
    return redirect(url_for("placements.show", placement_id=placement.id), 303)

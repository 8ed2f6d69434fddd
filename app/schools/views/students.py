"""One student on the register: names and guardians."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel.errors import Invalid
from app.schools import queries, services
from app.schools.forms import StudentForm
from app.schools.views.blueprint import bp


@bp.route("/eleves/<int:student_id>/modifier", methods=["GET", "POST"])
@requires(Permission.STUDENT_MANAGE)
def edit_student(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = queries.visible_student(actor, student_id)
    form = StudentForm.over(student)
    if form.validate_on_submit():
        try:
            services.update_student(student, form.to_file(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("La fiche de %(name)s est à jour.", name=student.first_name), "success")
            return redirect(url_for("wishes.student", student_id=student.id), 303)
    return render_template("schools/student_form.html", form=form, student=student), 422 if form.errors else 200

"""Classes: making one, adding its students from a list, printing access cards."""

from __future__ import annotations

import segno
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel.errors import Invalid
from app.messaging.rendering import page_url
from app.schools import queries, services
from app.schools.forms import ClassForm, PasteForm, PreviewedStudents
from app.schools.models import SchoolClass
from app.schools.rules import grouped, homonyms, read_names
from app.schools.services import Card
from app.schools.views.blueprint import bp, current_campaign, to_class


@bp.route("/colleges/<int:school_id>/classes/nouvelle", methods=["GET", "POST"])
@requires(Permission.CLASS_CREATE)
def new_class(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    campaign = current_campaign()
    form = ClassForm.over(campaign, queries.staff(school))
    if form.validate_on_submit():
        try:
            school_class = services.create_class(school, campaign, form.to_draft(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("La classe %(name)s est créée. Ajoutez maintenant ses élèves.", name=school_class.name), "success")
            return redirect(url_for("schools.add_students", class_id=school_class.id), 303)
    page = render_template("schools/class_form.html", form=form, school=school, school_class=None)
    return page, 422 if form.errors else 200


@bp.route("/classes/<int:class_id>/modifier", methods=["GET", "POST"])
@requires(Permission.CLASS_MANAGE)
def edit_class(class_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school_class = queries.visible_class(actor, class_id)
    form = ClassForm.over(school_class.campaign, queries.staff(school_class.school), school_class)
    if form.validate_on_submit():
        try:
            services.update_class(school_class, form.to_draft(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Les modifications sont enregistrées."), "success")
            return to_class(class_id)
    page = render_template("schools/class_form.html", form=form, school=school_class.school, school_class=school_class)
    return page, 422 if form.errors else 200


@bp.post("/classes/<int:class_id>/supprimer")
@requires(Permission.CLASS_MANAGE)
def remove_class(class_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school_class = queries.visible_class(actor, class_id)
    school_id = school_class.school_id
    services.remove_class(school_class, by=actor)
    flash(_("La classe est supprimée."), "success")
    return redirect(url_for("schools.show", school_id=school_id), 303)


@bp.route("/classes/<int:class_id>/eleves", methods=["GET", "POST"])
@requires(Permission.CLASS_MANAGE)
def add_students(class_id: int) -> ResponseReturnValue:
    """The list as it was pasted, then what was understood of it."""
    school_class = queries.visible_class(current_actor(), class_id)
    form = PasteForm()
    if form.validate_on_submit() and request.form.get("step") != "back":
        rows, unread = read_names(form.names.data)
        seen = homonyms(rows, queries.name_keys(class_id))
        return render_template(
            "schools/students_preview.html",
            school_class=school_class,
            rows=[
                {
                    "last_name": row.last_name,
                    "first_name": row.first_name,
                    "guessed": row.guessed,
                    "homonyms": count,
                    "kept": count == 0,
                    "problem": None,
                }
                for row, count in zip(rows, seen, strict=True)
            ],
            unread=unread,
            names=form.names.data,
        )
    page = render_template("schools/students_paste.html", form=form, school_class=school_class)
    return page, 422 if form.errors and request.form.get("step") != "back" else 200


@bp.post("/classes/<int:class_id>/eleves/confirmer")
@requires(Permission.CLASS_MANAGE)
def confirm_students(class_id: int) -> ResponseReturnValue:
    """Answers with the cards themselves, not with a redirection: their codes exist nowhere else to be fetched from."""
    actor = current_actor()
    school_class = queries.visible_class(actor, class_id)
    preview = PreviewedStudents(request.form)
    if not preview.is_valid or not preview.wanted:
        page = render_template(
            "schools/students_preview.html",
            school_class=school_class,
            rows=[
                {
                    "last_name": draft.last_name,
                    "first_name": draft.first_name,
                    "guessed": False,
                    "homonyms": draft.homonyms_seen,
                    "kept": kept,
                    "problem": problem,
                }
                for draft, kept, problem in preview.rows
            ],
            unread=[],
            names=request.form.get("names", "")[:8000],
            nobody=not preview.wanted,
        )
        return page, 422
    cards = services.add_students(school_class, preview.wanted, by=actor)
    left_out = len(preview.wanted) - len(cards)
    if not cards:
        flash(_("Ces élèves étaient déjà dans la classe. Pour de nouvelles cartes, choisissez « Refaire les cartes »."))
        return to_class(class_id)
    notes = [
        ngettext(
            "%(num)s élève est dans la classe %(name)s.",
            "%(num)s élèves sont dans la classe %(name)s.",
            len(cards),
            name=school_class.name,
        )
    ]
    if left_out:
        notes.append(
            ngettext(
                "%(num)s ligne n’a rien ajouté : l’élève y était déjà.",
                "%(num)s lignes n’ont rien ajouté : ces élèves y étaient déjà.",
                left_out,
            )
        )
    return _printed(school_class, cards, notes)


@bp.route("/classes/<int:class_id>/cartes", methods=["GET", "POST"])
@requires(Permission.CLASS_MANAGE)
def reissue_class(class_id: int) -> ResponseReturnValue:
    """New cards for a whole class, or for those who never signed in; asked for twice because old cards stop working."""
    actor = current_actor()
    school_class = queries.visible_class(actor, class_id)
    students = queries.students(school_class)
    unused = [s for s in students if s.user.last_seen_at is None]
    if request.method == "GET" or not students:
        return render_template(
            "schools/cards_confirm.html", school_class=school_class, student=None, students=students, unused=unused
        )
    chosen = unused if request.form.get("only") == "unused" else students
    return _printed(school_class, services.reissue_cards(chosen, by=actor), [])


@bp.route("/eleves/<int:student_id>/carte", methods=["GET", "POST"])
@requires(Permission.STUDENT_MANAGE)
def reissue_student(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = queries.visible_student(actor, student_id)
    if request.method == "GET":
        return render_template(
            "schools/cards_confirm.html", school_class=student.school_class, student=student, students=[student]
        )
    return _printed(student.school_class, services.reissue_cards([student], by=actor), [])


def _printed(school_class: SchoolClass, cards: list[Card], notes: list[str]) -> str:
    url = page_url("accounts.sign_in", classe=school_class.code)
    return render_template(
        "schools/cards.html",
        school_class=school_class,
        cards=cards,
        notes=notes,
        qr=segno.make(url, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff"),
        address=page_url("accounts.sign_in").split("://", 1)[1],
        grouped=grouped,
        back_url=url_for("wishes.school_class", class_id=school_class.id),
    )

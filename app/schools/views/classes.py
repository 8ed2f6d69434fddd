"""Classes: making one, adding its students from a list."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel.errors import Invalid
from app.schools import queries, services
from app.schools.forms import ClassForm, PasteForm, PreviewedStudents
from app.schools.rules import homonyms, read_names
from app.schools.views.blueprint import bp, current_campaign, to_class
from app.schools.views.cards import shown_once


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
    return shown_once(school_class, cards, notes)

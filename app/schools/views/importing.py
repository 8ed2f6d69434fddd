"""A class list from a file: drop it, look at what was understood, confirm, print the cards."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel.errors import Invalid
from app.kernel.tabular import MAX_BYTES
from app.schools import queries
from app.schools.forms import ClassOfListForm, RosterForm
from app.schools.models import RosterImport
from app.schools.services import importing
from app.schools.views.blueprint import bp, current_campaign, to_school


@bp.url_value_preprocessor
def _let_lists_in(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Before anything reads the form: a school's list is heavier than what other pages accept."""
    if endpoint == "schools.drop_roster":
        request.max_content_length = 2 * MAX_BYTES + 1024 * 1024


@bp.route("/colleges/<int:school_id>/liste", methods=["GET", "POST"])
@requires(Permission.CLASS_CREATE)
def drop_roster(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    campaign = current_campaign()
    form = RosterForm()
    if form.validate_on_submit():
        try:
            row = importing.drop(school, campaign, form.to_files(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            return redirect(url_for("schools.preview_roster", import_id=row.id), 303)
    page = render_template("schools/roster_drop.html", form=form, school=school, most=MAX_BYTES // 1024**2)
    return page, 422 if form.errors else 200


@bp.get("/listes/modele.csv")
@requires(Permission.CLASS_CREATE)
def model_roster() -> ResponseReturnValue:
    """An empty list in our own columns, for schools whose software exports nothing."""
    headings = [
        "Nom",
        "Prénom",
        "Date de naissance",
        "Classe",
        *(f"Responsable {n} {what}" for n in (1, 2) for what in ("nom", "prénom", "e-mail", "téléphone")),
    ]
    return (
        "\ufeff" + ";".join(headings) + "\r\n",
        200,
        {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="modele-liste-de-classe.csv"',
        },
    )


@bp.get("/listes/<int:import_id>")
@requires(Permission.CLASS_CREATE)
def preview_roster(import_id: int) -> ResponseReturnValue:
    return _preview(queries.pending_import(current_actor(), import_id), ClassOfListForm())


def _preview(row: RosterImport, form: ClassOfListForm) -> ResponseReturnValue:
    page = render_template(
        "schools/roster_preview.html",
        row=row,
        school=row.school,
        roster=importing.roster_of(row),
        plan=importing.plan(row, by=current_actor()),
        form=form,
    )
    return page, 422 if form.errors else 200


@bp.post("/listes/<int:import_id>/classe")
@requires(Permission.CLASS_CREATE)
def put_roster_in(import_id: int) -> ResponseReturnValue:
    """The class of a list that names none."""
    actor = current_actor()
    row = queries.pending_import(actor, import_id)
    form = ClassOfListForm()
    if form.validate_on_submit():
        try:
            importing.put_in(row, form.into.data or "", by=actor)
        except Invalid as error:
            form.take(error)
        else:
            return redirect(url_for("schools.preview_roster", import_id=row.id), 303)
    return _preview(row, form)


@bp.post("/listes/<int:import_id>")
@requires(Permission.CLASS_CREATE)
def apply_roster(import_id: int) -> ResponseReturnValue:
    actor = current_actor()
    row = queries.pending_import(actor, import_id)
    school_id = row.school_id
    if request.form.get("step") == "abandon":
        importing.abandon(row, by=actor)
        flash(_("La liste est oubliée : rien n’a changé."), "info")
        return to_school(school_id)
    ticked = {int(value) for value in request.form.getlist("leaver") if value.isascii() and value.isdigit()}
    done = importing.apply(row, ticked, by=actor)
    flash(_told(done), "success")
    if done.stuck:
        flash(
            _(
                "Gardés, car leur stage est déjà engagé : %(names)s. Voyez avec la coordination.",
                names=", ".join(done.stuck),
            ),
            "info",
        )
    return redirect(url_for("schools.show", school_id=school_id, cartes=1), 303)


def _told(done: importing.Imported) -> str:
    parts = [
        ngettext("%(num)s classe créée", "%(num)s classes créées", done.classes) if done.classes else "",
        ngettext("%(num)s élève ajouté", "%(num)s élèves ajoutés", done.added) if done.added else "",
        ngettext("%(num)s fiche mise à jour", "%(num)s fiches mises à jour", done.updated) if done.updated else "",
        ngettext("%(num)s élève retiré", "%(num)s élèves retirés", done.removed) if done.removed else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"{told}." if told else _("La liste est déjà en place : rien n’a changé.")

"""An official file, by the coordination: drop it, look at what was understood, confirm."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.directories import planning, queries, services
from app.directories.forms import DirectoryForm
from app.directories.planning import Plan
from app.directories.records import HOSTS, LABELS, REFERENCES, Family
from app.hosts.rules import KINDS, LEGAL_FORMS
from app.kernel.errors import Invalid
from app.kernel.geography import Point
from app.kernel.tabular import MAX_BYTES

bp = Blueprint("directories", __name__)


@bp.url_value_preprocessor
def _let_files_in(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Before anything reads the form: an official file is heavier than what other pages accept."""
    if endpoint == "directories.drop":
        request.max_content_length = MAX_BYTES + 1024 * 1024


@bp.app_template_filter("dit")
def _told(value: object, name: str) -> str:
    """A value of a plan as people read it."""
    if value in (None, "", {}):
        return _("rien")
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, Point):
        return f"{value.lat:.5f}, {value.lon:.5f}"
    if isinstance(value, dict):
        return " · ".join(str(part) for part in value.values() if part)
    if isinstance(value, float):
        return f"{value:.1f}".replace(".", ",")
    if name == "kind":
        return next((str(label) for kind, label in KINDS.items() if kind == value), str(value))
    return str(LEGAL_FORMS[str(value)][0]) if name == "legal_form" and value in LEGAL_FORMS else str(value)


@bp.route("/fichiers-officiels", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_IMPORT)
def drop() -> ResponseReturnValue:
    actor = current_actor()
    form = DirectoryForm()
    if form.validate_on_submit():
        try:
            row = services.drop(form.to_source(), form.to_options(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            return redirect(url_for("directories.preview", directory_id=row.id), 303)
    page = render_template("directories/drop.html", form=form, most=MAX_BYTES // 1024**2)
    return page, 422 if form.errors else 200


@bp.get("/fichiers-officiels/<int:directory_id>")
@requires(Permission.DIRECTORY_IMPORT)
def preview(directory_id: int) -> ResponseReturnValue:
    actor = current_actor()
    row = queries.pending(actor, directory_id)
    found, plan = services.reading_of(row), services.plan(row, by=actor)
    return render_template(
        "directories/preview.html",
        row=row,
        found=found,
        plan=plan,
        left=sorted((*found.left, *plan.left), key=lambda item: -item.count),
        refused=(*found.refused, *plan.refused),
        refused_count=found.refused_count + len(plan.refused),
        left_count=sum(item.count for item in (*found.left, *plan.left)),
        kind=LABELS[row.family],
        fields=planning.LABELS,
        comparing=row.family in REFERENCES,
        hosts=row.family in HOSTS,
    )


@bp.post("/fichiers-officiels/<int:directory_id>")
@requires(Permission.DIRECTORY_IMPORT)
def apply(directory_id: int) -> ResponseReturnValue:
    actor = current_actor()
    row = queries.pending(actor, directory_id)
    if request.form.get("step") == "abandon":
        services.abandon(row, by=actor)
        flash(_("Le fichier est oublié : rien n’a changé."), "info")
        return redirect(url_for("directories.drop"), 303)
    family = row.family
    flash(_done(services.apply(row, by=actor)), "success")
    return _onwards(family)


def _onwards(family: Family) -> ResponseReturnValue:
    """Where what was imported can be seen."""
    if family in HOSTS:
        return redirect(url_for("hosts.index", etat="prospect"), 303)
    return redirect(url_for("schools.index" if family is Family.SCHOOLS else "directories.drop"), 303)


def _done(done: Plan) -> str:
    if done.changes_nothing:
        return _("Tout était déjà en place : rien n’a changé.")
    created, updated = len(done.created), len(done.updated)
    parts = [
        ngettext("%(num)s ligne ajoutée", "%(num)s lignes ajoutées", created) if created else "",
        ngettext("%(num)s mise à jour", "%(num)s mises à jour", updated) if updated else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"{told}."

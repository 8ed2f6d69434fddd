"""Runs: the list, a new one, its progress, its report, two of them side by side."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.allocation import queries, rules, services
from app.allocation.forms import RunForm
from app.allocation.states import RunState
from app.allocation.views import equity
from app.allocation.views.blueprint import bp, current_campaign
from app.campaigns.states import RUNS_ALLOWED
from app.kernel.errors import Invalid


@bp.get("/affectations")
@requires(Permission.RUN_VIEW)
def index() -> ResponseReturnValue:
    return _index(RunForm())


def _index(form: RunForm) -> str:
    campaign = current_campaign()
    return render_template(
        "allocation/index.html",
        form=form,
        runs=queries.runs(current_actor(), campaign.id),
        allowed=campaign.phase in RUNS_ALLOWED,
        may_tune=current_actor().may(Permission.MATCHER_TUNE),
    )


@bp.post("/affectations")
@requires(Permission.RUN_START)
def start() -> ResponseReturnValue:
    campaign = current_campaign()
    form = RunForm()
    if form.validate():
        try:
            run = services.start_run(campaign, form.to_draft(), form.request_key.data, by=current_actor())
        except Invalid as error:
            form.take(error)
        else:
            return redirect(url_for("allocation.run", run_id=run.id), 303)
    return _index(form), 422


@bp.get("/affectations/<int:run_id>")
@requires(Permission.RUN_VIEW)
def run(run_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.visible_run(actor, run_id)
    latest = queries.latest_done(found.campaign_id)
    return render_template(
        "allocation/run.html",
        run=found,
        parameters=rules.Parameters.from_stored(found.parameters),
        is_running=found.state in {RunState.QUEUED, RunState.RUNNING},
        is_latest=latest is not None and latest.id == found.id,
        counts=queries.state_counts(found.id),
        profile=rules.exact_profile(queries.fulfilled(found.id)),
        left=len(queries.left_out(found)),
        equity=equity.parts(found),
        gap_sentence=equity.gap(found),
    )


@bp.get("/affectations/<int:run_id>/avancement")
@requires(Permission.RUN_VIEW)
def progress(run_id: int) -> ResponseReturnValue:
    """The fragment that a running run's page asks for again; over, it makes the page load whole."""
    found = queries.visible_run(current_actor(), run_id)
    running = found.state in {RunState.QUEUED, RunState.RUNNING}
    headers = {} if running else {"HX-Refresh": "true"}
    return render_template("allocation/_progress.html", run=found, is_running=running), 200, headers


@bp.get("/affectations/comparer")
@requires(Permission.RUN_VIEW)
def compare() -> ResponseReturnValue:
    actor = current_actor()
    ids = [request.args.get(name, 0, type=int) for name in ("avant", "apres")]
    if not all(ids):
        flash(_("Choisissez deux calculs à comparer."), "info")
        return redirect(url_for("allocation.index"), 303)
    before, after = (queries.visible_run(actor, run_id) for run_id in ids)
    refused = [queries.places_taken_away(run.id) for run in (before, after)]
    places = [queries.places_by_student(run.id) | taken for run, taken in zip((before, after), refused, strict=True)]
    found = rules.changes(*places)
    shown = {slot for change in found for slot in (change.before, change.after) if slot}
    return render_template(
        "allocation/compare.html",
        before=before,
        after=after,
        profiles=[rules.exact_profile(queries.fulfilled(run.id)) for run in (before, after)],
        changes=found[:200],
        total=len(found),
        students=queries.students_by_id({c.student for c in found[:200]}),
        refused=refused,
        slots={slot.id: slot for slot in queries.places_on_hand(shown)},
    )

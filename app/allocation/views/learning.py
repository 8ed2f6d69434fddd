"""What the coordinator's decisions teach the matcher: studies, their figures, and the version in service."""

from __future__ import annotations

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.allocation import lessons, queries, services
from app.allocation.models import MatcherWeights
from app.allocation.states import WEIGHTS, WeightsState
from app.allocation.views.blueprint import bp, current_campaign
from app.campaigns import queries as campaign_queries

_LEAST = 50  # decisions under which the library learns nothing


@bp.get("/affectations/apprentissage")
@requires(Permission.MATCHER_TUNE)
def learning() -> ResponseReturnValue:
    campaign = current_campaign()
    made = queries.decisions_made(campaign.id)
    studies = queries.studies(campaign.territory_id)
    return render_template(
        "allocation/learning.html",
        campaign_id=campaign.id,
        approved=sum(d.approved for d in made),
        refused=sum(not d.approved for d in made),
        feedback=len(queries.feedback_of(campaign.id)),
        least=_LEAST,
        studies=studies,
        latest=next(iter(studies), None),
        in_use=queries.weights_in_use(campaign.territory_id),
        is_running=_is_running(studies),
        request_key=secrets.token_hex(16),
        may_release=WEIGHTS["release"].sources,
    )


def _is_running(studies: list[MatcherWeights]) -> bool:
    return bool(studies) and studies[0].state is WeightsState.STUDYING


@bp.get("/affectations/apprentissage/avancement")
@requires(Permission.MATCHER_TUNE)
def study_progress() -> ResponseReturnValue:
    """The fragment that a running study's page asks for again; over, it makes the page load whole."""
    studies = queries.studies(current_campaign().territory_id)
    running = _is_running(studies)
    headers = {} if running else {"HX-Refresh": "true"}
    percent = studies[0].progress if studies else 100
    return render_template("allocation/_study.html", percent=percent, is_running=running), 200, headers


@bp.post("/affectations/apprentissage/<int:campaign_id>/etudier")
@requires(Permission.MATCHER_TUNE)
def study(campaign_id: int) -> ResponseReturnValue:
    actor = current_actor()
    campaign = campaign_queries.visible_campaign(actor, campaign_id)
    key = request.form.get("request_key", "")
    services.study(campaign, key if 8 <= len(key) <= 64 and key.isalnum() else secrets.token_hex(16), by=actor)
    return redirect(url_for("allocation.learning"), 303)


@bp.post("/affectations/apprentissage/<int:campaign_id>/mettre-en-service")
@requires(Permission.MATCHER_TUNE)
def put_in_service(campaign_id: int) -> ResponseReturnValue:
    actor = current_actor()
    campaign = campaign_queries.visible_campaign(actor, campaign_id)
    row = services.put_in_service(campaign, _version(), by=actor)
    flash(_("Les réglages n° %(n)s sont en service : les prochains calculs les suivront.", n=row.version), "success")
    return redirect(url_for("allocation.learning"), 303)


@bp.post("/affectations/apprentissage/<int:campaign_id>/revenir")
@requires(Permission.MATCHER_TUNE)
def take_out(campaign_id: int) -> ResponseReturnValue:
    actor = current_actor()
    campaign = campaign_queries.visible_campaign(actor, campaign_id)
    services.take_out(campaign, _version(), by=actor)
    flash(_("Les prochains calculs suivront les réglages d’origine."), "success")
    return redirect(url_for("allocation.learning"), 303)


def _version() -> int:
    version = request.form.get("version", 0, type=int)
    return version if 0 < version < 2**31 else 0


bp.app_template_filter("lecon")(lessons.sentence)
bp.app_template_filter("chiffres_lecon")(lessons.figures)
bp.app_template_filter("conclusion_lecon")(lessons.conclusion)
bp.app_template_filter("decisions_ecartees")(lessons.left_out)


@bp.app_template_filter("etat_reglages")
def _weights_state(state: WeightsState) -> tuple[str, str]:
    return {
        WeightsState.STUDYING: (_("Étude en cours"), "info"),
        WeightsState.PROPOSED: (_("À décider"), "waiting"),
        WeightsState.HELD: (_("Non retenus"), "neutral"),
        WeightsState.IN_USE: (_("En service"), "done"),
        WeightsState.RETIRED: (_("Retirés"), "stopped"),
        WeightsState.FAILED: (_("Arrêtée"), "alert"),
    }[state]

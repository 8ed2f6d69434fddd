"""The coordinator's list of structures, and the decisions."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.campaigns import queries as campaign_queries
from app.hosts import queries, services
from app.hosts.forms import ReasonForm, filter_of, state_choices
from app.hosts.rules import KINDS
from app.hosts.states import HostState
from app.hosts.views.blueprint import bp, page_of
from app.kernel.errors import Invalid


@bp.get("/structures")
@requires(Permission.HOST_REVIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    wanted = filter_of(request.args)
    counts = queries.counts_by_state(actor)
    return render_template(
        "hosts/index.html",
        pagination=queries.page(actor, wanted, request.args.get("page", 1, type=int)),
        wanted=wanted,
        kept={name: request.args[name] for name in ("q", "etat", "genre", "commune") if request.args.get(name)},
        waiting=counts.get(HostState.REGISTERED, 0),
        prospects=counts.get(HostState.PROSPECT, 0),
        calling=wanted.state is HostState.PROSPECT,
        total=sum(counts.values()),
        states=state_choices(),
        kinds=[(kind.value, label) for kind, label in KINDS.items()],
        communes=campaign_queries.communes(actor.territory_id or 0),
    )


@bp.post("/structures/<int:organization_id>/decision")
@requires(Permission.HOST_REVIEW)
def decide(organization_id: int) -> ResponseReturnValue:
    actor = current_actor()
    organization = queries.visible_organization(actor, organization_id)
    form = ReasonForm()
    if not form.validate():
        return page_of(actor, organization, form), 422
    action = form.action.data or ""
    try:
        services.decide(organization, action, by=actor, reason=form.reason.data or "")
    except Invalid as error:
        return page_of(actor, organization, ReasonForm.refused(error)), 422
    flash(_done(action), "success")
    return redirect(url_for("hosts.show", organization_id=organization_id), 303)


def _done(action: str) -> str:
    sentences = {
        "enlist": _("La structure est inscrite. Il reste à la vérifier."),
        "set_aside": _("La structure ne sera plus proposée à l’appel. Son retour dans une liste n’y changera rien."),
        "verify": _("La structure est vérifiée. Elle est prévenue par e-mail."),
        "refuse": _("L’inscription est refusée. La structure est prévenue par e-mail."),
        "suspend": _("La structure est suspendue : les élèves ne voient plus ses offres."),
        "restore": _("La suspension est levée : les offres publiées sont de nouveau visibles."),
    }
    return sentences.get(action, _("C’est fait."))

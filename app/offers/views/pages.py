"""One offer: what everybody reads, what its structure and the coordination decide."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.hosts import queries as host_queries
from app.hosts.forms import ReasonForm
from app.kernel.errors import Invalid
from app.offers import queries, services
from app.offers.models import PlacementOffer
from app.offers.states import EDITABLE, TABLE, OfferState
from app.offers.views import writing
from app.offers.views.blueprint import actions, bp, current_campaign, sent


@bp.get("/offres/<int:offer_id>")
@requires(Permission.OFFER_VIEW)
def show(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    return _offer_page(actor, queries.visible_offer(actor, offer_id))


def _offer_page(actor: Actor, offer: PlacementOffer, form: ReasonForm | None = None) -> str:
    managing = actor.can(Permission.OFFER_EDIT, offer)
    return render_template(
        "offers/show.html",
        offer=offer,
        managing=managing,
        reviewing=actor.can(Permission.OFFER_REVIEW, offer),
        actions=actions(actor, offer),
        editable=offer.state in EDITABLE and managing,
        labels={t.action: t.label for t in TABLE},
        hours_lines=services.hours_lines(services.draft_of(offer), offer.campaign) if managing else (),
        form=form or ReasonForm(formdata=None),
        journal=host_queries.journal(actor, "PlacementOffer", offer.id),
    )


@bp.post("/offres/<int:offer_id>/action")
@requires(Permission.OFFER_EDIT)
def act(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    offer = queries.visible_offer(actor, offer_id)
    form = ReasonForm()
    if not form.validate():
        return _offer_page(actor, offer, form), 422
    action = form.action.data or ""
    try:
        services.act(offer, action, by=actor, reason=form.reason.data or "")
    except Invalid as error:
        if action == "submit":
            return writing.incomplete(offer, error), 422
        return _offer_page(actor, offer, ReasonForm.refused(error)), 422
    flash(_done(action), "success")
    if request.form.get("suite") == "liste":
        return redirect(url_for("offers.index", etat=OfferState.SUBMITTED), 303)
    return redirect(url_for("offers.show", offer_id=offer_id), 303)


def _done(action: str) -> str:
    sentences = {
        "submit": sent(),
        "publish": _("L’offre est publiée. La structure est prévenue."),
        "send_back": _("L’offre est renvoyée à la structure, avec votre demande."),
        "suspend": _("L’offre est suspendue : les élèves ne la voient plus."),
        "restore": _("L’offre est de nouveau en ligne."),
        "close": _("L’offre est fermée."),
    }
    return sentences.get(action, _("C’est fait."))


@bp.post("/offres/<int:offer_id>/reprendre")
@requires(Permission.OFFER_EDIT)
def reuse(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    offer = queries.visible_offer(actor, offer_id)
    copy = services.reuse(offer, current_campaign(), by=actor)
    if copy.state not in EDITABLE:
        return redirect(url_for("offers.show", offer_id=copy.id), 303)
    flash(_("Votre offre est reprise. Relisez-la, choisissez les semaines, puis envoyez-la."), "success")
    return redirect(url_for("offers.edit", offer_id=copy.id), 303)

"""HTTP of the room `messaging`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission
from app.kernel.errors import Hidden
from app.messaging import emails, queries, services
from app.messaging import gathering as gathering  # its job is registered by being imported
from app.messaging.rules import without_secrets
from app.messaging.states import DELIVERIES, DeliveryState
from app.web import languages

bp = Blueprint("messaging", __name__)


def _badges() -> dict[DeliveryState, tuple[str, str]]:
    return {
        DeliveryState.HELD: (_("Gardé pour le courrier du jour"), "waiting"),
        DeliveryState.QUEUED: (_("En attente"), "waiting"),
        DeliveryState.SENDING: (_("En cours d’envoi"), "info"),
        DeliveryState.HANDED: (_("En cours d’envoi"), "info"),
        DeliveryState.SENT: (_("Envoyé"), "done"),
        DeliveryState.UNCERTAIN: (_("Arrivée incertaine"), "alert"),
        DeliveryState.FAILED: (_("Non envoyé"), "stopped"),
        DeliveryState.GROUPED: (_("Dans un courrier groupé"), "done"),
    }


@bp.get("/courriers")
@requires(Permission.DELIVERY_VIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    wanted = request.args.get("etat", "")
    state = DeliveryState(wanted) if wanted in set(DeliveryState) else None
    return render_template(
        "messaging/index.html",
        messages=queries.page(actor, state, request.args.get("page", 1, type=int)),
        counts=queries.counts(actor),
        state=state,
        badges=_badges(),
    )


@bp.get("/courriers/<int:message_id>")
@requires(Permission.DELIVERY_VIEW)
def message(message_id: int) -> ResponseReturnValue:
    found = queries.visible_message(current_actor(), message_id)
    return render_template(
        "messaging/message.html",
        message=found,
        text=without_secrets(found.text),
        badges=_badges(),
        actions=[t.action for t in DELIVERIES.open_from(found.state) if t.action in {"resend", "confirm"}],
    )


@bp.post("/courriers/<int:message_id>/renvoyer")
@requires(Permission.DELIVERY_VIEW)
def resend(message_id: int) -> ResponseReturnValue:
    actor = current_actor()
    services.resend(queries.visible_message(actor, message_id), by=actor)
    flash(_("Le message repart dans la minute."), "success")
    return redirect(url_for("messaging.message", message_id=message_id), 303)


@bp.post("/courriers/<int:message_id>/arrive")
@requires(Permission.DELIVERY_VIEW)
def confirm(message_id: int) -> ResponseReturnValue:
    actor = current_actor()
    services.confirm(queries.visible_message(actor, message_id), by=actor)
    flash(_("C’est noté : ce message est arrivé."), "success")
    return redirect(url_for("messaging.message", message_id=message_id), 303)


@bp.get("/courrier/<token>")
@public("the link of a grouped mail: signed, opens the messages that were sent to that mailbox that day")
def digest(token: str) -> ResponseReturnValue:
    key = emails.read_digest_token(token)
    lines = queries.grouped_in(key) if key else []
    if not lines:
        raise Hidden(_("Ce courrier n’existe pas, ou son lien a été coupé en le recopiant."))
    languages.listen(lines[0].language)
    return render_template("messaging/digest.html", lines=lines, gone=not any(line.text for line in lines))

"""Single sign-on: out to the provider, back from it, linking and leaving."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, optional_actor, public, requires
from app.access.policy import Permission, Role
from app.accounts import federation, queries
from app.accounts.gateway import Handshake, Identity
from app.accounts.throttling import TooManyTries
from app.accounts.views.blueprint import bp
from app.accounts.views.proving import demand_proof
from app.accounts.views.threshold import TO_LINK, Via, address, came_by_now, enter, remember_goal
from app.kernel import clock
from app.kernel.errors import DomainError, Hidden
from app.messaging.rendering import page_url
from app.settings import IdentityProvider

_AWAY, _LEAVING = "away", "leaving"
_AT_ONCE = 3  # tabs that may be away at the same moment
_AWAY_FOR = 15 * 60  # seconds
_SHORT_TOKEN = 1800  # signs; a cookie holds four thousand


def _return_address(provider: IdentityProvider) -> str:
    """As registered at the provider: from the settings, never from a Host header."""
    return page_url("accounts.come_back", provider=provider.id)


def _now() -> int:
    return int(clock.now().timestamp())


def _depart(provider: IdentityProvider, linking: int | None) -> ResponseReturnValue:
    try:
        url, handshake = federation.begin(provider, _return_address(provider))
    except DomainError as error:
        return _problem(provider, error)
    away = [one for one in session.get(_AWAY, []) if _now() - one["at"] < _AWAY_FOR][-(_AT_ONCE - 1) :]
    session[_AWAY] = [*away, {**asdict(handshake), "provider": provider.id, "linking": linking, "at": _now()}]
    return redirect(url, 303)


def _problem(provider: IdentityProvider, error: DomainError) -> ResponseReturnValue:
    """What happened, in a sentence, and every other way in."""
    return (
        render_template(
            "accounts/portal_problem.html",
            message=error.message,
            provider=provider,
            again=not isinstance(error, TooManyTries),
            others=[one for one in federation.providers() if one.id != provider.id],
            unknown=isinstance(error, federation.NobodyHere),
        ),
        error.status,
    )


@bp.get("/connexion/portail/<provider>")
@public("leads to the provider's own page; a link, because a content policy would stop a form that is redirected")
def go_to_portal(provider: str) -> ResponseReturnValue:
    remember_goal()
    return _depart(federation.provider_called(provider), None)


@bp.get("/mon-compte/relier/<provider>")
@requires(Permission.OWN_ACCOUNT)
def go_to_link(provider: str) -> ResponseReturnValue:
    """Nothing is linked before the person says yes to a form of ours, once back."""
    return _depart(federation.provider_called(provider), current_actor().user_id)


def _took_handshake(provider: IdentityProvider) -> tuple[Handshake | None, int | None]:
    """The handshake of this return, which serves once, and the account it was begun to link."""
    away: list[dict[str, Any]] = session.get(_AWAY, [])
    state = request.args.get("state", "")
    mine = [one for one in away if one["state"] == state and one["provider"] == provider.id]
    session[_AWAY] = [one for one in away if one["state"] != state]
    if not mine or _now() - mine[0]["at"] > _AWAY_FOR:
        return None, None
    kept = mine[0]
    return Handshake(kept["state"], kept["nonce"], kept["verifier"]), kept["linking"]


@bp.get("/connexion/retour/<provider>")
@public("where the provider sends back; holds a code good once, bound to the browser that left")
def come_back(provider: str) -> ResponseReturnValue:
    there = federation.provider_called(provider)
    handshake, linking = _took_handshake(there)
    answer = {name: request.args[name] for name in ("code", "error", "iss") if name in request.args}
    try:
        identity = federation.identify(there, handshake, _return_address(there), answer, address=address())
        if linking is not None:
            return _ask_to_link(identity, linking)
        user = federation.enter(there, identity)
    except federation.NobodyHere as error:
        session[TO_LINK] = _waiting(identity)
        return _problem(there, error)
    except DomainError as error:
        return _problem(there, error)
    session.pop(TO_LINK, None)
    token = identity.id_token if len(identity.id_token) <= _SHORT_TOKEN else None
    return enter(user, strong=identity.strong, via=Via(provider=there.id, id_token=token))


def _waiting(identity: Identity) -> dict[str, Any]:
    return {
        "provider": identity.provider,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "name": identity.name,
        "at": _now(),
    }


def _ask_to_link(identity: Identity, linking: int) -> ResponseReturnValue:
    actor = optional_actor()
    if actor is None or actor.user_id != linking:
        raise federation.ProviderRefused(_("Votre session a changé entre-temps. Connectez-vous, puis recommencez."))
    session[TO_LINK] = _waiting(identity)
    return redirect(url_for("accounts.confirm_link"), 303)


def _identity_waiting() -> tuple[IdentityProvider, Identity] | None:
    kept = session.get(TO_LINK)
    if not isinstance(kept, dict) or _now() - kept["at"] > _AWAY_FOR:
        return None
    try:
        provider = federation.provider_called(kept["provider"])
    except Hidden:
        return None
    identity = Identity(
        provider=provider.id,
        issuer=kept["issuer"],
        subject=kept["subject"],
        name=kept["name"],
        email=None,
        identifier=None,
        roles=frozenset(),
        schools=frozenset(),
        strong=False,
        id_token="",
    )
    return provider, identity


@bp.get("/mon-compte/relier")
@requires(Permission.OWN_ACCOUNT)
def confirm_link() -> ResponseReturnValue:
    waiting = _identity_waiting()
    if waiting is None:
        return redirect(url_for("accounts.own"))
    provider, identity = waiting
    user = queries.own(current_actor())
    if provider not in federation.providers_for(user.role):
        session.pop(TO_LINK, None)
        return redirect(url_for("pages.home"))
    return render_template("accounts/confirm_link.html", provider=provider, identity=identity, user=user)


@bp.post("/mon-compte/relier")
@requires(Permission.OWN_ACCOUNT)
def link_portal() -> ResponseReturnValue:
    demand_proof(url_for("accounts.confirm_link"))
    waiting = _identity_waiting()
    session.pop(TO_LINK, None)
    if waiting is None:
        flash(_("Il n’y a plus rien à relier : recommencez depuis cette page."), "warning")
        return redirect(url_for("accounts.own"), 303)
    provider, identity = waiting
    user = queries.own(current_actor())
    federation.link(user, provider, identity)
    came_by_now(Via(provider=provider.id, id_token=None))  # it is open in this browser, and leaving must say so
    if user.role is Role.STUDENT:
        flash(_("C’est fait : « %(label)s » ouvre maintenant ton compte.", label=provider.label), "success")
    else:
        flash(_("C’est fait : « %(label)s » ouvre maintenant votre compte.", label=provider.label), "success")
    return redirect(url_for("accounts.own"), 303)


@bp.post("/mon-compte/delier/<provider>")
@requires(Permission.OWN_ACCOUNT)
def unlink_portal(provider: str) -> ResponseReturnValue:
    actor, there = current_actor(), federation.provider_called(provider)
    federation.unlink(queries.own(actor), there, by=actor)
    flash(_("Le lien avec « %(label)s » est défait.", label=there.label), "success")
    return redirect(url_for("accounts.own"), 303)


@bp.post("/connexion/fin/<provider>")
@public("said by the provider itself, signed with its key: somebody has left it (Back-Channel Logout 1.0)")
def end_from_portal(provider: str) -> ResponseReturnValue:
    there, head = federation.provider_called(provider), {"Cache-Control": "no-store"}
    try:
        federation.end_sessions(there, request.form.get("logout_token", ""), address=address())
    except federation.ProviderRefused as error:
        return {"error": error.message}, 400, head
    return "", 200, head


# No browser sends it, and no cookie counts.
bp.record_once(lambda state: state.app.extensions["csrf"].exempt(end_from_portal))


@bp.get("/deconnexion/<provider>")
@public("says that the provider's session is still open, and leads there")
def leave(provider: str) -> ResponseReturnValue:
    return render_template("accounts/leave.html", provider=federation.provider_called(provider))


@bp.get("/deconnexion/<provider>/sortir")
@public("leads to the provider's own page of signing out")
def leave_portal(provider: str) -> ResponseReturnValue:
    there, kept = federation.provider_called(provider), session.pop(_LEAVING, None)
    token = kept["id_token"] if isinstance(kept, dict) and kept.get("provider") == there.id else None
    try:
        url = federation.leaving_url(there, page_url("pages.home"), token)
    except DomainError as error:
        return _problem(there, error)
    if url is None:
        flash(_("« %(label)s » n’a pas de page de sortie. Fermez votre navigateur.", label=there.label), "warning")
    return redirect(url or url_for("pages.home"), 303)

"""The code of the telephone: asked for at sign-in, enrolled, and what is kept for the day when it is lost."""

from __future__ import annotations

import segno
from flask import Response, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user

from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission, Role
from app.accounts import queries, sealing, second_factor, totp
from app.accounts.forms import CodeForm, ReplaceForm, SignInCodeForm
from app.accounts.models import User
from app.accounts.rules import must_have_second_factor
from app.accounts.views.blueprint import bp
from app.accounts.views.proving import demand_proof
from app.accounts.views.threshold import Via, address, open_session, pending, trust_this_browser
from app.kernel.errors import Forbidden, Invalid

_SECRET, _CODES, _THEN = "new_secret", "new_codes", "then"


def _too_late() -> ResponseReturnValue:
    flash(_("Trop de temps a passé depuis votre mot de passe. Recommencez."), "warning")
    return redirect(url_for("accounts.sign_in_adult"), 303)


def _code_page(user: User, form: SignInCodeForm, *, recovery: bool) -> str:
    shown = None if recovery else second_factor.shown_code(user)
    left = queries.recovery_codes_left(user.id)
    return render_template("accounts/code.html", form=form, recovery=recovery, shown_code=shown, left=left, user=user)


@bp.get("/connexion/code")
@public("between the password and the session; only who gave the first gets the page")
def ask_code() -> ResponseReturnValue:
    waiting = pending()
    return _code_page(waiting[0], SignInCodeForm(), recovery=False) if waiting else _too_late()


@bp.get("/connexion/code-de-secours")
@public("between the password and the session; only who gave the first gets the page")
def ask_recovery_code() -> ResponseReturnValue:
    waiting = pending()
    return _code_page(waiting[0], SignInCodeForm(), recovery=True) if waiting else _too_late()


def _checked(*, recovery: bool) -> ResponseReturnValue:
    waiting = pending()
    if waiting is None:
        return _too_late()
    (user, via), form = waiting, SignInCodeForm()
    if form.validate():
        try:
            second_factor.check(user, form.code.data, address=address())
        except Invalid as error:
            form.take(error)
        else:
            response = open_session(user, via)
            if form.trust.data and not recovery:
                trust_this_browser(user, response)
            return response
    return _code_page(user, form, recovery=recovery), 422


@bp.post("/connexion/code")
@public("between the password and the session; throttled")
def check_code() -> ResponseReturnValue:
    return _checked(recovery=False)


@bp.post("/connexion/code-de-secours")
@public("between the password and the session; throttled")
def check_recovery_code() -> ResponseReturnValue:
    return _checked(recovery=True)


def _fresh_secret(user: User) -> str:
    """The secret being enrolled, the same until it is: a wrong code does not change the picture."""
    try:
        return sealing.unseal_text(session.get(_SECRET, ""), purpose=f"enrol:{user.id}")
    except sealing.Unreadable:
        secret = totp.new_secret()
        session[_SECRET] = sealing.seal_text(secret, purpose=f"enrol:{user.id}")
        return secret


def _enrol_page(user: User, form: CodeForm, action: str) -> str:
    secret = _fresh_secret(user)
    uri = totp.address(secret, user.email or user.display_name)
    return render_template(
        "accounts/enrol.html",
        form=form,
        action=action,
        uri=uri,
        qr=segno.make(uri, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff"),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        compulsory=must_have_second_factor(user.role),
    )


def _keep_codes(user: User, codes: list[str], then: str | None) -> ResponseReturnValue:
    """They wait, sealed, in the person's own cookie until they say that the codes are put away."""
    session[_CODES] = sealing.seal_text(" ".join(codes), purpose=f"codes:{user.id}")
    if then is not None:
        session[_THEN] = then
    return redirect(url_for("accounts.new_codes"), 303)


def _enrolled(user: User, action: str, *, via: Via | None, entering: bool) -> ResponseReturnValue:
    form = CodeForm()
    if form.validate():
        try:
            codes = second_factor.enrol(user, _fresh_secret(user), form.code.data, address=address())
        except Invalid as error:
            form.take(error)
        else:
            if entering:
                return _keep_codes(user, codes, open_session(user, via).location)
            return _stay(user, codes)
    return _enrol_page(user, form, action), 422


@bp.get("/connexion/telephone")
@public("between the password and the session, for the roles that must have a second factor")
def enrol() -> ResponseReturnValue:
    waiting = pending()
    if waiting is None:
        return _too_late()
    if queries.second_factor(waiting[0].id) is not None:
        return redirect(url_for("accounts.ask_code"), 303)
    return _enrol_page(waiting[0], CodeForm(), url_for("accounts.finish_enrolment"))


@bp.post("/connexion/telephone")
@public("between the password and the session; throttled")
def finish_enrolment() -> ResponseReturnValue:
    waiting = pending()
    if waiting is None:
        return _too_late()
    return _enrolled(waiting[0], url_for("accounts.finish_enrolment"), via=waiting[1], entering=True)


def _adult() -> User:
    user = queries.own(current_actor())
    if user.role is Role.STUDENT:
        raise Forbidden(_("Ta carte suffit : il n’y a pas de second code pour toi."))
    return user


@bp.get("/mon-compte/telephone")
@requires(Permission.OWN_ACCOUNT)
def choose_enrolment() -> ResponseReturnValue:
    user = _adult()
    replacing = queries.second_factor(user.id) is not None
    if not replacing:
        demand_proof(url_for("accounts.choose_enrolment"))
    return _enrol_page(user, ReplaceForm() if replacing else CodeForm(), url_for("accounts.enrol_own"))


@bp.post("/mon-compte/telephone")
@requires(Permission.OWN_ACCOUNT)
def enrol_own() -> ResponseReturnValue:
    """A first telephone, or another one against a code of the former."""
    user = _adult()
    if queries.second_factor(user.id) is None:
        demand_proof(url_for("accounts.choose_enrolment"))
        return _enrolled(user, url_for("accounts.enrol_own"), via=None, entering=False)
    form = ReplaceForm()
    if form.validate():
        try:
            codes = second_factor.replace(
                user, _fresh_secret(user), form.code.data, form.current.data, address=address()
            )
        except Invalid as error:
            form.take(error)
        else:
            return _stay(user, codes)
    return _enrol_page(user, form, url_for("accounts.enrol_own")), 422


def _stay(user: User, codes: list[str]) -> ResponseReturnValue:
    """The other sessions of the account are closed, this one goes on."""
    login_user(user)
    session.pop(_SECRET, None)
    return _keep_codes(user, codes, url_for("accounts.protection"))


def _codes(user: User) -> list[str]:
    try:
        return sealing.unseal_text(session.get(_CODES, ""), purpose=f"codes:{user.id}").split()
    except sealing.Unreadable:
        return []


@bp.get("/mon-compte/codes-de-secours")
@requires(Permission.OWN_ACCOUNT)
def new_codes() -> ResponseReturnValue:
    user = _adult()
    codes = _codes(user)
    if not codes:
        return redirect(url_for("accounts.protection"))
    return render_template("accounts/codes.html", codes=codes, user=user)


@bp.get("/mon-compte/codes-de-secours.txt")
@requires(Permission.OWN_ACCOUNT)
def download_codes() -> ResponseReturnValue:
    user = _adult()
    codes = _codes(user)
    if not codes:
        return redirect(url_for("accounts.protection"))
    text = render_template("accounts/codes.txt", codes=codes, user=user)
    return Response(
        text,
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="codes-de-secours-passerelle.txt"',
            "Cache-Control": "no-store",
        },
    )


@bp.post("/mon-compte/codes-de-secours/ranges")
@requires(Permission.OWN_ACCOUNT)
def codes_put_away() -> ResponseReturnValue:
    session.pop(_CODES, None)
    return redirect(session.pop(_THEN, None) or url_for("accounts.own"), 303)


def _protection_page(user: User, renewal: CodeForm, removal: CodeForm) -> str:
    return render_template(
        "accounts/protection.html",
        user=user,
        factor=queries.second_factor(user.id),
        left=queries.recovery_codes_left(user.id),
        compulsory=must_have_second_factor(user.role),
        renewal=renewal,
        removal=removal,
        shown_code=second_factor.shown_code(user),
    )


@bp.get("/mon-compte/second-facteur")
@requires(Permission.OWN_ACCOUNT)
def protection() -> ResponseReturnValue:
    return _protection_page(_adult(), CodeForm(prefix="renouveler"), CodeForm(prefix="retirer"))


@bp.post("/mon-compte/codes-de-secours")
@requires(Permission.OWN_ACCOUNT)
def renew_codes() -> ResponseReturnValue:
    user, form = _adult(), CodeForm(prefix="renouveler")
    if form.validate():
        try:
            codes = second_factor.renew_codes(user, form.code.data, address=address())
        except Invalid as error:
            form.take(error)
        else:
            return _keep_codes(user, codes, url_for("accounts.protection"))
    return _protection_page(user, form, CodeForm(None, prefix="retirer")), 422


@bp.post("/mon-compte/second-facteur/retirer")
@requires(Permission.OWN_ACCOUNT)
def give_up() -> ResponseReturnValue:
    user, form = _adult(), CodeForm(prefix="retirer")
    if form.validate():
        try:
            second_factor.give_up(user, form.code.data, address=address())
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Votre compte ne demande plus de code."), "success")
            return redirect(url_for("accounts.own"), 303)
    return _protection_page(user, CodeForm(None, prefix="renouveler"), form), 422

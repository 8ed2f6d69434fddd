"""A structure registers itself."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.endpoints import public
from app.campaigns import queries as campaign_queries
from app.hosts import services
from app.hosts.forms import RegistrationForm
from app.hosts.rules import EXAMPLES, FAMILIES
from app.hosts.views.blueprint import bp
from app.kernel.errors import Invalid


@bp.get("/structures/inscription")
@public("a structure registers itself; nothing is public before a coordinator has verified it")
def register() -> ResponseReturnValue:
    return _registration_page(RegistrationForm.over(campaign_queries.territories()))


@bp.post("/structures/inscription")
@public("a structure registers itself; nothing is public before a coordinator has verified it")
def send_registration() -> ResponseReturnValue:
    form = RegistrationForm.over(campaign_queries.territories())
    if form.validate():
        try:
            services.register(form.to_draft(), address=request.remote_addr or "unknown")
            return redirect(url_for("hosts.registered"), 303)
        except Invalid as error:
            form.take(error)
    return _registration_page(form), 422


def _registration_page(form: RegistrationForm) -> str:
    examples = [(FAMILIES[family], example) for family, example in EXAMPLES.items()]
    return render_template("hosts/register.html", form=form, examples=examples)


@bp.get("/structures/inscription/merci")
@public("says only what happens next, the same to everybody")
def registered() -> ResponseReturnValue:
    return render_template("hosts/registered.html")

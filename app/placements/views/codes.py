"""Every code of eight signs that we print is typed on one page, which leads where that paper does."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import public
from app.access.policy import Role
from app.kernel.errors import Hidden
from app.placements import links, queries, services
from app.placements.forms import AnswerForm, CodeForm
from app.placements.models import AnswerCode, Placement
from app.placements.services import Paper
from app.placements.states import Medium, Side
from app.placements.views.answering import Problem, give
from app.placements.views.blueprint import bp
from app.schools import links as school_links
from app.schools.models import FamilyCode, SchoolClass
from app.web import languages


@bp.get("/reponse")
@bp.get("/parents", endpoint="ask_family_code")
@public("where the code of a letter, of a slip or of an invitation is typed: two addresses, on two kinds of paper")
def ask_code() -> ResponseReturnValue:
    languages.listen()
    return render_template("placements/code.html", form=CodeForm())


@bp.post("/reponse")
@public("reads the code of any paper; throttled by address")
def use_code() -> ResponseReturnValue:
    languages.listen()
    form = CodeForm()
    if form.validate():
        paper = services.find_code(form.code.data, address=request.remote_addr or "")
        if paper is not None:
            return redirect(_way_of(paper, form.code.data), 303)
        form.code.errors = [_("Ce code n’est pas le bon. Recopiez les huit signes du papier, ou demandez au collège.")]
    return render_template("placements/code.html", form=form), 422


def _way_of(paper: Paper, typed: str) -> str:
    match paper:
        case AnswerCode():
            return url_for("placements.code_page", token=links.code_token(paper.placement_id, paper.side))
        case FamilyCode():
            return url_for("schools.family", token=school_links.token_for(paper))
        case SchoolClass():
            flash(_("C’est le code de ta classe. Ajoute ton code personnel : il est sur ta carte."), "info")
            return url_for("accounts.sign_in", classe=paper.code)
    return url_for("hosts.join_by_code", code=typed)


def _behind_code(token: str) -> tuple[Placement, Side, Actor]:
    languages.listen()
    read = links.read_code(token)
    placement = queries.with_people(read[0]) if read else None
    if read is None or placement is None:
        raise Hidden(_("Cette page ne s’ouvre qu’une heure. Tapez à nouveau le code de la lettre."))
    side, name = read[1], _("La lettre")
    if side is Side.HOST:
        organization = placement.slot.offer.organization_id
        actor = Actor(Role.HOST, name, None, placement.territory_id, organization_ids=frozenset({organization}))
    else:
        actor = Actor(Role.GUARDIAN, name, None, placement.territory_id, student_id=placement.student_id)
    return placement, side, actor


@bp.get("/reponse/<token>")
@public("what the code of a letter opens, for an hour: one placement, from one side")
def code_page(token: str) -> ResponseReturnValue:
    placement, side, _actor = _behind_code(token)
    return _code_page(token, placement, side)


def _code_page(token: str, placement: Placement, side: Side, problem: Problem | None = None) -> str:
    return render_template(
        "placements/code_answer.html",
        token=token,
        placement=placement,
        side=side,
        territory=queries.territory(placement.territory_id),
        problem=problem,
    )


@bp.post("/reponse/<token>")
@public("the answer of a structure or a family by the code of its letter")
def answer_by_code(token: str) -> ResponseReturnValue:
    placement, side, actor = _behind_code(token)
    problem = give(AnswerForm(), placement, side, actor, Medium.CODE)
    if problem:
        return _code_page(token, placement, side, problem), 422
    return redirect(url_for("placements.code_page", token=token), 303)

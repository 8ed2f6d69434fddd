"""The home page, the pages everybody may read, and the two probes."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.endpoints import optional_actor, public
from app.access.policy import Role
from app.kernel.database import database_answers
from app.web import showcase as showcase_values

bp = Blueprint("pages", __name__)

HOMES = {
    Role.STUDENT: "wishes.home",
    Role.TEACHER: "wishes.classes",
    Role.HEAD: "wishes.classes",
    Role.HOST: "offers.index",
    Role.COORDINATOR: "allocation.cockpit",
    Role.OBSERVER: "statistics.index",
    Role.ADMIN: "campaigns.territories",
}


@bp.get("/")
@public("the front door")
def home() -> ResponseReturnValue:
    actor = optional_actor()
    if actor is not None:
        return redirect(url_for(HOMES[actor.role]))
    return render_template("pages/home.html")


@bp.get("/healthz")
@public("probed by the operator's monitor; says only that the process answers")
def healthz() -> ResponseReturnValue:
    return jsonify(status="ok")


@bp.get("/readyz")
@public("probed by the load balancer; says only whether the database answers")
def readyz() -> ResponseReturnValue:
    if not database_answers():
        return jsonify(status="database unavailable"), 503
    return jsonify(status="ok")


@bp.get("/parties-du-site")
@public("the living style guide holds no data")
def showcase() -> ResponseReturnValue:
    return render_template("design/showcase.html", **showcase_values.sample())

"""The explicit list of rooms, and what only the roof can do: put together who is acting, and the navigation."""

from __future__ import annotations

from flask import Blueprint, Flask, g, request, session
from flask_login import LoginManager, current_user

from app.access.actor import Actor
from app.access.policy import Role
from app.accounts import arrivals
from app.accounts import privacy as account_privacy
from app.accounts import queries as account_queries
from app.accounts.models import User
from app.accounts.views import bp as accounts
from app.agreements import pieces as agreement_pieces
from app.agreements import privacy as agreement_privacy
from app.agreements import queries as agreement_queries
from app.agreements.views import bp as agreements
from app.allocation import privacy as allocation_privacy
from app.allocation import queries as allocation_queries
from app.allocation.views import bp as allocation
from app.audit import privacy as audit_privacy
from app.audit.views import bp as audit
from app.campaigns import queries as campaign_queries
from app.campaigns.models import Campaign
from app.campaigns.views import CHOSEN
from app.campaigns.views import bp as campaigns
from app.directories import queries as directory_queries
from app.directories.views import bp as directories
from app.feedback import pieces as feedback_pieces
from app.feedback import privacy as feedback_privacy
from app.feedback.views import bp as feedback
from app.hosts import privacy as host_privacy
from app.hosts import queries as host_queries
from app.hosts.views import bp as hosts
from app.kernel import holdings
from app.kernel.database import db, reading
from app.messaging import privacy as message_privacy
from app.messaging.views import bp as messaging
from app.occupations import queries as occupation_queries
from app.offers import privacy as offer_privacy
from app.offers.views import bp as offers
from app.placements import hours as placement_hours
from app.placements import pieces as placement_pieces
from app.placements import privacy as placement_privacy
from app.placements import queries as placement_queries
from app.placements import seals
from app.placements.views import bp as placements
from app.privacy import looks as privacy_looks
from app.privacy import own as privacy_own
from app.privacy.queries import requests as privacy_requests
from app.privacy.services import retaining as _retaining  # noqa: F401  # registers its daily job
from app.privacy.views import answering as privacy_answering_pieces
from app.privacy.views import bp as privacy
from app.privacy.views import looks as privacy_look_pieces
from app.privacy.views import own as privacy_own_pieces
from app.schools import privacy as school_privacy
from app.schools import queries as school_queries
from app.schools.services import arrivals as school_arrivals
from app.schools.views import bp as schools
from app.statistics.views import bp as statistics
from app.web import asides, errors, logs, pages, rendering, security
from app.wishes import learnt, outcome
from app.wishes import privacy as wish_privacy
from app.wishes.views import bp as wishes

ROOMS: tuple[Blueprint, ...] = (
    pages.bp,
    accounts,
    campaigns,
    hosts,
    offers,
    schools,
    directories,
    wishes,
    allocation,
    placements,
    agreements,
    feedback,
    statistics,
    privacy,
    messaging,
    audit,
)

# The highest room first: what points at a person is forgotten before the person.
HOLDINGS: tuple[holdings.Holding, ...] = (
    privacy_own.HOLDING,
    feedback_privacy.HOLDING,
    agreement_privacy.HOLDING,
    placement_privacy.HOLDING,
    allocation_privacy.HOLDING,
    wish_privacy.HOLDING,
    offer_privacy.HOLDING,
    school_privacy.HOLDING,
    host_privacy.HOLDING,
    message_privacy.HOLDING,
    audit_privacy.HOLDING,
    account_privacy.HOLDING,
)

login_manager = LoginManager()


def install(app: Flask) -> None:
    """Register every room and the hooks around requests."""
    logs.install(app)
    security.install(app)
    app.before_request(_declare_intent)
    login_manager.init_app(app)
    app.before_request(_recognise)
    rendering.install(app)
    errors.install(app)
    app.teardown_request(close_intent)
    outcome.provide(placement_queries.slots_of, _outside_calculations)
    learnt.provide(allocation_queries.learnt_weights)
    occupation_queries.provide(directory_queries.titles)
    arrivals.provide(app, school_arrivals.seat)
    asides.install(app)
    holdings.provide(app, HOLDINGS)
    placement_hours.provide(agreement_queries.schedules_of)
    seals.provide(agreement_queries.sealed)
    asides.hang(app, "offers.index", placement_pieces.host_home)
    for place in ("wishes.classes", "allocation.cockpit", "offers.index"):
        asides.hang(app, place, agreement_pieces.home)
    asides.hang(app, "wishes.school_class", agreement_pieces.of_class)
    asides.hang(app, "wishes.home.first", agreement_pieces.to_sign_first)
    asides.hang(app, "placements.student_sheet", agreement_pieces.to_sign)
    asides.hang(app, "schools.family", placement_pieces.family)
    asides.hang(app, "wishes.home", feedback_pieces.student_home)
    asides.hang(app, "wishes.classes", feedback_pieces.staff_home)
    asides.hang(app, "allocation.cockpit", feedback_pieces.staff_home)
    asides.hang(app, "offers.index", feedback_pieces.host_home)
    asides.hang(app, "hosts.show", feedback_pieces.host_page)
    asides.hang(app, "schools.family_rights", privacy_own_pieces.family_rights)
    asides.hang(app, "allocation.cockpit", privacy_answering_pieces.cockpit)
    asides.hang(app, "schools.show", privacy_look_pieces.of_school)
    asides.hang(app, "wishes.student", privacy_look_pieces.of_student)
    privacy_looks.install(app)
    for room in ROOMS:
        app.register_blueprint(room)


def _outside_calculations(campaign_id: int) -> set[int]:
    """The students whom no run places: who found a stage, and who opposes the calculation."""
    return placement_queries.found_by_students(campaign_id) | privacy_requests.opposed(campaign_id)


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
def _load_user(key: str) -> User | None:
    return account_queries.signed_in(key)


def _declare_intent() -> None:
    """A GET never writes, so on SQLite it takes no write lock."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        intent = reading()
        intent.__enter__()
        g.intent = intent


def _recognise() -> None:
    """Who is acting, and in which campaign."""
    g.actor = actor_of(current_user) if request.endpoint != "static" and current_user.is_authenticated else None
    g.campaign = _campaign(g.actor) if g.actor else None


def _campaign(actor: Actor) -> Campaign | None:
    """A student's is that of their class; anybody else may choose one, and has by default that of the moment."""
    if actor.role is Role.STUDENT:
        return campaign_queries.current(actor, own=school_queries.campaigns_of_student(actor.student_id))
    own = school_queries.campaigns_of_classes(actor.class_ids) if actor.class_ids else None
    return campaign_queries.current(actor, chosen=session.get(CHOSEN), own=own)


def actor_of(user: User) -> Actor:
    """The user, with every relation that a permission may depend on."""
    schools_ids, class_ids = school_queries.staff_reach(user.id, user.role)
    hosting = host_queries.reach_of(user.id) if user.role is Role.HOST else None
    return Actor(
        role=Role(user.role),
        display_name=user.display_name,
        user_id=user.id,
        territory_id=user.territory_id,
        school_ids=schools_ids,
        class_ids=class_ids,
        organization_ids=hosting.organization_ids if hosting else frozenset(),
        tutored_ids=hosting.tutored_ids if hosting else frozenset(),
        site_ids=hosting.site_ids if hosting else frozenset(),
        student_id=school_queries.student_id_of(user.id) if user.role is Role.STUDENT else None,
    )


def close_intent(_error: BaseException | None) -> None:
    """Undo `_declare_intent`, after the session is gone."""
    intent = g.pop("intent", None)
    if intent is not None:
        intent.__exit__(None, None, None)
    db.session.remove()

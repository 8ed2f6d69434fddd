"""A structure never reads a student's last name before a stage is confirmed: no template, no page, no mail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, nodes
from sqlalchemy import select

from app.access.policy import POLICY, Permission, Role
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.offers.models import PlacementOffer
from app.placements import links
from tests.access.test_endpoints import CALLS
from tests.placements import stages
from tests.world import World

TEMPLATES = Path(__file__).resolve().parents[2] / "app" / "templates"
# What a structure reads before everybody has signed. Everything that these include, import or extend is read too.
TO_A_HOST = (
    "placements/host*.html",
    "placements/arrivals.html",
    "placements/_answer.html",
    "offers/*.html",
    "hosts/*.html",
    "feedback/_host_invitation.html",
    "feedback/hosted.html",
    "emails/placement_host/*",
    "emails/placement_reminder_host/*",
    "emails/placement_undone_host/*",
    "emails/placement_link_host/*",
    "emails/repair_host/*",
    "emails/feedback_tutor/*",
    "emails/offer_*/*",
    "emails/host_*/*",
)
_TELLS = re.compile(r"^(last_name|full_name)$")


def _read_by_hosts() -> list[Path]:
    wanted = {path for pattern in TO_A_HOST for path in TEMPLATES.glob(pattern) if path.is_file()}
    found, left = set[Path](), list(wanted)
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    while left:
        path = left.pop()
        if path in found:
            continue
        found.add(path)
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
            if isinstance(node.template, nodes.Const):
                left.append(TEMPLATES / node.template.value)
    return sorted(found)


def _names_told(source: str) -> list[int]:
    """Lines on which a template reads a last name, as an attribute or through a filter."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    told = [node.lineno for node in tree.find_all(nodes.Getattr) if _TELLS.match(node.attr)]
    told += [n.lineno for n in tree.find_all(nodes.Const) if isinstance(n.value, str) and _TELLS.match(n.value)]
    return told


def test_the_scan_sees_a_last_name() -> None:
    assert _names_told("{{ student.last_name }}") == [1]
    assert _names_told("\n{{ placement.student.full_name }}") == [2]
    assert _names_told("{{ students | map(attribute='last_name') | join }}") == [1]
    assert _names_told("{{ student['last_name'] }}") == [1]
    assert _names_told("{{ student.first_name }}") == []


@pytest.mark.parametrize("path", _read_by_hosts(), ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_template_for_a_structure_reads_a_last_name(path: Path) -> None:
    assert _names_told(path.read_text(encoding="utf-8")) == []


def test_the_list_of_templates_is_not_empty() -> None:
    names = {path.relative_to(TEMPLATES).as_posix() for path in _read_by_hosts()}
    assert {"placements/arrivals.html", "offers/show.html", "layouts/base.html"} <= names
    for pattern in TO_A_HOST:
        assert list(TEMPLATES.glob(pattern)), f"{pattern} names nothing any more"


PAGES = [
    call
    for call in CALLS
    if call.method == "GET"
    and isinstance(call.declaration, Permission)
    and Role.HOST in POLICY[call.declaration]
    and "token" not in call.arguments
]


@pytest.fixture
def awaited(app: Flask, world: World) -> World:
    """Lina and Enzo have been proposed to the structure, and told; nobody has confirmed anything."""
    with app.app_context():
        db.session.get_one(Campaign, world.here.campaign_id).phase = Phase.DECISIONS
        db.session.commit()
        stages.publish(world.here, 0, 1)
        db.session.remove()
    return world


def test_no_page_of_a_structure_shows_one(app: Flask, client: FlaskClient, awaited: World) -> None:
    land = awaited.here
    awaited.sign_in(client, Role.HOST)
    shown, firsts = 0, set()
    for call in PAGES:
        answer = client.get(call.path(land))
        page = answer.get_data(as_text=True)
        for name in ("Wojcik", "Delattre", "Benali"):
            assert name not in page, f"{call.rule} tells {name}"
        shown += answer.status_code == 200
        firsts |= {name for name in ("Lina", "Enzo") if name in page}
    assert shown >= 8, "the pages were looked at"
    with app.app_context():
        offer = db.session.get_one(PlacementOffer, land.offer_id)
        token = links.host_token(offer, "host1@passerelle.example")
    link = next(c for c in CALLS if c.endpoint == "placements.host_answers" and c.method == "GET")
    page = client.get(link.rule.replace("<token>", token)).get_data(as_text=True)
    firsts |= {name for name in ("Lina", "Enzo") if name in page}
    assert not any(name in page for name in ("Wojcik", "Delattre"))
    assert firsts == {"Lina", "Enzo"}, "first names are what a structure reads"


def test_no_mail_to_a_structure_tells_one(app: Flask, awaited: World) -> None:
    with app.app_context():
        mails = list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.to_email.like("host%"))))
        assert mails
        for mail in mails:
            assert not any(name in mail.subject + mail.text + mail.html for name in ("Wojcik", "Delattre", "Benali"))

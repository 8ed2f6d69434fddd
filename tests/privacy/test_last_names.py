"""A structure never reads a student's last name before a stage is confirmed: no template, page, file or mail.

Two looks: what the templates of structures are made of, and what a structure is really sent, whatever wrote it, in
whatever form: capitals, escaped, folded in a calendar, drawn in a PDF.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, nodes
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.access.policy import POLICY, Permission, Role
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.offers.models import PlacementOffer
from app.placements import links, services
from app.placements.states import Answer, Medium, PlacementState, Side
from tests.access.test_endpoints import CALLS
from tests.placements import stages
from tests.world import Land, World

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


NAMES = ("Wojcik", "Delattre", "Benali")
# Who has answered so far; nothing of this confirms a stage.
SAID: dict[str, tuple[Side, Answer] | None] = {
    "nobody": None,
    "the structure said yes": (Side.HOST, Answer.YES),
    "the family said yes": (Side.FAMILY, Answer.YES),
    "the structure said no": (Side.HOST, Answer.NO),
    "the family said no": (Side.FAMILY, Answer.NO),
}


def _plain(text: str) -> str:
    """As an eye reads it: HTML and JSON unescaped, folded lines of a calendar joined, no capitals, no accents."""
    joined = re.sub(r"\r?\n[ \t]", "", text)
    spoken = re.sub(r"\\u([0-9a-fA-F]{4})", lambda sign: chr(int(sign[1], 16)), html.unescape(joined))
    return "".join(s for s in unicodedata.normalize("NFD", spoken) if not unicodedata.combining(s)).casefold()


def told_in(text: str) -> list[str]:
    plain = _plain(text)
    return [name for name in NAMES if _plain(name) in plain]


def read(answer: TestResponse) -> str:
    """What somebody sees of an answer: the text of a PDF, and of anything else its bytes and its headers."""
    where = " ".join(value for name, value in answer.headers if name in {"Location", "Content-Disposition"})
    if answer.mimetype != "application/pdf":
        return f"{where} {answer.get_data(as_text=True)}"
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: install poppler-utils")
    drawn = subprocess.run(["pdftotext", "-raw", "-", "-"], input=answer.data, check=True, capture_output=True)
    return f"{where} {drawn.stdout.decode()}"


@pytest.mark.parametrize(
    "leak",
    ["Lina WOJCIK", "Li\u00adna &#87;ojcik", "SUMMARY:Lina Woj\r\n cik", '{"who": "\\u0057ojcik"}', "Wojcík"],
)
def test_a_name_is_seen_under_any_dress(leak: str) -> None:
    assert told_in(leak) == ["Wojcik"]
    assert told_in("Lina vient lundi.") == []


@pytest.fixture(params=SAID)
def awaited(app: Flask, world: World, request: pytest.FixtureRequest) -> World:
    """Lina and Enzo have been proposed to the structure, and told; nothing is confirmed."""
    with app.app_context():
        db.session.get_one(Campaign, world.here.campaign_id).phase = Phase.DECISIONS
        db.session.commit()
        stages.publish(world.here, 0, 1)
        said = SAID[request.param]
        if said is not None:
            services.answer(
                stages.placement_of(world.here).id,
                said[1],
                said[0],
                by=world.here.actor(Role.COORDINATOR),
                medium=Medium.PHONE,
                reason="Trop loin" if said[1] is Answer.NO else "",
            )
        assert stages.placement_of(world.here).state is not PlacementState.CONFIRMED
        db.session.remove()
    return world


def _by_link(land: Land) -> list[str]:
    """The pages that a structure opens without an account, and the letter printed for it."""
    offer = db.session.get_one(PlacementOffer, land.offer_id)
    placement = stages.placement_of(land)
    host, code = links.host_token(offer, "host1@passerelle.example"), links.code_token(placement.id, Side.HOST)
    return [f"/accueil/{host}", f"/reponse/{code}"]


def test_nothing_that_a_structure_opens_tells_one(app: Flask, client: FlaskClient, awaited: World) -> None:
    land = awaited.here
    with app.app_context():
        addresses, letter = _by_link(land), f"/stages/{stages.placement_of(land).id}/lettre-structure"
        db.session.remove()
    guest = app.test_client()
    seen = {address: read(guest.get(address)) for address in addresses}
    awaited.sign_in(client, Role.HOST)
    opened = 0
    for call in PAGES:
        answer = client.get(call.path(land))
        opened += answer.status_code == 200
        seen[call.rule] = read(answer)
    seen[letter] = read(awaited.sign_in(app.test_client(), Role.TEACHER).get(letter))
    assert {where: told_in(text) for where, text in seen.items() if told_in(text)} == {}
    assert opened >= 8, "the pages were looked at"
    assert all("Lina" in seen[address] or "Enzo" in seen[address] for address in [addresses[0], letter])


def test_no_mail_to_a_structure_tells_one(app: Flask, awaited: World) -> None:
    with app.app_context():
        mails = list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.to_email.like("host%"))))
        assert mails
        for mail in mails:
            assert told_in(f"{mail.to_name} {mail.subject} {mail.text} {mail.html}") == [], mail.kind
        db.session.remove()

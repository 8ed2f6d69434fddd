"""Whoever writes a free text is gently asked about private words: every field of the code is found, none by a list.

A field that asks by `discreet`, or whose service does, or that is not about somebody, is fine; another fails here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.hosts.models import HostOrganization
from app.hosts.states import HostState
from app.kernel.database import db
from app.offers.models import PlacementOffer
from app.offers.states import OfferState
from app.privacy.models import PrivacyRequest
from app.privacy.states import RequestState, Right
from tests.privacy.rights import asked
from tests.world import World

APP = Path(__file__).resolve().parents[2] / "app"
_LONG = 254  # a line longer than an address of mail is a text
_TEXT, _LINE = "TextAreaField", "StringField"

# Asked by the service, which knows the names around: the function that scans.
BY_SERVICE = {
    ("feedback/forms.py", "words"): "feedback/services/answering.py",
    ("feedback/forms.py", "encouragement"): "feedback/services/answering.py",
    ("feedback/forms.py", "why"): "feedback/services/answering.py",
    ("placements/stage_forms.py", "circumstances"): "placements/services/incidents.py",
    ("placements/stage_forms.py", "witnesses"): "placements/services/incidents.py",
}
# Why nobody is asked.
NOT_ABOUT_SOMEBODY = {
    (
        "feedback/forms.py",
        "page_form",
    ): "the diary: sealed, read by its author alone; the report asks",
    (
        "hosts/forms.py",
        "ess_sentence",
    ): "what a structure does: « des personnes handicapées » is its trade",
    ("hosts/forms.py", "mission"): "the same",
    ("hosts/forms.py", "access"): "how to come to a place",
    ("offers/forms.py", "title"): "a work, public and reviewed; safety.py reads it for what the law forbids",
    ("offers/forms.py", "description"): "the same",
    ("offers/forms.py", "lunch"): "a practical line of a public offer",
    ("offers/forms.py", "dress"): "the same",
    ("offers/forms.py", "tutor_name"): "a name",
    ("offers/forms.py", "tutor_role"): "a job title",
    ("offers/forms.py", "weeks"): "never drawn",
    ("offers/forms.py", "occupations"): "titles of ROME",
    ("schools/forms.py", "names"): "a pasted list of names, read line by line",
    ("schools/forms.py", "last_name"): "a name",
    ("schools/forms.py", "first_name"): "a name",
    ("schools/forms.py", "postcode"): "five digits",
    ("campaigns/forms.py", "communes"): "a list of INSEE codes",
}


@dataclass(frozen=True)
class Text:
    file: str
    name: str
    line: int
    asks: bool

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.name}"


def _called(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _limits(call: ast.Call) -> list[ast.expr]:
    return [n.args[0] for n in ast.walk(call) if isinstance(n, ast.Call) and _called(n, "at_most")]


def _is_free(call: ast.Call) -> bool:
    """A text area; a line without a limit, or with one that lets a sentence in."""
    if _called(call, _TEXT):
        return True
    limits = _limits(call)
    return not limits or any(not isinstance(n, ast.Constant) or int(str(n.value)) > _LONG for n in limits)


def texts(source: str, file: str) -> Iterator[Text]:
    """Every free text that a module makes, in a class or by a function (which is then its name)."""
    tree = ast.parse(source)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and _called(call, _TEXT, _LINE) and _is_free(call)):
            continue
        node: ast.AST = call
        while not isinstance(above[node], ast.ClassDef | ast.FunctionDef):
            node = above[node]
        owner = above[node]
        whole = owner if isinstance(owner, ast.FunctionDef) else call  # a function may make its validators apart
        asks = any(isinstance(n, ast.Name) and n.id == "discreet" for n in ast.walk(whole))
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        named = target.id if isinstance(owner, ast.ClassDef) and isinstance(target, ast.Name) else ""
        yield Text(file, named or getattr(owner, "name", "?"), call.lineno, asks)


FOUND = [
    text
    for path in sorted(APP.rglob("*.py"))
    if path.name != "showcase.py"
    for text in texts(path.read_text(encoding="utf-8"), path.relative_to(APP).as_posix())
]


def test_the_list_sees_a_field_that_does_not_ask() -> None:
    written = """
class A(Form):
    why = TextAreaField(_l("Pourquoi"), filters=[clean])
    note = StringField(_l("Note"), [at_most(500)])
    told = TextAreaField(_l("Quoi"), [discreet()])
    name = StringField(_l("Nom"), [at_most(120)])

def made():
    return {"x": TextAreaField("x")}
"""
    assert [(t.name, t.asks) for t in texts(written, "a.py")] == [
        ("why", False),
        ("note", False),
        ("told", True),
        ("made", False),
    ]


@pytest.mark.parametrize("text", FOUND, ids=str)
def test_a_free_text_asks_about_private_words(text: Text) -> None:
    key = (text.file, text.name)
    if key in BY_SERVICE:
        assert re.search(r"\bscan\(", (APP / BY_SERVICE[key]).read_text(encoding="utf-8"))
    else:
        assert text.asks or key in NOT_ABOUT_SOMEBODY, f"{text} is a free text that asks nothing: add discreet()"


def test_every_exception_is_of_today() -> None:
    found = {(text.file, text.name) for text in FOUND if not text.asks}
    assert set(BY_SERVICE) | set(NOT_ABOUT_SOMEBODY) <= found
    assert sum(text.asks for text in FOUND) >= 18


_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_AREA = re.compile(r'<textarea\b[^>]*\bname="', re.DOTALL)


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in sorted((APP / "templates").rglob("*.html"))
        if "components" not in p.parts and "<textarea" in p.read_text()
    ],
    ids=lambda p: p.name,
)
def test_a_text_area_written_by_hand_has_the_box_that_keeps_it(path: Path) -> None:
    """Else the writer is asked, and has no way to answer."""
    source = path.read_text(encoding="utf-8")
    forms = [form for form in _FORM.findall(source) if _AREA.search(form)]
    assert len(_AREA.findall(source)) == sum(len(_AREA.findall(form)) for form in forms), "a text outside its form"
    for form in forms:
        assert "reread" in form


ILLNESS = "Il a fait une dépression."


def _asked(client: FlaskClient, address: str, field: str, **more: str) -> None:
    """The page comes back with the question, the text and the box; ticked, the same text goes through."""
    refused = client.post(address, data={field: ILLNESS, **more})
    assert refused.status_code == 422
    assert "peut-être de santé (dépression)" in refused.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert ILLNESS in refused.text
    assert f'name="{field}-reread"' in refused.text
    assert client.post(address, data={field: ILLNESS, f"{field}-reread": "y", **more}).status_code == 303


def _stored(app: Flask, statement: object) -> object:
    with app.app_context():
        found = db.session.scalar(statement)  # type: ignore[call-overload]
        db.session.remove()
    return found


def test_a_structure_is_told_nothing_private_without_a_second_look(
    app: Flask, client: FlaskClient, world: World
) -> None:
    land = world.here
    world.sign_in(client, Role.COORDINATOR)
    _asked(client, f"/structures/{land.organization_id}/decision", "reason", action="suspend")
    state = select(HostOrganization.state).where(HostOrganization.id == land.organization_id)
    assert _stored(app, state) == HostState.SUSPENDED
    _asked(client, f"/offres/{land.offer_id}/action", "reason", action="suspend")
    state = select(PlacementOffer.state).where(PlacementOffer.id == land.offer_id)
    assert _stored(app, state) == OfferState.SUSPENDED


def test_a_phase_is_reopened_for_a_reason_that_says_nothing_private(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        db.session.get_one(Campaign, world.here.campaign_id).phase = Phase.DECISIONS
        db.session.commit()
        db.session.remove()
    world.sign_in(client, Role.COORDINATOR)
    _asked(client, f"/campagne/{world.here.campaign_id}/phase", "reason", action="reopen_wishes")
    assert _stored(app, select(Campaign.phase).where(Campaign.id == world.here.campaign_id)) == Phase.WISHES


def test_who_refuses_a_request_answers_the_question_where_it_is_asked(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        request_id = asked(world.here, Right.ACCESS).id
        db.session.remove()
    world.sign_in(client, Role.COORDINATOR)
    _asked(client, f"/demandes-donnees/{request_id}/refuser", "words")
    assert _stored(app, select(PrivacyRequest.state).where(PrivacyRequest.id == request_id)) == RequestState.REFUSED

"""Every page that somebody may open, at both widths: one h1, nothing too wide, no axe violation, a clean console.

And the student's road without any script.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from app import create_app
from app.access.policy import POLICY, Permission, Role
from app.settings import Settings
from tests.access.test_endpoints import CALLS, SIGNED_IN, Call
from tests.conftest import Templates
from tests.journeys.conftest import Meet, Visitor
from tests.journeys.full import EVENING, Full, fill
from tests.journeys.site import Site
from tests.world import World

# Not pages: probes, data for a script, fragments, and a mail shown as it left.
_NOT_PAGES = {
    "pages.healthz",
    "pages.readyz",
    "offers.suggest_occupations",
    "offers.forbidden_works",
    "allocation.progress",
    "allocation.study_progress",
    "agreements.class_progress",
    "agreements.batch_progress",
    "messaging.message",
}
_DOWNLOAD = re.compile(r"\.(ics|pdf|csv|json|html)$")


@pytest.fixture
def inhabited_site(tmp_path: Path, sqlite_templates: Templates) -> Iterator[Site]:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(sqlite_templates.inhabited, instance / "passerelle.db")
    with sqlite3.connect(instance / "passerelle.db") as connection:
        connection.execute("UPDATE campaign SET wishes_close_on = date('now', '+20 days')")
        connection.execute("UPDATE campaign SET publish_on = date('now', '+30 days')")
    connection.close()
    site = Site(instance, f"sqlite:///{instance / 'passerelle.db'}")
    site.start(worker=False)
    yield site
    site.stop()


def _sign_in(visitor: Visitor, world: World, role: Role) -> None:
    """A session cookie signed with the site's own key."""
    site = visitor.site
    app = create_app(Settings(environment="test", instance=site.instance, database_url=site.database_url, jobs="off"))
    client = world.sign_in(app.test_client(), role)
    cookie = client.get_cookie("session")
    assert cookie is not None
    visitor.page.context.add_cookies([{"name": "session", "value": cookie.value, "url": site.url}])


# Pages of one role behind a permission that several have.
_OWN_PAGES = {
    "feedback.after": Role.STUDENT,
    "feedback.student": Role.STUDENT,
    "feedback.talk": Role.STUDENT,
    "placements.find": Role.STUDENT,
    "placements.host_arrivals": Role.HOST,
    "placements.student_sheet": Role.STUDENT,
    "placements.my_sheet": Role.STUDENT,
    "schools.preview_roster": Role.HEAD,  # who dropped the list
    "wishes.home": Role.STUDENT,
    "wishes.interests": Role.STUDENT,
    "wishes.offers": Role.STUDENT,
    "wishes.offer": Role.STUDENT,
    "wishes.wish_list": Role.STUDENT,
}


def _reader(call: Call) -> Role | None:
    """The role which meets the most on that page."""
    if not isinstance(call.declaration, Permission):
        return None
    if call.endpoint in _OWN_PAGES:
        return _OWN_PAGES[call.endpoint]
    order = (Role.COORDINATOR, Role.TEACHER, Role.HEAD, Role.HOST, Role.STUDENT, Role.OBSERVER, Role.ADMIN)
    return next(role for role in order if role in POLICY[call.declaration])


PAGES = [
    call
    for call in CALLS
    if call.method == "GET" and call.endpoint not in _NOT_PAGES and not _DOWNLOAD.search(call.rule)
]
READERS: list[Role | None] = [None, *SIGNED_IN]


# What nobody can open in that world: a mailed way in that was never asked for, a grouped mail, a code not asked for,
# an offer whose stage has begun, a portal that nobody configured (`test_portal.py` does).
_PORTAL = {f"accounts.{name}" for name in ("come_back", "go_to_link", "go_to_portal", "leave", "leave_portal")}
_CLOSED = {"accounts.link", "messaging.digest", "agreements.batch_of_code", "offers.edit", *_PORTAL}


@pytest.fixture
def full_site(tmp_path: Path, sqlite_templates: Templates) -> Iterator[tuple[Site, Full]]:
    """One of everything, on the last evening of a stage."""
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(sqlite_templates.inhabited, instance / "passerelle.db")
    site = Site(instance, f"sqlite:///{instance / 'passerelle.db'}", moment=EVENING)
    app = create_app(
        Settings(environment="test", instance=instance, database_url=site.database_url, jobs="off", public_url=site.url)
    )
    full = fill(app, sqlite_templates.world.here)
    site.start(worker=False)
    yield site, full
    site.stop()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_every_page_is_accessible(
    full_site: tuple[Site, Full], sqlite_templates: Templates, meet: Meet, screen: str
) -> None:
    (site, full), seen, closed, problems = full_site, 0, [], []
    for role in READERS:
        visitor = meet(site, screen)
        if role is not None:
            with time_machine.travel(EVENING, tick=True):
                _sign_in(visitor, sqlite_templates.world, role)
        for call in PAGES:
            if _reader(call) is not role:
                continue
            answer = visitor.page.goto(site.url + full.path(call))
            assert answer is not None
            assert answer.status in {200, 404, 409, 410}, f"{call}: {answer.status}"
            if answer.status != 200 and call.endpoint not in _CLOSED:
                closed.append(f"{call} at {full.path(call)}: {answer.status}, {visitor.page.inner_text('h1')}")
            seen += 1
            try:
                visitor.check(f"page-{call.endpoint}" if os.environ.get("EVERY_PICTURE") else "")
            except AssertionError as error:
                problems.append(str(error))
    assert not problems, "\n".join(problems)
    assert not closed, "\n".join(closed)
    assert seen == len(PAGES)


def test_a_student_walks_without_any_script(inhabited_site: Site, sqlite_templates: Templates, meet: Meet) -> None:
    world = sqlite_templates.world
    lina = meet(inhabited_site, "phone", javascript=False)
    _sign_in(lina, world, Role.STUDENT)
    page = lina.goto("/mes-envies")
    page.check("[name=interests][value='3']")
    lina.follow("Continuer")
    page.check("[name=likes][value=dehors]")
    lina.follow("Continuer")
    lina.follow("Garder et voir les offres")
    lina.follow(re.compile("Redonner vie aux vélos"))
    assert "Au programme" in page.inner_text("main")
    lina.goto("/mes-voeux")
    assert "Redonner vie aux vélos" in page.inner_text("main")
    page.locator("[name=remove]").first.click()
    assert "Redonner vie aux vélos" not in page.locator("main ol, main ul").all_inner_texts()
    lina.goto("/les-offres")
    lina.follow(re.compile("Ajouter à mes vœux"))
    lina.goto("/mes-voeux")
    lina.follow("Envoyer mes vœux")
    assert "Envoyés" in page.inner_text("main")

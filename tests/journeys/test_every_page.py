"""Every page that somebody may open, at both widths: one h1, nothing too wide, no axe violation, a clean console.

And the student's road without any script.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from app.access.policy import POLICY, Permission, Role
from app.settings import Settings
from tests.access.test_endpoints import CALLS, SIGNED_IN, Call
from tests.conftest import Templates
from tests.journeys.conftest import Meet, Visitor
from tests.journeys.site import Site
from tests.world import World

# Not pages: probes, data for a script, a fragment, and links whose token the small world does not hold.
_NOT_PAGES = {
    "pages.healthz",
    "pages.readyz",
    "offers.suggest_occupations",
    "offers.forbidden_works",
    "allocation.progress",
    "messaging.message",
    "placements.family",
}


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


def _reader(call: Call) -> Role | None:
    """The role which meets the most on that page."""
    if not isinstance(call.declaration, Permission):
        return None
    order = (Role.COORDINATOR, Role.TEACHER, Role.HEAD, Role.HOST, Role.STUDENT, Role.OBSERVER, Role.ADMIN)
    return next(role for role in order if role in POLICY[call.declaration])


PAGES = [call for call in CALLS if call.method == "GET" and call.endpoint not in _NOT_PAGES]
READERS: list[Role | None] = [None, *SIGNED_IN]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_every_page_is_accessible(inhabited_site: Site, sqlite_templates: Templates, meet: Meet, screen: str) -> None:
    world, seen, problems = sqlite_templates.world, 0, []
    for role in READERS:
        visitor = meet(inhabited_site, screen)
        if role is not None:
            _sign_in(visitor, world, role)
        for call in PAGES:
            if _reader(call) is not role:
                continue
            answer = visitor.page.goto(inhabited_site.url + call.path(world.here))
            assert answer is not None
            assert answer.status in {200, 404, 409}, f"{call}: {answer.status}"
            seen += 1
            try:
                visitor.check()
            except AssertionError as error:
                problems.append(str(error))
    assert not problems, "\n".join(problems)
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

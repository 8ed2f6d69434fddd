"""A week shared by two structures, on phones: the coordinator divides it, each says yes, one convention, both sign."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import expect

from app import create_app
from app.access.policy import Role
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db
from app.offers.models import PlacementOffer
from app.schools.models import Student
from app.settings import Settings
from tests.agreements import papers
from tests.conftest import NOVEMBER, Templates
from tests.journeys.conftest import Meet, Visitor
from tests.journeys.site import Site
from tests.journeys.test_every_page import _sign_in
from tests.journeys.test_signed_road import until
from tests.messaging.mailbox import serving
from tests.world import Land, World

FIRST, SECOND = "Ressourcerie du Terril 1", "Régie de quartier L’Essor"
DIRECTOR, PRESIDENT, NORA, ANNA = (
    "direction@ressourcerie.example",
    "president@essor.example",
    "nora@essor.example",
    "anna@famille.example",
)


def _confirmed(site: Site, land: Land) -> int:
    """Lina is expected for the five days of the first structure; another one has room on Thursday and Friday."""
    app = create_app(Settings(environment="test", instance=site.instance, database_url=site.database_url, jobs="off"))
    with app.app_context(), time_machine.travel(NOVEMBER, tick=True):
        papers.fill_registers(land)
        papers.second_structure(land)
        db.session.get_one(Student, land.student_id).guardians[0].email = ANNA
        db.session.get_one(PlacementOffer, land.offer_id).tutor_email = "karim@ressourcerie.example"
        db.session.get_one(Campaign, land.campaign_id).phase = Phase.PUBLISHED
        db.session.commit()
        number = papers.place(land)
        db.session.remove()
        db.engine.dispose()
    return number


@pytest.fixture
def shared_site(tmp_path: Path, sqlite_templates: Templates) -> Iterator[Site]:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(sqlite_templates.inhabited, instance / "passerelle.db")
    with serving() as box:
        site = Site(instance, f"sqlite:///{instance / 'passerelle.db'}", box=box, moment=NOVEMBER)
        yield site
        site.stop()


def _person(meet: Meet, site: Site, world: World, role: Role) -> Visitor:
    visitor = meet(site, "phone")
    with time_machine.travel(NOVEMBER, tick=True):  # before the processes began: no session of the future
        _sign_in(visitor, world, role)
    return visitor


def _signs(site: Site, meet: Meet, address: str, structures: tuple[str, ...]) -> None:
    """By the link of a mail and the code of another."""
    someone = meet(site, "phone")
    page = someone.goto(site.link_to(address, "/signer/"))
    for name in structures:
        assert name in page.inner_text("main")
    page.get_by_label("J’ai lu la convention").check()
    someone.follow("Recevoir mon code")
    page.get_by_label("Code à six chiffres").fill(site.code_to(address))
    someone.follow("Signer la convention")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est fait")


@pytest.mark.timeout(300)
def test_a_week_is_shared_and_both_structures_sign(shared_site: Site, sqlite_templates: Templates, meet: Meet) -> None:
    site, world = shared_site, sqlite_templates.world
    placement_id = _confirmed(site, world.here)
    site.start()

    camille = _person(meet, site, world, Role.COORDINATOR)
    page = camille.goto(f"/stages/{placement_id}/semaine")
    camille.check("shared-week")
    page.select_option("[name=slot_id]", index=1)
    for day in (3, 4):
        page.check(f"[name=day_{day}][value=nouvelle]")
    camille.follow("Répartir et prévenir")
    assert "raison" in page.inner_text("main").lower()
    assert page.is_checked("[name=day_4][value=nouvelle]"), "refused without a reason, nothing is lost"
    page.fill("[name=reason]", "La ressourcerie est fermée en fin de semaine.")
    camille.follow("Répartir et prévenir")
    expect(page.get_by_text("La semaine est répartie")).to_be_visible()
    camille.check("shared-week-done")
    assert SECOND in page.inner_text("main")

    nora = meet(site, "phone")
    page = nora.goto(site.link_to(NORA, "/accueil/"))
    assert "jeudi 28 et vendredi 29 janvier" in re.sub(r"[\u00a0\u202f]", " ", page.inner_text("main"))
    assert "Wojcik" not in page.inner_text("body")
    nora.follow(re.compile("Oui, nous l’accueillons Lina"))
    anna = meet(site, "phone")
    page = anna.goto(site.link_to(ANNA, "/famille/"))
    anna.check("shared-week-family")
    assert SECOND in page.inner_text("main")
    page.get_by_role("button", name="Oui, c’est d’accord").last.click()
    expect(page.get_by_text("Votre oui est noté")).to_be_visible()

    sophie = _person(meet, site, world, Role.TEACHER)
    page = sophie.goto(f"/classes/{world.here.class_id}/conventions")
    sophie.follow("Préparer les conventions de la classe")
    until(sophie, r"signatures? sur \d")  # nothing is missing: it goes to its signatures at once
    sophie.follow("Lina Wojcik")
    sophie.check("shared-week-agreement")
    for name in (FIRST, SECOND):
        assert name in page.inner_text("main")
    agreement = page.url

    for address in (DIRECTOR, PRESIDENT):
        _signs(site, meet, address, (FIRST, SECOND))
    page = sophie.goto(agreement.rstrip("/") + "/signatures")
    sophie.check("shared-week-signatures")
    for name in ("Sonia Carpentier", "Yanis Petit"):
        row = page.locator("li", has_text=name).first
        assert "Signé" in row.inner_text(), row.inner_text()
    assert "Il manque des signatures" in page.inner_text("main")

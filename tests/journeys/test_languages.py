"""The two pages of a family, on a phone, in every language: axe, width, direction, and the choice of a language."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import expect

from app import create_app
from app.agreements.states import PartyRole
from app.kernel.database import db
from app.placements import links
from app.schools.models import Student
from app.settings import Settings
from app.web.languages import LANGUAGES
from tests.agreements.signing_kit import GUARDIAN, Case
from tests.conftest import NOVEMBER, Templates
from tests.journeys.conftest import Meet
from tests.journeys.site import Site

HEADINGS = {
    "fr": "Un stage pour",
    "fr-facile": "Un stage pour",
    "en": "An internship for",
    "ar": "تدريب لـ",
    "pl": "Staż:",
    "it": "Uno stage per",
    "pt": "Um estágio para",
}


@dataclass
class Home:
    """A site, and the addresses that one guardian received."""

    site: Site
    family: str
    signing: str


@pytest.fixture
def home(tmp_path: Path, sqlite_templates: Templates) -> Iterator[Home]:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(sqlite_templates.inhabited, instance / "passerelle.db")
    site = Site(instance, f"sqlite:///{instance / 'passerelle.db'}")
    app = create_app(Settings(environment="test", instance=instance, database_url=site.database_url, jobs="off"))
    with time_machine.travel(NOVEMBER, tick=True):
        case = Case.of(app, sqlite_templates.world.here)
    with app.app_context():
        student = db.session.get_one(Student, sqlite_templates.world.here.student_id)
        family = f"/famille/{links.token_for(student.guardians[0])}"
        db.session.remove()
    assert case.party(PartyRole.GUARDIAN).email == GUARDIAN
    site.start(worker=False)
    yield Home(site, family, case.path(case.token(GUARDIAN)))
    site.stop()


def test_each_language_on_a_phone(home: Home, meet: Meet) -> None:
    visitor = meet(home.site, "phone")
    for code, language in LANGUAGES.items():
        page = visitor.goto(f"{home.family}?langue={code}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(HEADINGS[code])
        html = page.locator("html")
        expect(html).to_have_attribute("dir", "rtl" if code == "ar" else "ltr")
        expect(html).to_have_attribute("lang", re.compile(f"^{language.tag}"))
        visitor.check(f"family-{code}")
        page = visitor.goto(f"{home.signing}?langue={code}")
        expect(page.locator("div[lang=fr][dir=ltr] h2").first).to_have_text("La convention de stage")
        visitor.check(f"signing-{code}")


def test_a_choice_is_kept_without_any_script(home: Home, meet: Meet) -> None:
    visitor = meet(home.site, "phone", javascript=False)
    page = visitor.goto(home.family)
    page.get_by_role("button", name="العربية").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(HEADINGS["ar"])
    page = visitor.goto(home.signing)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.get_by_role("button", name="Français", exact=True).click()
    page = visitor.goto(home.family)
    expect(page.get_by_role("heading", level=1)).to_contain_text(HEADINGS["fr"])

"""« J’ai trouvé moi-même » on a phone without any script, up to the coordinator's word and the family's answer."""

from __future__ import annotations

import re

import pytest

from app import create_app
from app.access.policy import Role
from app.kernel.database import db
from app.schools import services as schools
from app.schools.models import Student
from app.settings import Settings
from tests.conftest import Templates
from tests.journeys.conftest import Meet
from tests.journeys.site import Site
from tests.journeys.test_every_page import _sign_in, inhabited_site
from tests.world import WEEKS, Land

__all__ = ["inhabited_site"]  # the fixture

GARAGE = "Garage Dubois"


def _slip(site: Site, land: Land) -> str:
    """The code printed for the first guardian."""
    app = create_app(Settings(environment="test", instance=site.instance, database_url=site.database_url, jobs="off"))
    with app.app_context():
        student = db.session.get_one(Student, land.student_id)
        code = schools.slips([student], by=land.actor(Role.TEACHER))[student.id][0].code
        db.session.remove()
        db.engine.dispose()
    return code


@pytest.mark.timeout(180)
def test_a_find_becomes_a_stage_without_any_script(
    inhabited_site: Site, sqlite_templates: Templates, meet: Meet
) -> None:
    world = sqlite_templates.world
    lina = meet(inhabited_site, "phone", javascript=False)
    _sign_in(lina, world, Role.STUDENT)
    page = lina.goto("/mon-espace")
    lina.follow("J’ai trouvé un stage moi-même")
    for name, value in {
        "structure": GARAGE,
        "address": "3 rue du Puits",
        "contact_name": "Paul Dubois",
        "work": "Je vais regarder les réparations et accueillir les clients.",
    }.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=commune_id]", label="Hénin-Beaumont")
    page.select_option("[name=monday]", WEEKS[0].isoformat())
    page.fill("[name=ends_at]", "19:30")
    lina.follow("Envoyer à la coordination")
    assert page.locator(".error-summary, [role=alert]").first.is_visible(), "neither telephone nor address: it is asked"
    assert page.input_value("[name=structure]") == GARAGE
    assert page.input_value("[name=ends_at]") == "19:30"
    page.fill("[name=contact_phone]", "03 21 11 22 33")
    lina.follow("Envoyer à la coordination")
    assert page.url.endswith("/mon-stage")
    assert GARAGE in page.inner_text("main")
    assert "vérifie" in page.inner_text("body")

    camille = meet(inhabited_site, "phone", javascript=False)
    _sign_in(camille, world, Role.COORDINATOR)
    desk = camille.goto("/stages")
    camille.follow(re.compile("Lina"))
    told = desk.inner_text("main")
    assert "à vérifier" in told
    assert GARAGE in told
    assert "À regarder avant de dire oui" in told, "the hours are too long, and it is said before anybody says yes"
    camille.follow("Ce stage convient")
    assert "n’est pas permis ainsi" in desk.inner_text("main")
    camille.goto("/stages")
    camille.follow(re.compile("Lina"))
    refused = desk.url
    desk.get_by_text("Ce stage ne convient pas").click()
    desk.fill("[name=reason]", "Le départ est trop tard le soir. Demande à finir à 16 h.")
    camille.follow("Écarter ce stage")

    lina.goto("/mon-stage")
    assert "trop tard le soir" in page.inner_text("main")
    lina.goto("/trouve")
    for name, value in {
        "structure": GARAGE,
        "address": "3 rue du Puits",
        "contact_name": "Paul Dubois",
        "contact_phone": "03 21 11 22 33",
        "work": "Je vais regarder les réparations et accueillir les clients.",
    }.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=commune_id]", label="Hénin-Beaumont")
    page.select_option("[name=monday]", WEEKS[0].isoformat())
    lina.follow("Envoyer à la coordination")
    camille.goto("/stages")
    camille.follow(re.compile("À vérifier"))
    camille.follow(re.compile("Lina"))
    assert desk.url != refused
    assert "imprimez-lui une lettre" in desk.inner_text("main"), "a telephone and no mail: it is said"
    camille.follow("Ce stage convient")
    assert "Ce stage est vérifié" in desk.inner_text("body")

    anna = meet(inhabited_site, "phone", javascript=False)
    form = anna.goto("/parents")
    form.fill("[name=code]", _slip(inhabited_site, world.here))
    anna.follow("Continuer")
    assert f"Lina ira chez {GARAGE}" in form.inner_text("main")
    anna.follow("Voir le stage et répondre")
    anna.follow("Oui, c’est d’accord")
    assert "Votre oui est noté" in form.inner_text("body")

    lina.goto("/mon-stage")
    assert GARAGE in page.inner_text("main")
    assert "Wojcik" not in form.inner_text("h1")

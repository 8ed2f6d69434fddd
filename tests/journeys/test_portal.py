"""Single sign-on in a real browser: a student on a phone by the school's portal, a host at a desk by an agency's."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app import create_app
from app.access.policy import Role
from app.accounts import services
from app.accounts.models import User
from app.kernel.database import db
from app.settings import IdentityProvider, Settings
from tests.accounts import providers
from tests.conftest import Templates
from tests.journeys.conftest import Meet, Visitor
from tests.journeys.site import Site


@dataclass
class FederatedSite(Site):
    providers: list[IdentityProvider] = field(default_factory=list)
    card: str = ""

    @property
    def environment(self) -> dict[str, str]:
        told = [provider.model_dump(mode="json") | {"client_secret": providers.SECRET} for provider in self.providers]
        return super().environment | {"PASSERELLE_SSO": json.dumps(told)}


@pytest.fixture
def site(tmp_path: Path, sqlite_templates: Templates) -> Iterator[FederatedSite]:
    if providers.node() is None:
        if os.environ.get("CI"):
            pytest.fail("no Node, or no oidc-provider: npm ci")
        pytest.skip("no Node, or no oidc-provider: run `make test`, which fetches it")
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(sqlite_templates.inhabited, instance / "passerelle.db")
    site = FederatedSite(instance, f"sqlite:///{instance / 'passerelle.db'}")
    app = create_app(Settings(environment="test", instance=instance, database_url=site.database_url, jobs="off"))
    with app.app_context():
        user = db.session.get(User, sqlite_templates.world.here.users[Role.STUDENT])
        assert user is not None
        site.card = services.issue_card_code(user, "CLASSE1")
        db.session.remove()
        db.engine.dispose()
    with providers.portal(site.url) as portal, providers.agency(tmp_path, site.url) as agency:
        site.providers = [portal, agency]
        site.start(worker=False)
        yield site
        site.stop()


def _signs_in_there(visitor: Visitor, login: str) -> None:
    """On the provider's own pages, which are not ours to judge."""
    page = visitor.page
    page.locator("[name=login], [name=username]").fill(login)
    page.locator("[name=password]").fill("motdepasse")
    page.locator("button[type=submit]").click()
    consent = page.locator("button[type=submit], input[name=allow]")
    page.wait_for_load_state("networkidle")
    if not page.url.startswith(visitor.site.url):
        consent.first.click()
        page.wait_for_load_state("networkidle")


@pytest.mark.timeout(300)
def test_a_student_on_a_phone_and_a_host_at_a_desk(site: FederatedSite, meet: Meet) -> None:
    lina = meet(site, "phone")
    lina.goto("/connexion")
    lina.check("portal-sign-in")
    lina.follow("ENT Hauts-de-France")
    _signs_in_there(lina, "lina")
    lina.check("portal-unknown")
    lina.follow("Entrer avec ma carte")
    lina.page.fill("[name=class_code]", "CLASSE1")
    lina.page.fill("[name=personal_code]", site.card)
    lina.follow("Entrer")
    lina.check("portal-confirm")
    assert "Lina W." in lina.page.inner_text("main")
    lina.follow("Oui, relier")
    lina.check("portal-linked")
    assert "Relié" in lina.page.inner_text("main")
    lina.follow("Quitter")
    lina.check("portal-leave")
    lina.goto("/connexion")
    lina.follow("ENT Hauts-de-France")  # still open there: no word to type
    assert lina.page.url == f"{site.url}/mon-espace"
    lina.follow("Quitter")
    lina.follow("Quitter aussi ENT Hauts-de-France")
    lina.page.locator("button[name=logout]").click()
    lina.page.wait_for_load_state("networkidle")
    assert lina.page.url == f"{site.url}/"
    lina.goto("/connexion")
    lina.follow("ENT Hauts-de-France")
    assert lina.page.locator("[name=login]").is_visible()

    karim = meet(site, "desk")
    karim.goto("/connexion/adresse")
    karim.check("portal-adults")
    karim.follow("Agence Connect")
    _signs_in_there(karim, "karim")
    karim.check()
    assert "Host 1" in karim.page.inner_text("header")
    karim.goto("/mon-compte")
    karim.check("portal-own")

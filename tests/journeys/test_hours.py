"""The editor of hours under real fingers: with a script the breach shows while one types, without one at the end."""

from __future__ import annotations

import re

from app.access.policy import Role
from tests.conftest import Templates
from tests.journeys.conftest import Meet
from tests.journeys.site import Site
from tests.journeys.test_every_page import _sign_in, inhabited_site

__all__ = ["inhabited_site"]  # the fixture


def _plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def test_the_breach_shows_while_one_types(
    inhabited_site: Site,
    sqlite_templates: Templates,
    meet: Meet,
) -> None:
    host = meet(inhabited_site, "phone")
    _sign_in(host, sqlite_templates.world, Role.HOST)
    page = host.goto("/offres/nouvelle")
    findings = page.locator("#hours-findings")
    assert not page.locator("[name=hours-mon-morning_start]").is_visible()
    page.fill("[name=hours-usual-afternoon_end]", "17:30")
    page.locator("#hours-findings", has_text=re.compile(r"Retirez\s30")).wait_for()
    assert "7 h au plus par jour avant 16 ans" in _plain(findings.inner_text())
    page.fill("[name=hours-usual-afternoon_end]", "16:00")
    page.locator("#hours-findings", has_text="conviennent").wait_for()
    page.uncheck("[name=hours-same]")
    assert page.input_value("[name=hours-wed-afternoon_end]") == "16:00"
    assert page.input_value("[name=hours-sat-morning_start]") == ""
    page.fill("[name=hours-wed-afternoon_end]", "20:15")
    page.locator("#hours-findings", has_text="Mercredi").wait_for()
    assert "départ à 20 h 15" in _plain(findings.inner_text())
    assert findings.get_attribute("aria-live") == "polite"
    host.check()


def test_without_a_script_the_server_decides(
    inhabited_site: Site,
    sqlite_templates: Templates,
    meet: Meet,
) -> None:
    host = meet(inhabited_site, "desk", javascript=False)
    _sign_in(host, sqlite_templates.world, Role.HOST)
    page = host.goto("/offres/nouvelle")
    page.fill("[name=title]", "Tenir la boutique")
    page.uncheck("[name=hours-same]")
    page.fill("[name=hours-wed-afternoon_end]", "20:15")
    page.get_by_role("button", name="Garder en brouillon").click()
    assert "départ à 20 h 15" in _plain(page.inner_text("#hours-findings"))
    assert page.input_value("[name=hours-wed-afternoon_end]") == "20:15"
    page.check("[name=hours-same]")
    page.get_by_role("button", name="Garder en brouillon").click()
    assert "Le brouillon est gardé." in page.inner_text("body")

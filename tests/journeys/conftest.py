"""Real Chromium, at the width of a phone and of a desk; axe on every page; no message in the console."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.site import ROOT, Site, Telephone

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
OUTPUT = ROOT / "journeys-output"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SCREENS = {"phone": (390, 844), "desk": (1280, 900)}


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = None
    if _chromium() is None:
        reason = "no Chromium: install the package `chromium`, or set CHROMIUM to its path"
    elif not AXE.exists():
        reason = "no front-end files: run `make test`, which fetches them"
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("journey")
            if reason and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person with their own browser."""

    page: Page
    site: Site
    screen: str
    quick: bool = False  # walked to get somewhere: what is on the way has its own journey
    loads: int = 0

    def __post_init__(self) -> None:
        self.page.on("domcontentloaded", self._count)

    def _count(self, _page: Page) -> None:
        self.loads += 1

    def goto(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.site.url + path)
        return self.page

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Click the first link or button of that name: in the page itself, else in the menu (a phone folds it)."""
        for part in (self.page.get_by_role("main"), self.page.locator("body")):
            target = part.get_by_role("button", name=name).or_(part.get_by_role("link", name=name)).first
            if target.count():
                break
        fold = self.page.locator(".main-nav__fold summary")
        if not target.is_visible() and fold.count():
            fold.first.click()
        target.click()
        self.page.wait_for_load_state("networkidle")

    def prove(self, address: str) -> None:
        """The second factor of this person, if it is asked for: a telephone related once, then its codes."""
        telephones = self.site.telephones
        if self.page.url.endswith("/connexion/telephone"):
            secret = self.page.locator("[data-secret]").inner_text().replace(" ", "")
            telephone = telephones[address] = Telephone(secret)
            self.check("second-factor")
            self.page.fill("[name=code]", telephone.code(self.site.now()))
            self.follow("Relier ce téléphone")
            self.check("recovery-codes")
            self.follow("C’est rangé, continuer")
        elif self.page.url.endswith("/connexion/code"):
            self.page.fill("[name=code]", telephones[address].code(self.site.now()))
            self.check("second-factor-code")
            self.follow("Entrer")

    def check(self, picture: str = "") -> None:
        """One h1, no axe violation, nothing wider than the screen; keep a picture under this name."""
        page = self.page
        page.wait_for_load_state("networkidle")
        if self.quick and not picture:
            return
        assert page.locator("h1").count() == 1, f"{page.url} has {page.locator('h1').count()} h1"
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = page.evaluate("async () => (await axe.run()).violations")
        told = [f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:3]}" for v in violations]
        assert not told, f"{page.url} at {self.screen}:\n" + "\n".join(told)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} at {self.screen} is {wide} px too wide"
        if picture:
            OUTPUT.mkdir(exist_ok=True)
            page.screenshot(path=OUTPUT / f"{picture}-{self.screen}.png", full_page=True)


Meet = Callable[..., Visitor]


@pytest.fixture
def meet(browser: Browser) -> Iterator[Meet]:
    """`meet(site, "phone")` gives somebody a browser; what our pages complain about in its console fails."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def _meet(site: Site, screen: str, *, javascript: bool = True) -> Visitor:
        width, height = SCREENS[screen]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=screen == "phone",
            is_mobile=screen == "phone",
            locale="fr-FR",
            timezone_id="Europe/Paris",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()

        def complain(text: str) -> None:
            if page.url.startswith(site.url):  # an identity provider's pages are not ours
                complaints.append(f"{page.url}: {text}")

        page.on("console", lambda message: complain(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complain(str(error)))
        return Visitor(page, site, screen)

    yield _meet
    for context in contexts:
        context.close()
    expected = re.compile(r"status of (422|409|404|403)")
    unexpected = [line for line in complaints if not expected.search(line)]
    assert not unexpected, "\n".join(unexpected)


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[Site]:
    """Nothing but the schema, served on SQLite as `make demo` serves it."""
    instance = tmp_path / "instance"
    instance.mkdir()
    site = Site(instance, f"sqlite:///{instance / 'passerelle.db'}")
    site.flask("db", "upgrade")
    site.start()
    yield site
    site.stop()

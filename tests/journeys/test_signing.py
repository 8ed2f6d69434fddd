"""Signatures in a real browser: a parent on a phone with the code of a real mail, a head at a desk, a paper brought.

And every page of the signatures, at both widths, under axe.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import expect

from app import create_app
from app.access.policy import Role
from app.settings import Settings
from tests.agreements.signing_kit import CARD, GUARDIAN, Case
from tests.conftest import NOVEMBER, Templates
from tests.journeys.conftest import Meet, Visitor
from tests.journeys.site import Site
from tests.journeys.test_every_page import _sign_in
from tests.messaging.mailbox import Mailbox, serving
from tests.world import World

PAGE = Path(__file__).resolve().parents[1] / "agreements" / "data" / "page.png"


@dataclass
class MailingSite(Site):
    """The same site, which hands its mails to a real SMTP server."""

    smtp_port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "PASSERELLE_MAIL": "smtp",
            "PASSERELLE_SMTP_HOST": "127.0.0.1",
            "PASSERELLE_SMTP_PORT": str(self.smtp_port),
        }


@dataclass
class Scene:
    site: MailingSite
    box: Mailbox
    case: Case
    world: World

    def mail(self, to: str, pattern: str, seconds: float = 120, after: str = "") -> str:
        """What `pattern` finds in the latest mail to this address; waits for the worker and the server.

        `after`: what the mail before it said, when a new one is waited for.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in reversed(self.box.accepted):
                part = next(p for p in message.walk() if p.get_content_type() == "text/plain")
                payload = part.get_payload(decode=True)
                found = re.search(pattern, payload.decode()) if isinstance(payload, bytes) else None
                if to in str(message["To"]) and found:
                    if (said := "".join(found.groups())) != after:
                        return said
                    break
            time.sleep(0.3)
        raise AssertionError(f"no mail to {to} with {pattern}\n{self.site.log()}")

    def sql(self, *statements: str) -> None:
        with sqlite3.connect(self.site.instance / "passerelle.db", timeout=30) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()


@pytest.fixture
def scene(tmp_path: Path, sqlite_templates: Templates) -> Iterator[Scene]:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(sqlite_templates.inhabited, instance / "passerelle.db")
    url = f"sqlite:///{instance / 'passerelle.db'}"
    with serving() as box:
        site = MailingSite(instance, url, smtp_port=box.port)
        app = create_app(
            Settings(environment="test", instance=instance, database_url=url, jobs="off", public_url=site.url)
        )
        with time_machine.travel(NOVEMBER, tick=True):
            case = Case.of(app, sqlite_templates.world.here)
            Case.of(app, sqlite_templates.world.here, number=1)
        found = Scene(site, box, case, sqlite_templates.world)
        # Whatever day it is, the mails are due now and their links are of today.
        found.sql(
            "UPDATE outbox_message SET not_before = datetime('now', '-1 minute')",
            "UPDATE signing_link SET expires_at = datetime('now', '+30 days')",
        )
        site.start()
        yield found
        site.stop()


def test_a_parent_a_head_and_a_paper(scene: Scene, meet: Meet) -> None:
    _a_parent_signs_on_a_phone(scene, meet(scene.site, "phone"))
    _a_head_signs_at_a_desk(scene, meet(scene.site, "desk"))
    _a_teacher_brings_a_paper(scene, meet(scene.site, "desk"))
    assert scene.case.faults() == ()


def _a_parent_signs_on_a_phone(scene: Scene, anna: Visitor) -> None:
    link = scene.mail(GUARDIAN, rf"(http\S+/signer/{scene.case.reference}/\S+)")
    page = anna.goto(link)
    anna.check("signing")
    anna.follow("Recevoir mon code")
    anna.check()
    page.get_by_label("J’ai lu la convention").check()
    anna.follow("Recevoir mon code")
    anna.check("signing-code")
    page.get_by_label("Code à six chiffres").fill(scene.mail(GUARDIAN, r"(\d{3}) (\d{3})"))
    anna.follow("Signer la convention")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est fait")
    anna.check("signing-done")


def _a_head_signs_at_a_desk(scene: Scene, paul: Visitor) -> None:
    _sign_in(paul, scene.world, Role.HEAD)
    page = paul.goto("/conventions/a-signer")
    paul.check("batch")
    paul.follow("Recevoir le code pour signer")
    paul.check("batch-code")
    page.get_by_label("Code à six chiffres").fill(scene.mail("head1@passerelle.example", r"(\d{3}) (\d{3})"))
    paul.follow("Signer")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 conventions signées", timeout=60_000)
    paul.check("batch-done")


def _a_teacher_brings_a_paper(scene: Scene, sophie: Visitor) -> None:
    _sign_in(sophie, scene.world, Role.TEACHER)
    page = sophie.goto(f"/conventions/{scene.case.id}/papier")
    page.get_by_label("Photos ou fichier").set_input_files([PAGE])
    page.get_by_label(re.compile("Zoé Martin")).check()
    page.get_by_label(re.compile("Les huit premiers signes")).fill("0000 0000")
    sophie.follow("Enregistrer le papier signé")
    sophie.check("paper")
    page.get_by_label("Photos ou fichier").set_input_files([PAGE])
    page.get_by_label(re.compile("Les huit premiers signes")).fill(scene.case.digest[:8])
    sophie.follow("Enregistrer le papier signé")
    expect(page.get_by_text("Signé sur papier")).to_be_visible()
    sophie.check("signatures")


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_every_page_of_the_signatures(scene: Scene, meet: Meet, screen: str) -> None:
    case = scene.case
    token = scene.mail(GUARDIAN, rf"/signer/{case.reference}/(\S+)")
    visitor = meet(scene.site, screen)
    for path, name in (
        (case.path(token), "signing"),
        (case.path(token, "/papier"), "signing-paper"),
        (case.path("coupé"), "signing-lost"),
    ):
        visitor.goto(path)
        visitor.check(name)
    visitor.goto(case.path(token)).get_by_text("Je ne veux pas signer").click()
    visitor.follow("Dire au collège que je ne signe pas")
    visitor.check()
    scene.sql("UPDATE signing_link SET expires_at = datetime('now', '-1 minute')")
    visitor.goto(case.path(token))
    visitor.check("signing-expired")
    scene.sql("UPDATE signing_link SET created_at = datetime('now', '-1 hour')")
    visitor.follow("Recevoir un nouveau lien")
    visitor.check()
    assert scene.mail(GUARDIAN, rf"/signer/{case.reference}/(\S+)", after=token)
    pages = {
        Role.HEAD: ("/conventions/a-signer", "/delegations", f"/conventions/{case.id}/signer"),
        Role.TEACHER: (
            f"/conventions/{case.id}/signatures",
            f"/conventions/{case.id}/preuves",
            f"/conventions/{case.id}/papier",
            f"/conventions/{case.id}/signer",
            f"/conventions/{case.id}/signatures/{case.party_id('guardian')}/adresse",
        ),
        Role.COORDINATOR: ("/conventions/sans-signature", f"/conventions/{case.id}/signatures"),
        Role.HOST: (f"/conventions/{case.id}/signatures", f"/conventions/{case.id}/papier"),
        Role.STUDENT: (f"/conventions/{case.id}/signer", f"/conventions/{case.id}/signatures"),
    }
    for role, paths in pages.items():
        somebody = meet(scene.site, screen)
        _sign_in(somebody, scene.world, role)
        for number, path in enumerate(paths):
            somebody.goto(path)
            somebody.check(f"sign-{role.value}-{number}")
    lina = meet(scene.site, screen)
    _sign_in(lina, scene.world, Role.STUDENT)
    page = lina.goto(f"/conventions/{case.id}/signer")
    page.get_by_label("J’ai lu la convention").check()
    page.get_by_label("Ton code personnel").fill(f"{CARD}0")
    lina.follow("Signer ma convention")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est fait")
    lina.check()

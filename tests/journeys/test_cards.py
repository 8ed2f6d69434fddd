"""The first ten minutes, measured: a class of thirty from the school's file to printed cards, and a student from the
card to submitted wishes, on a phone.

The machine's seconds are counted with a person's: so long to read a page, to find what to touch, to press a key.
"""

from __future__ import annotations

import io
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page

from app import create_app
from app.access.policy import Role
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.settings import Settings
from tests.conftest import Templates
from tests.journeys.conftest import Meet, Visitor
from tests.journeys.site import Site
from tests.journeys.test_every_page import _sign_in, inhabited_site
from tests.world import Land

__all__ = ["inhabited_site"]  # the fixture

READING, AIMING, KEY = 6.0, 1.5, 0.3  # seconds: a page, a target, a key under a thumb
PRINTER = 30.0  # four sheets, on both sides, in the staff room
THREE_MINUTES, FOUR_MINUTES = 180, 240
# The school's page, the form, the preview, the school with what was done, the question, the cards.
MOST_LOADS = 6
FIRST = ("Adam", "Alice", "Amine", "Camille", "Chloé", "Eva", "Hugo", "Inaya", "Jade", "Jules", "Léa", "Léo", "Lola")
LAST = ("Kaczmarek", "Lefèvre", "N’Guyen", "Dubois-Marchand", "Le Gall", "Öztürk")
_CARD = re.compile(r"Code de la classe\s+(\S+)\s+Ton code personnel\s+([2-9A-Z]{4} [2-9A-Z]{4})")


def pronote(number: int) -> bytes:
    """A list as Pronote writes it: semicolons, Windows letters, one line a student, columns nobody needs."""
    text = io.StringIO()
    text.write("Nom;Prénom;Né(e) le;Sexe;Classe;Régime;Nom responsable 1;Prénom responsable 1;E-mail responsable 1\r\n")
    for i in range(number):
        last = LAST[i % len(LAST)].upper()
        first = FIRST[i % len(FIRST)]
        text.write(
            f"{last} {chr(65 + i % 26)};{first};{1 + i % 28:02d}/0{1 + i % 9}/2012;F;3E 2;DP;"
            f"{last};Dominique;famille{i}@mail.example\r\n"
        )
    return text.getvalue().encode("cp1252", errors="replace")


@dataclass
class Hands:
    """Somebody who reads, touches and types, and what it would have cost them."""

    visitor: Visitor
    taps: int = 0
    keys: int = 0
    machine: float = 0.0
    loads_before: int = 0

    def __post_init__(self) -> None:
        self.loads_before = self.visitor.loads

    @contextmanager
    def acting(self, taps: int = 1) -> Iterator[None]:
        """What happens inside is the machine's time."""
        self.taps += taps
        start = time.monotonic()
        yield
        self.machine += time.monotonic() - start

    def tap(self, target: str | re.Pattern[str]) -> None:
        with self.acting():
            self.visitor.follow(target)

    def touch(self, target: Locator) -> None:
        with self.acting():
            target.click()
            self.visitor.page.wait_for_load_state("networkidle")

    def type(self, selector: str, text: str) -> None:
        self.keys += len(text)
        with self.acting():
            self.visitor.page.fill(selector, text)

    @property
    def pages(self) -> int:
        return self.visitor.loads - self.loads_before

    def told(self, what: str, *more: float) -> float:
        """Print the measure; gives the seconds, the person's and the machine's."""
        person = self.pages * READING + self.taps * AIMING + self.keys * KEY + sum(more)
        print(  # noqa: T201  # a figure for who reads the log
            f"{what} : {self.pages} pages, {self.taps} gestes, {self.keys} touches, "
            f"{self.machine:.1f} s de machine, {self.machine + person:.0f} s en tout"
        )
        return self.machine + person


def _more_offers(site: Site, land: Land, titles: tuple[str, ...]) -> None:
    """Something to choose among."""
    app = create_app(Settings(environment="test", instance=site.instance, database_url=site.database_url, jobs="off"))
    with app.app_context():
        model = db.session.get_one(PlacementOffer, land.offer_id)
        kept = {c.name: getattr(model, c.name) for c in PlacementOffer.__table__.columns}
        for title in titles:
            slots = [Slot(monday=slot.monday, capacity=2) for slot in model.slots]
            own = {"title": title, "request_key": None}
            db.session.add(
                PlacementOffer(**{n: v for n, v in (kept | own).items() if n not in {"id", "public_id"}}, slots=slots)
            )
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def _a_class_gets_its_cards(head: Visitor, land: Land, folder: Path) -> Path:
    """From the school's page to the PDF; gives the file."""
    page = head.goto(f"/colleges/{land.school_id}")
    hands = Hands(head)
    hands.tap(re.compile("Importer une liste"))
    with hands.acting(taps=2):  # the button, and the file in the window of the system
        page.get_by_label(re.compile("La liste")).set_input_files(
            FilePayload(name="ExportPronote.csv", mimeType="text/csv", buffer=pronote(30))
        )
    head.check()
    hands.tap("Lire la liste")
    head.check("class-list-preview")
    assert re.search(r"30\s+élèves à ajouter", page.inner_text("main"))
    hands.tap("Enregistrer la liste")
    head.check("class-list-done")
    assert "30 élèves ajoutés" in page.inner_text("body")
    hands.tap(re.compile("Cartes de la classe 3E"))
    head.check()
    hands.tap("Faire et imprimer les cartes")
    head.check("class-list-cards")
    assert page.locator(".access-card").count() == 30
    with hands.acting(), page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Télécharger le PDF, 4 feuilles")).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    assert file.suffix == ".pdf"
    seconds = hands.told("30 élèves, du fichier aux cartes", PRINTER)
    assert hands.pages <= MOST_LOADS
    assert seconds < THREE_MINUTES
    return file


def _pdf(file: Path, *command: str) -> str:
    return subprocess.run(
        [*command, str(file), *(["-"] if command[0] == "pdftotext" else [])], check=True, capture_output=True
    ).stdout.decode("utf-8", "replace")


def _label(page: Page, name: str, value: str) -> Locator:
    """What a thumb touches to tick this box."""
    box = page.locator(f"[name={name}][value='{value}']").get_attribute("id")
    return page.locator(f"label[for='{box}']")


def _ignore(_picture: str) -> None:
    return None


def _from_the_card_to_the_wishes(student: Visitor, card: tuple[str, str], *, scripts: bool) -> float:
    class_code, personal_code = card
    look = student.check if scripts else _ignore  # axe is a script
    hands = Hands(student)
    with hands.acting():
        page = student.goto("/connexion")
    hands.type("[name=class_code]", class_code.lower())
    hands.type("[name=personal_code]", personal_code.lower())
    hands.tap("Entrer")
    look("")
    hands.tap(re.compile("Dire .*envies|Commencer"))
    for value in ("1", "22", "3"):
        hands.touch(
            page.locator(f"label[for$='interests-{value}'], label:has([name=interests][value='{value}'])").first
        )
    hands.type("[name=text]", "j'aime reparer mon velo et aider les gens")
    hands.tap("Continuer")
    look("")
    hands.touch(_label(page, "likes", "manuel"))
    hands.tap("Continuer")
    with hands.acting(taps=2):
        page.select_option("[name=commune_id]", label="Hénin-Beaumont")
    hands.tap("Garder et voir les offres")
    look("card-offers")
    for _wish in range(3):
        hands.touch(page.get_by_role("button", name=re.compile("Ajouter à mes vœux")).first)
    hands.tap(re.compile("3 vœux sur"))
    look("")
    hands.tap("Envoyer mes vœux")
    look("card-wishes")
    assert "Envoyés" in page.inner_text("main")
    return hands.told(f"De la carte aux vœux envoyés, {'avec' if scripts else 'sans'} script")


@pytest.mark.timeout(300)
def test_from_the_file_to_printed_cards_to_submitted_wishes(
    inhabited_site: Site, sqlite_templates: Templates, meet: Meet, tmp_path: Path
) -> None:
    world = sqlite_templates.world
    _more_offers(inhabited_site, world.here, ("Trier et vendre des livres", "Cuisiner pour le quartier", "Jardiner"))
    head = meet(inhabited_site, "desk")
    _sign_in(head, world, Role.HEAD)
    file = _a_class_gets_its_cards(head, world.here, tmp_path)
    text = _pdf(file, "pdftotext", "-raw")
    cards = _CARD.findall(text)
    assert len({code for _class, code in cards}) == 30
    assert len({class_code for class_code, _code in cards}) == 1
    assert text.count("Vous pouvez vous y opposer") == 30
    about = _pdf(file, "pdfinfo")
    assert re.search(r"Tagged:\s+yes", about)
    assert re.search(r"Pages:\s+8\b", about)
    for card, scripts in zip(cards, (True, False), strict=False):
        student = meet(inhabited_site, "phone", javascript=scripts)
        assert _from_the_card_to_the_wishes(student, card, scripts=scripts) < FOUR_MINUTES


def test_a_parent_opens_the_page_of_the_slip(inhabited_site: Site, sqlite_templates: Templates, meet: Meet) -> None:
    """By the code on paper, without any script, in another language, which is still there the next day."""
    land = sqlite_templates.world.here
    teacher = meet(inhabited_site, "desk")
    _sign_in(teacher, sqlite_templates.world, Role.TEACHER)
    page = teacher.goto(f"/eleves/{land.student_id}/feuillets")
    teacher.check("family-slips")
    for other in (f"/classes/{land.class_id}/feuillets", f"/colleges/{land.school_id}/cartes"):
        teacher.goto(other)
        teacher.check()
    teacher.goto(f"/eleves/{land.student_id}/feuillets")
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Télécharger le PDF")).click()
    code = re.search(r"[2-9A-Z]{4} [2-9A-Z]{4}", _pdf(Path(download.value.path()), "pdftotext", "-raw"))
    assert code
    parent = meet(inhabited_site, "phone", javascript=False)
    page = parent.goto("/parents")
    page.fill("[name=code]", code[0].lower())
    parent.follow("Continuer")
    assert page.inner_text("h1") == "Le stage de Lina"
    address = page.url
    parent.follow("Faire une demande")
    page.get_by_label(re.compile("opposer", re.I)).check()
    parent.follow("Envoyer ma demande")
    assert "Votre demande est partie" in page.inner_text("body")
    parent.goto(address)
    page.get_by_role("button", name="Polski").click()
    assert page.get_attribute("html", "lang") == "pl"
    again = meet(inhabited_site, "phone")
    again.goto("/parents")
    again.check("family-code")
    again.goto(address)
    again.check("family-slip")
    assert again.page.get_attribute("html", "lang") == "pl"
    assert "Państwa prawa" in again.page.inner_text("main")

"""A class of thirty, from the file that Pronote exports to the printed cards."""

from __future__ import annotations

import io
import re
import time

from playwright.sync_api import FilePayload

from app.access.policy import Role
from tests.conftest import Templates
from tests.journeys.conftest import Meet
from tests.journeys.site import Site
from tests.journeys.test_every_page import _sign_in, inhabited_site

__all__ = ["inhabited_site"]  # the fixture

FIRST = ("Adam", "Alice", "Amine", "Camille", "Chloé", "Eva", "Hugo", "Inaya", "Jade", "Jules", "Léa", "Léo", "Lola")
LAST = ("Kaczmarek", "Lefèvre", "N’Guyen", "Dubois-Marchand", "Le Gall", "Öztürk")
# The teacher's page, the form, the preview, the school with what was done, the cards.
MOST_LOADS = 6


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


def test_a_class_of_thirty_from_the_file_to_the_cards(
    inhabited_site: Site, sqlite_templates: Templates, meet: Meet
) -> None:
    world = sqlite_templates.world
    head = meet(inhabited_site, "desk")
    _sign_in(head, world, Role.HEAD)
    page = head.goto(f"/colleges/{world.here.school_id}")
    start, before = time.monotonic(), head.loads
    head.follow(re.compile("Importer une liste"))
    page.get_by_label(re.compile("La liste")).set_input_files(
        FilePayload(name="ExportPronote.csv", mimeType="text/csv", buffer=pronote(30))
    )
    head.check()
    head.follow("Lire la liste")
    head.check("class-list-preview")
    assert re.search(r"30\s+élèves à ajouter", page.inner_text("main"))
    head.follow("Enregistrer la liste")
    head.check("class-list-done")
    assert "30 élèves ajoutés" in page.inner_text("body")
    head.follow(re.compile("Cartes de la classe 3E"))
    head.check()
    head.follow("Faire et imprimer les cartes")
    cards = page.locator(".access-card")
    assert cards.count() == 30
    head.check("class-list-cards")
    loads = head.loads - before
    print(f"30 élèves, du fichier aux cartes : {loads} pages, {time.monotonic() - start:.1f} s")  # noqa: T201  # a figure for who reads the log
    assert loads <= MOST_LOADS
    codes = {code.inner_text() for code in cards.locator("strong").all()}
    assert len(codes) == 31, "each its own code, and one for the class"

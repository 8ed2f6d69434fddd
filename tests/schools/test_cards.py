"""Cards and slips on paper: what is printed, what it opens, when it stops opening."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.access.policy import Role
from app.accounts import services as accounts
from app.accounts.throttling import TooManyTries
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel import clock
from app.kernel.clock import PARIS
from app.kernel.database import db
from app.kernel.errors import Conflict, Invalid
from app.schools import presenting, queries, services
from app.schools.models import FamilyCode, LegalGuardian, School, Student
from app.schools.queries import paper
from app.schools.rules import ClassDraft, StudentDraft, names_on_cards, spelled
from app.schools.services import cards as card_services
from tests.wishes.test_views import statements
from tests.world import World

CODE = r"[2-9A-Z]{4} [2-9A-Z]{4}"


def class_of(world: World, more: int = 0) -> list[Student]:
    by = world.here.actor(Role.TEACHER)
    if more:
        drafts = [StudentDraft("Petit", f"Zoé{chr(97 + n // 26)}{chr(97 + n % 26)}") for n in range(more)]
        services.add_students(queries.visible_class(by, world.here.class_id), drafts, by=by)
    return paper.of_classes([world.here.class_id])


def text_of(data: bytes, folder: Path, *options: str) -> str:
    (folder / "cards.pdf").write_bytes(data)
    return subprocess.run(
        ["pdftotext", *options, str(folder / "cards.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout


def _about(folder: Path, *command: str) -> str:
    done = subprocess.run([*command, str(folder / "cards.pdf")], check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")


def scanned(folder: Path) -> list[str]:
    """What a telephone reads in the squares of the paper, seen at 110 dots an inch."""
    subprocess.run(
        ["pdftoppm", "-r", "110", "-gray", "-png", str(folder / "cards.pdf"), str(folder / "sheet")], check=True
    )
    sheets = [Image.open(path) for path in sorted(folder.glob("sheet*.png"))]
    return [square.text for sheet in sheets for square in zxingcpp.read_barcodes(sheet)]


def printed(client: FlaskClient, path: str, **form: str) -> bytes:
    answer = client.post(path, data=form)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    data: bytes = answer.data
    return data


def _in_hand(page: str) -> str:
    found = re.search(r'name="cards" value="([^"]+)"', page)
    assert found
    return found[1]


# What is written on a card


@pytest.mark.parametrize(
    ("people", "shown"),
    [
        ([("Lina", "Wojcik"), ("Enzo", "Delattre")], ["Lina", "Enzo"]),
        ([("Lina", "Wojcik"), ("LINA", "Benali")], ["Lina W.", "LINA B."]),
        ([("Léa", "Wojcik"), ("Lea", "Wagner")], ["Léa Wo.", "Lea Wa."]),
        ([("Eva", "Le"), ("Eva", "Le Gall")], ["Eva Le", "Eva Le G."]),
        ([("Zoé", "Petit"), ("Zoé", "Petit")], ["Zoé Petit", "Zoé Petit"]),
    ],
)
def test_a_lost_card_says_as_little_as_it_can(people: list[tuple[str, str]], shown: list[str]) -> None:
    names = names_on_cards((number, first, last) for number, (first, last) in enumerate(people))
    assert list(names.values()) == shown


def test_a_code_is_read_aloud_letter_by_letter() -> None:
    assert spelled("K7QM3AXH") == ["K de karaté, 7, Q de quiche, M de moto", "3, A d’avion, X de xylophone, H d’hôtel"]


# The PDF


def test_thirty_students_take_four_sheets_front_and_back(
    app: Flask, client: FlaskClient, world: World, tmp_path: Path
) -> None:
    with app.app_context():
        class_of(world, more=27)
        db.session.remove()
    world.sign_in(client, Role.TEACHER)
    page = client.post(f"/classes/{world.here.class_id}/cartes").text
    assert "Télécharger le PDF, 4 feuilles" in page
    shown = re.findall(rf"<strong>({CODE})</strong>", page)
    data = printed(client, f"/classes/{world.here.class_id}/cartes.pdf", cards=_in_hand(page))
    pages = text_of(data, tmp_path).split("\f")[:-1]
    assert len(pages) == 8
    fronts, backs = "".join(pages[::2]), "".join(pages[1::2])
    assert len(shown) == len(set(shown)) == 30
    assert sorted(re.findall(CODE, fronts)) == sorted(shown)
    slips = re.findall(CODE, backs)
    assert len(set(slips)) == 30
    assert not set(slips) & set(shown), "a family never holds the code of the student"
    assert backs.count("Vous pouvez vous y opposer") == 30
    assert all(name in backs for name in ("English", "العربية", "Polski", "Italiano", "Português", "Français facile"))
    about = _about(tmp_path, "pdfinfo")
    assert re.search(r"Tagged:\s+yes", about)
    assert re.search(r"595\.\d+ x 841\.\d+ pts", about)
    assert b"pdfuaid" in data
    structure = _about(tmp_path, "pdfinfo", "-struct")
    assert len(re.findall(r"^\s*H1\b", structure, re.M)) == 60, "each card and each slip has its heading"
    assert len(re.findall(r"^\s*Figure\b", structure, re.M)) == 60, "each square to scan says what it is"
    fonts = _about(tmp_path, "pdffonts").splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts), fonts
    squares = scanned(tmp_path)
    cards = [address for address in squares if "/connexion?classe=" in address]
    assert (len(cards), len(set(cards))) == (30, 1), "a card leads to the class; the code stays to be typed"
    families = set(squares) - set(cards)
    assert len(families) == 30
    path = next(iter(families)).removeprefix("http://localhost")
    assert "famille" in client.get(path, follow_redirects=True).text


def test_any_name_and_any_language_keep_the_paper_accessible(context: Flask, world: World, tmp_path: Path) -> None:
    by = world.here.actor(Role.TEACHER)
    drafts = [
        StudentDraft("Petit", "Marie-Antoinette-Joséphine Alexandrine"),
        StudentDraft("Żółć", "Łukasz"),
        StudentDraft("بن علي", "ليلى"),
    ]
    services.add_students(queries.visible_class(by, world.here.class_id), drafts, by=by)
    students = paper.of_classes([world.here.class_id])
    for student, language in zip(students, ("ar", "pl", "en", "fr-facile", "it", "pt"), strict=True):
        student.guardians[:] = [LegalGuardian(name="Zoë Nguyễn", language=language)]
    db.session.commit()
    students = class_of(world)
    made = services.slips(students, by=by)
    cards, names = services.reissue_cards(students, by=by), presenting.names_shown(students)
    data = presenting.cards("Cartes", cards, names, made, moment=clock.now())
    assert b"pdfuaid" in data
    text = unicodedata.normalize("NFC", text_of(data, tmp_path, "-raw"))
    for said in ("Łukasz", "ليلى", "You may object", "Vous pouvez dire non", "Può opporsi", "Pode opor-se", "sprzeciw"):
        assert said in text
    for of_one in made.values():
        assert of_one[0].code in text, "in its order, in a line from right to left too"


def test_paper_takes_few_queries_whatever_the_class(app: Flask, client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.TEACHER)
    address = f"/classes/{world.here.class_id}"
    counts = []
    for more in (0, 12):
        with app.app_context():
            class_of(world, more=more)
            db.session.remove()
        in_hand = _in_hand(client.post(f"{address}/cartes").text)
        printed(client, f"{address}/cartes.pdf", cards=in_hand)  # the families' codes are made once
        with statements(app) as seen:
            printed(client, f"{address}/cartes.pdf", cards=in_hand)
            client.get(f"{address}/feuillets")
            printed(client, f"{address}/feuillets.pdf", only="all")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] < 50


def _column(words: str, name: str) -> bool:
    """Whether a word is in the left half of the page, in the output of `pdftotext -bbox`."""
    found = re.search(rf'xMin="([\d.]+)"[^>]*>{name}<', words)
    assert found, name
    return float(found[1]) < 297


def test_the_slip_is_behind_the_card_of_its_student(
    app: Flask, client: FlaskClient, world: World, tmp_path: Path
) -> None:
    world.sign_in(client, Role.TEACHER)
    page = client.post(f"/classes/{world.here.class_id}/cartes").text
    data = printed(client, f"/classes/{world.here.class_id}/cartes.pdf", cards=_in_hand(page))
    front, back = (text_of(data, tmp_path, "-bbox", "-f", n, "-l", n) for n in ("1", "2"))
    for name, behind in (("Inès", "d’Inès"), ("Enzo", "d’Enzo"), ("Lina", "Lina")):
        assert _column(front, name) != _column(back, behind), f"{name}: turned on the long edge, left becomes right"


def test_only_right_codes_make_cards(app: Flask, client: FlaskClient, world: World, tmp_path: Path) -> None:
    world.sign_in(client, Role.TEACHER)
    address = f"/classes/{world.here.class_id}/cartes"
    first = _in_hand(client.post(address).text)
    with app.app_context():
        known = db.session.get_one(Student, world.here.student_ids[0]).user.code_digest
    refused = client.post(f"{address}.pdf", data={"cards": f"{world.here.student_ids[0]}:AAAAAAAA x:y 12 :"})
    assert refused.status_code == 409
    second = _in_hand(client.post(address).text)
    assert client.post(f"{address}.pdf", data={"cards": first}).status_code == 409
    one_of_each = " ".join([first.split()[0], second.split()[1]])
    assert len(text_of(printed(client, f"{address}.pdf", cards=one_of_each), tmp_path).split("\f")) == 3
    with app.app_context():
        assert db.session.get_one(Student, world.here.student_ids[0]).user.code_digest != known


def test_a_page_sent_twice_does_not_kill_the_cards_in_the_printer(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.TEACHER)
    for address in (f"/classes/{world.here.class_id}/cartes", f"/eleves/{world.here.student_id}/carte"):
        seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)
        assert seen
        made = client.post(address, data={"seen": seen[1]})
        again = client.post(address, data={"seen": seen[1]})
        assert (made.status_code, again.status_code) == (200, 409)
        assert "celles qui sont imprimées marchent" in again.text
        assert (
            client.post(f"/classes/{world.here.class_id}/cartes.pdf", data={"cards": _in_hand(made.text)}).status_code
            == 200
        )


def test_a_school_prints_the_cards_that_lack(app: Flask, client: FlaskClient, world: World, tmp_path: Path) -> None:
    world.sign_in(client, Role.HEAD)
    address = f"/colleges/{world.here.school_id}/cartes"
    assert "3 sans carte" in client.get(address).text
    page = client.post(address, data={"class_id": str(world.here.class_id), "only": "without"})
    assert "3 cartes sont prêtes" in page.text
    data = printed(client, f"{address}.pdf", cards=_in_hand(page.text))
    assert len(re.findall(CODE, text_of(data, tmp_path).split("\f")[0])) == 3
    none = client.post(address, data={"class_id": str(world.here.class_id), "only": "without"})
    assert none.status_code == 422
    assert "Aucune carte à faire" in none.text
    again = client.post(address, data={"class_id": str(world.here.class_id), "only": "all"})
    assert _in_hand(again.text) != _in_hand(page.text)
    assert "Un fichier par classe" not in again.text


def test_a_school_takes_its_cards_one_class_after_the_other(
    app: Flask, client: FlaskClient, world: World, tmp_path: Path
) -> None:
    """The same codes in the file of the school and in those of its classes, each with its own students alone."""
    land = world.here
    with app.app_context():
        other = services.create_class(
            db.session.get_one(School, land.school_id),
            db.session.get_one(Campaign, land.campaign_id),
            ClassDraft("3B", "3e", ()),
            by=land.actor(Role.HEAD),
        )
        services.add_students(
            other, [StudentDraft("Kaczmarek", "Ines"), StudentDraft("Nowak", "Tom")], by=land.actor(Role.HEAD)
        )
        classes = [land.class_id, other.id]
        db.session.remove()
    world.sign_in(client, Role.HEAD)
    page = client.post(f"/colleges/{land.school_id}/cartes", data={"class_id": classes, "only": "all"}).text
    whole, *each = re.findall(r'name="cards" value="([^"]+)"', page)
    assert sorted(" ".join(each).split()) == sorted(whole.split())
    files = [
        text_of(printed(client, f"/classes/{class_id}/cartes.pdf", cards=its), tmp_path).split("\f")[0]
        for class_id, its in zip(classes, each, strict=True)
    ]
    assert ["Lina" in text for text in files] == [True, False]
    assert ["Ines" in text for text in files] == [False, True]
    assert [len(re.findall(CODE, text)) for text in files] == [3, 2]


# What is stored, and who tries


def test_no_code_is_stored(context: Flask, world: World) -> None:
    students = class_of(world)
    by = world.here.actor(Role.TEACHER)
    cards = services.reissue_cards(students, by=by)
    slips = [slip for of_one in services.slips(students, by=by).values() for slip in of_one]
    dump = "\n".join(db.engine.raw_connection().iterdump())
    assert students[0].last_name in dump
    for secret in [card.personal_code for card in cards] + [slip.code.replace(" ", "") for slip in slips]:
        assert secret not in dump


def test_guesses_of_a_card_are_slowed_down(context: Flask, world: World) -> None:
    class_of(world)
    with pytest.raises(TooManyTries):
        for _guess in range(6):
            with pytest.raises(Invalid):
                accounts.sign_in_with_card("CLASSE1", "AAAA AAAA", address="2001:db8::1")


# The end of the campaign


def _close(world: World) -> None:
    db.session.get_one(Campaign, world.here.campaign_id).phase = Phase.CLOSED
    db.session.commit()


def _next_summer(_world: World) -> None:
    return None


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("end", "moment"),
    [(_close, datetime(2026, 11, 24, tzinfo=PARIS)), (_next_summer, datetime(2027, 8, 1, tzinfo=PARIS))],
)
def test_cards_and_codes_end_with_the_campaign(
    context: Flask, world: World, end: Callable[[World], None], moment: datetime
) -> None:
    by = world.here.actor(Role.TEACHER)
    students = class_of(world)
    lina = students[0]
    card = services.reissue_cards([lina], by=by)[0]
    (slip,) = services.slips([lina], by=by)[lina.id]
    epoch = lina.user.session_epoch
    card_services.expire_cards()
    assert accounts.sign_in_with_card(card.class_code, card.personal_code, address="::1").id == lina.user_id
    end(world)
    with time_machine.travel(moment):
        assert services.family_code_of(slip.code.replace(" ", "")) is None
        card_services.expire_cards()
        db.session.expire_all()
        with pytest.raises(Invalid):
            accounts.sign_in_with_card(card.class_code, card.personal_code, address="::1")
        assert lina.user.session_epoch == epoch + 1
        assert db.session.query(FamilyCode).count() == 0
        card_services.expire_cards()
        assert lina.user.session_epoch == epoch + 1, "once"
        with pytest.raises(Conflict):
            services.reissue_cards([lina], by=by)


def test_a_lost_card_is_three_taps_from_home(client: FlaskClient, world: World) -> None:
    """The class, the student's line, the button: the new code is on the screen."""
    world.sign_in(client, Role.TEACHER)
    home, of_class, lost = "/mes-classes", f"/classes/{world.here.class_id}", f"/eleves/{world.here.student_id}/carte"
    for page, link in ((home, of_class), (of_class, lost)):
        assert f'href="{link}"' in client.get(page).text
    seen = re.search(r'name="seen" value="([^"]+)"', client.get(lost).text)
    assert seen
    card = client.post(lost, data={"seen": seen[1]})
    assert card.status_code == 200
    assert len(re.findall(CODE, card.text.replace("\u00a0", " "))) == 1

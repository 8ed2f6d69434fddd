"""Whatever somebody is called, a document is accessible and its text can be read, searched and copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.agreements import storage, versions
from app.kernel.database import db, transaction
from app.offers.models import PlacementOffer
from app.schools.models import LegalGuardian, Student
from app.web import printing
from tests.agreements import papers
from tests.papers import is_accessible, text_of
from tests.world import World

LAYOUT = """
#import "house.typ": *
#let data = json(bytes(sys.inputs.data))
#set document(title: "Noms")
#set text(font: text-face, lang: "fr")
#set heading(numbering: none)
#show heading: set text(font: head-face, weight: "bold")
= #data.name
#strong(data.name), #emph(data.name) #data.name
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "house.typ").write_text((versions.BUILT_IN / "house.typ").read_text(encoding="utf-8"))
    (tmp_path / "names.typ").write_text(LAYOUT)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Nguyễn-Ñandú 👩‍🚒",
        "Zoe\u0308 Nguye\u0302\u0303n",  # decomposed, as some telephones type it
        "ليلى بن علي",
        "پریسا گل",
        "Łukasz Żółć",
        "Ελένη",
        "Петро Ґалаґан",
        "Şeyma Yıldız",
        "❤️ 👍🏽 🇫🇷 ☎ 1️⃣",
    ],
)
def test_a_name_of_any_country(folder: Path, name: str) -> None:
    pdf = printing.draw(folder / "names.typ", {"name": name}, root=folder)
    assert is_accessible(pdf)
    said = text_of(pdf)
    assert said.count(printing.typeset(name)) == 4, said


def test_signs_that_nobody_can_draw_do_not_stop_a_class(folder: Path) -> None:
    pdf = printing.draw(folder / "names.typ", {"name": "李小龙 Lina"}, root=folder)
    assert not is_accessible(pdf)
    assert "Lina" in text_of(pdf)


def test_a_convention_with_such_names(context: Flask, world: World) -> None:
    papers.fill_registers(world.here)
    with transaction():
        student = db.session.get_one(Student, world.here.student_id)
        student.first_name, student.last_name = "Zoë", "Nguyễn-Ñandú 👩‍🚒"
        guardian = db.session.query(LegalGuardian).filter_by(student_id=student.id).one()
        guardian.name = "ليلى بن علي"
        db.session.get_one(PlacementOffer, world.here.offer_id).tutor_name = "Łukasz Żółć"
    agreement = papers.opened(world.here)
    assert agreement.pdf is not None
    pdf = storage.read(agreement.pdf)
    assert is_accessible(pdf)
    for said in ("Zoë Nguyễn-Ñandú 👩‍🚒", "ليلى بن علي", "Łukasz Żółć"):
        assert said in text_of(pdf), said

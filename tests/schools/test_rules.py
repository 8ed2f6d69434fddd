"""Lists as staff paste them, class codes, previews."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.schools import rules
from app.schools.rules import NameRow


@pytest.mark.parametrize(
    ("line", "last", "first", "guessed"),
    [
        ("WOJCIK Lina", "Wojcik", "Lina", False),
        ("Lina WOJCIK", "Wojcik", "Lina", False),
        ("WOJCIK;Lina", "Wojcik", "Lina", False),
        ("Wojcik;Lina", "Wojcik", "Lina", False),
        ("Lina;WOJCIK", "Wojcik", "Lina", True),
        ("WOJCIK\tLina\t12/03/2013\tF", "Wojcik", "Lina", False),
        ("BENALI, Inès", "Benali", "Inès", False),
        ('"BENALI";"Inès"', "Benali", "Inès", False),
        ("DE SMET Jean-Luc", "De Smet", "Jean-Luc", False),
        ("Anne Marie VAN DEN BERGHE", "Van Den Berghe", "Anne Marie", False),
        ("DUPONT-MARTIN Zoé", "Dupont-Martin", "Zoé", False),
        ("O'BRIEN Sean", "O’Brien", "Sean", False),
        ("D’HONDT Élodie", "D’Hondt", "Élodie", False),
        ("Lina Wojcik", "Wojcik", "Lina", True),
        ("WOJCIK LINA", "Wojcik", "Lina", True),
        ("DE LA TOUR JEAN", "De La Tour", "Jean", True),
        ("benali inès", "Inès", "Benali", True),
        ("Ngọc Anh NGUYỄN", "Nguyễn", "Ngọc Anh", False),
        ("  12. WOJCIK   Lina ", "Wojcik", "Lina", False),
        ("- WOJCIK Lina", "Wojcik", "Lina", False),
        ("3 WOJCIK Lina", "Wojcik", "Lina", False),
        ("McDonald;Ian", "McDonald", "Ian", False),
    ],
)
def test_a_line_is_read(context: Flask, line: str, last: str, first: str, guessed: bool) -> None:
    rows, unread = rules.read_names(line)
    assert unread == []
    assert rows == [NameRow(1, last, first, guessed)]


@pytest.mark.parametrize(
    "line",
    [
        "Wojcik",
        "🙂 🙂",
        "<script>alert(1)</script> Lina",
        "12345 678",
        "WOJCIK;",
        "A" * 81 + " Lina",
        "Lina\x00 WOJ\x00CIK",
    ],
)
def test_a_line_which_is_no_name_is_given_back_with_a_reason(context: Flask, line: str) -> None:
    rows, unread = rules.read_names(line)
    assert rows == []
    assert [item.line for item in unread] == [1]
    assert unread[0].why.endswith(".")


def test_headings_and_empty_lines_are_left_out_and_numbers_are_those_of_the_paper(context: Flask) -> None:
    rows, unread = rules.read_names("Nom;Prénom;Né le\n\nWOJCIK;Lina;12/03/2013\n   \nBENALI;Inès;01/01/2013")
    assert [(row.line, row.last_name) for row in rows] == [(3, "Wojcik"), (5, "Benali")]
    assert unread == []


def test_a_heading_says_which_column_comes_first(context: Flask) -> None:
    rows, _unread = rules.read_names("Prénom;Nom\nLina;Wojcik")
    assert (rows[0].last_name, rows[0].first_name) == ("Wojcik", "Lina")


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    app = Flask("names")
    from flask_babel import Babel

    Babel(app)
    with app.test_request_context():
        rows, unread = rules.read_names(text)
        assert all(rules.name_problem(row.last_name) is None for row in rows)
        assert len(rows) + len(unread) <= len(text.splitlines())


def test_names_are_compared_without_case_accents_or_hyphens() -> None:
    assert rules.name_key("D’Hondt", "Élodie-Rose") == rules.name_key("DHONDT", "elodie rose")
    assert rules.name_key("Wojcik", "Lina") != rules.name_key("Lina", "Wojcik")


def test_homonyms_count_those_of_the_class_and_those_above_in_the_list() -> None:
    rows = [NameRow(1, "Wojcik", "Lina"), NameRow(2, "Benali", "Inès"), NameRow(3, "WOJCIK", "LINA")]
    assert rules.homonyms(rows, [rules.name_key("Wojcik", "Lina")]) == [1, 0, 2]


@pytest.mark.parametrize(
    ("school", "name", "stem"),
    [
        ("Collège François Rabelais", "3e A", "RABELA3EA"),
        ("Collège Jean-Jacques Rousseau", "3°4", "ROUSSE34"),
        ("Collège Œ", "", "COLLEG"),
        ("", "3A", "CLASSE3A"),
    ],
)
def test_class_codes_begin_with_the_school_and_the_class(school: str, name: str, stem: str) -> None:
    assert rules.class_code_stem(school, name) == stem


def test_a_personal_code_is_printed_in_groups() -> None:
    assert rules.grouped("K7QM3TXR") == "K7QM 3TXR"

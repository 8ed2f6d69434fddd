"""Class lists as they are really exported: every trap met in real files, one by one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time

import openpyxl
import pytest
from flask import Flask

from app.kernel.tabular import MAX_BYTES, Unreadable
from app.schools.rosters import reading, values
from app.schools.rosters.columns import _HEADINGS, Field, plain
from app.schools.rosters.roster import Roster

TODAY = date(2026, 11, 23)
EXCEL_DAY = datetime.combine(date(2012, 12, 22), time())  # spreadsheets know no time zone


@pytest.fixture(autouse=True)
def in_french(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def read(content: str | bytes, encoding: str = "utf-8") -> Roster:
    data = content.encode(encoding) if isinstance(content, str) else content
    return reading.read([("liste.csv", data)], TODAY)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def bee(students: str, structures: str = "", head: str = '<?xml version="1.0" encoding="ISO-8859-15"?>') -> str:
    content = f"<ELEVES>{students}</ELEVES><STRUCTURES>{structures}</STRUCTURES>"
    return f"{head}<BEE_ELEVES><DONNEES>{content}</DONNEES></BEE_ELEVES>"


STUDENT = (
    '<ELEVE ELEVE_ID="7"><ID_NATIONAL>070832327JA</ID_NATIONAL>'
    "<NOM_DE_FAMILLE>BENALI</NOM_DE_FAMILLE><PRENOM>Inès</PRENOM>"
    "<DATE_NAISS>22/12/2012</DATE_NAISS><CODE_PAYS_NAT>335</CODE_PAYS_NAT><CODE_MEF>10310019110</CODE_MEF></ELEVE>"
)
DIVISION = (
    '<STRUCTURES_ELEVE ELEVE_ID="7">'
    "<STRUCTURE><CODE_STRUCTURE>3LATIN</CODE_STRUCTURE><TYPE_STRUCTURE>G</TYPE_STRUCTURE></STRUCTURE>"
    "<STRUCTURE><CODE_STRUCTURE>3 A</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE>"
    "</STRUCTURES_ELEVE>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_any_encoding_any_separator_any_order(encoding: str, separator: str) -> None:
    lines = [
        ("Classe", "Né(e) le", "Prénom", "Nom"),
        ("3eA", "22/12/2012", "Zoé", "ŁUKASZ" if encoding != "cp1252" else "GŒTZ"),
    ]
    roster = read("\r\n".join(separator.join(line) for line in lines), encoding)
    (pupil,) = roster.pupils
    assert (pupil.first_name, pupil.class_name, pupil.level) == ("Zoé", "3eA", "3e")
    assert pupil.birth_date == date(2012, 12, 22)
    assert pupil.last_name in {"Łukasz", "Gœtz"}


def test_names_in_one_column_and_a_sensitive_column_that_is_not_read() -> None:
    roster = read("Élève;Né(e) le;Regime\nDUPONT Marie;01/01/2012;PAP dyslexie\n", "cp1252")
    assert [(p.last_name, p.first_name) for p in roster.pupils] == [("Dupont", "Marie")]
    assert "dyslexie" not in repr(roster)
    assert {c.heading: bool(c.why) for c in roster.columns} == {"Élève": False, "Né(e) le": False, "Regime": True}


@pytest.mark.parametrize(
    "heading", ["PAP", "PPS", "INE", "Id National", "Pays Nat.", "Commune Naiss.", "Lib. Bourse 1", "Religion"]
)
def test_what_must_never_be_known_is_named_and_left(heading: str) -> None:
    roster = read(f"Nom;Prénom;Classe;{heading}\nDUPONT;Marie;3A;secret\n")
    column = next(c for c in roster.columns if c.heading == heading)
    assert column.field is None
    assert "jamais lu" in column.why
    assert "secret" not in repr(roster)


def test_headings_with_no_break_spaces_and_stars() -> None:
    assert plain("Nom\u00a0de\u202ffamille*") == "nom de famille"
    roster = read(
        "Nom de famille*;Premier prénom*;Date de naissance (jj/mm/aaaa)*;Division*\nPETIT;Léo;02/03/2012;4B\n"
    )
    assert [(p.last_name, p.birth_date, p.level) for p in roster.pupils] == [("Petit", date(2012, 3, 2), "4e")]


def test_a_title_above_the_headings_is_passed_over() -> None:
    roster = read("Liste des élèves;;\nCollège Rabelais;;\nNom;Prénom;Classe\nPETIT;Léo;3A\n")
    assert [p.line for p in roster.pupils] == [4]


def test_a_list_without_headings() -> None:
    assert [p.first_name for p in read("DURAND;Paul\nMARTIN;Léa\n").pupils] == ["Paul", "Léa"]


def test_a_student_on_several_lines_is_one_student() -> None:
    roster = read(
        "Nom;Prénom;Date Naissance;Code Structure;Type Structure\n"
        "PETIT;Léo;02/03/2012;3A;D\nPETIT;Léo;02/03/2012;3LATIN;G\nPETIT;LEO;02/03/2012;3A;D\n"
    )
    assert [(p.class_name, p.line) for p in roster.pupils] == [("3A", 2)]
    assert [r.line for r in roster.same] == [3, 4]
    assert roster.read == len(roster.pupils) + len(roster.same)


def test_a_group_line_before_the_division_does_not_give_the_class() -> None:
    roster = read("Nom;Prénom;Code Structure;Type Structure\nPETIT;Léo;3LATIN;G\nPETIT;Léo;3A;D\n")
    assert [p.class_name for p in roster.pupils] == ["3A"]


def test_homonyms_are_two_people_when_their_birth_dates_differ() -> None:
    roster = read("Nom;Prénom;Né(e) le;Classe\nPETIT;Léo;02/03/2012;3A\nPETIT;Léo;05/06/2012;3A\n")
    assert len(roster.pupils) == 2


def test_homonyms_without_birth_date_in_two_classes_are_not_guessed() -> None:
    roster = read("Nom;Prénom;Classe\nPETIT;Léo;3A\nPETIT;Léo;3B\n")
    assert len(roster.pupils) == 1
    assert [r.line for r in roster.refused] == [3]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (0.0833333333333333, "2A"),
        ("0,0833333333333333", "2A"),
        (time(3, 0), "3A"),
        (0.625, "3P"),
        (301.0, "301"),
        (" 3  A ", "3 A"),
        ("3SEGPA", "3SEGPA"),
    ],
)
def test_the_name_of_a_class_that_excel_damaged(cell: object, name: str) -> None:
    assert values.class_of(cell).value == name  # type: ignore[arg-type]  # the table holds every kind of cell


@pytest.mark.parametrize("cell", ["2,17003E+13", "2.17003E+13", 0.0123, EXCEL_DAY])
def test_a_class_that_excel_destroyed_is_refused(cell: object) -> None:
    assert values.class_of(cell).refused  # type: ignore[arg-type]  # the table holds every kind of cell


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("22/12/2012", date(2012, 12, 22)),
        ("2012-12-22", date(2012, 12, 22)),
        ("22.12.12", date(2012, 12, 22)),
        ("22/12/2012 00:00:00", date(2012, 12, 22)),
        (41265, date(2012, 12, 22)),
        ("41265", date(2012, 12, 22)),
        (EXCEL_DAY, date(2012, 12, 22)),
        ("31/02/2012", None),
        ("bientôt", None),
    ],
)
def test_dates_as_texts_serials_and_datetimes(cell: object, day: date | None) -> None:
    assert values.date_of(cell, TODAY).value == day  # type: ignore[arg-type]  # the table holds every kind of cell


@pytest.mark.parametrize(
    ("cell", "number"),
    [(612345678.0, "06 12 34 56 78"), ("06.12.34.56.78", "06 12 34 56 78"), ("6,12346E+08", None), ("083456789", None)],
)
def test_telephones_that_lost_their_zero(cell: object, number: str | None) -> None:
    assert values.phone_of(cell).value == number  # type: ignore[arg-type]  # the table holds every kind of cell


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("3EME1D", "3e"),
        ("3eA", "3e"),
        ("301", "3e"),
        ("3SEGPA", "3e"),
        ("3PM", "3e"),
        ("Troisième générale", "3e"),
        ("4EME HORAIRES AMENAGES MUSIQUE", "4e"),
        ("10310019110", "3e"),
        ("2NDE GT 5", "2de"),
        ("TS3", "lycée"),
        ("1S3", "lycée"),
        ("Latin", ""),
    ],
)
def test_levels(label: str, level: str) -> None:
    assert values.level_of(label) == level


def test_who_has_left_and_who_is_inactive_are_told_apart() -> None:
    roster = read(
        "Nom;Prénom;Classe;Date Sortie\nPETIT;Léo;3A;04/09/2017\nROUX;Eva;3A;30/06/2027\nNOIR;Tom;Inactifs;\n"
    )
    assert [p.last_name for p in roster.pupils] == ["Roux"]
    assert [r.line for r in roster.left] == [2, 4]


def test_a_formula_is_refused_and_everything_else_read() -> None:
    roster = read(workbook(("Nom", "Prénom", "Classe"), ("=1+1", "Léo", "3A"), ("ROUX", "Eva", "3A")))
    assert [r.line for r in roster.refused] == [2]
    assert [p.last_name for p in roster.pupils] == ["Roux"]


def test_bee_gives_divisions_and_guardians_and_reads_no_number() -> None:
    people = (
        '<?xml version="1.0" encoding="UTF-8"?><BEE_RESPONSABLES><DONNEES><PERSONNES><PERSONNE PERSONNE_ID="1">'
        "<NOM_DE_FAMILLE>BENALI</NOM_DE_FAMILLE><PRENOM>Samia</PRENOM><MEL>Samia@Mail.example</MEL>"
        "<TEL_PORTABLE>+33612345678</TEL_PORTABLE><CODE_PROFESSION>75</CODE_PROFESSION></PERSONNE></PERSONNES><RESPONSABLES>"
        "<RESPONSABLE_ELEVE><ELEVE_ID>7</ELEVE_ID><PERSONNE_ID>1</PERSONNE_ID><NIVEAU_RESPONSABILITE>1</NIVEAU_RESPONSABILITE>"
        "</RESPONSABLE_ELEVE></RESPONSABLES></DONNEES></BEE_RESPONSABLES>"
    )
    files = [("e.xml", bee(STUDENT, DIVISION).encode("iso-8859-15")), ("r.xml", people.encode())]
    roster = reading.read(files, TODAY)
    (pupil,) = roster.pupils
    assert (pupil.last_name, pupil.first_name, pupil.class_name, pupil.level) == ("Benali", "Inès", "3 A", "3e")
    assert [(g.name, g.email, g.phone) for g in pupil.guardians] == [
        ("Samia Benali", "samia@mail.example", "06 12 34 56 78")
    ]
    assert "070832327JA" not in repr(roster)
    assert {c.heading for c in roster.columns if c.why} == {"ID_NATIONAL", "CODE_PAYS_NAT"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-15"])
def test_bee_in_any_encoding_zipped_or_not_with_a_prefix_or_not(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    text = bee(STUDENT, DIVISION, head)
    data = text.encode(encoding)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ElevesSansAdresses.xml", data)
    for document in (data, buffer.getvalue()):
        assert [p.first_name for p in reading.read([("x", document)], TODAY).pupils] == ["Inès"]


def test_bee_with_a_namespace() -> None:
    text = bee(STUDENT, DIVISION).replace("<", "<b:").replace("<b:/", "</b:").replace("<b:?xml", "<?xml")
    text = text.replace("<b:BEE_ELEVES", '<b:BEE_ELEVES xmlns:b="urn:bee"', 1)
    assert [p.class_name for p in read(text, "iso-8859-15").pupils] == ["3 A"]


@pytest.mark.parametrize("declaration", ['<!DOCTYPE x [<!ENTITY a "b">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">'])
def test_entities_are_refused(declaration: str) -> None:
    with pytest.raises(Unreadable):
        read(bee(STUDENT, DIVISION, f'<?xml version="1.0"?>{declaration}'))


def test_damaged_bee_is_read_as_far_as_it_makes_sense_and_says_so() -> None:
    roster = read(bee(STUDENT, DIVISION.replace("<STRUCTURES_ELEVE", "<STRICTURES_ELEVE", 1)), "iso-8859-15")
    assert [(p.first_name, p.class_name) for p in roster.pupils] == [("Inès", "")]
    assert roster.warnings


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n\n",
        b"%PDF-1.7 ...",
        b"<html><table><tr><td>Nom</td></tr></table></html>",
        b"\x00\x01\x02\x03binary",
        b"PK\x03\x04broken",
        b"\xd0\xcf\x11\xe0broken",
        b"a;b;c;d\n1;2;3;4\n",
        b"Nom;Pr\xe9nom;Classe\n",
        b"<?xml version='1.0'?><autre/>",
        b"x" * (MAX_BYTES + 1),
    ],
    ids=["empty", "blank", "pdf", "html", "binary", "zip", "xls", "unknown", "no student", "other xml", "huge"],
)
def test_what_is_no_list_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read(data)
    assert str(refused.value).endswith((".", "»."))


def test_a_zip_bomb_is_refused_before_it_unfolds() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bombe.xml", b"0" * 200_000_000)
    assert len(buffer.getvalue()) < 1_000_000
    with pytest.raises(Unreadable):
        read(buffer.getvalue())


def test_every_field_has_a_heading_that_gives_it() -> None:
    assert set(_HEADINGS) == set(Field)

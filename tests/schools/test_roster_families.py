"""Class lists of every family, in small excerpts written by hand: what a person would count, and in which classes."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time

import openpyxl
import pytest
import xlwt
from flask import Flask

from app.kernel.tabular import Unreadable
from app.schools.rosters import planning, reading, values
from app.schools.rosters.roster import MAX_STUDENTS, Roster
from tests.schools.test_mutated_rosters import opendocument
from tests.schools.test_rosters import DIVISION, STUDENT, bee

TODAY = date(2026, 11, 23)
BORN = datetime.combine(date(2013, 6, 5), time())


@pytest.fixture(autouse=True)
def in_french(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def read(*files: str | bytes | tuple[str, str | bytes]) -> Roster:
    named = [file if isinstance(file, tuple) else ("liste", file) for file in files]
    return reading.read([(name, data.encode() if isinstance(data, str) else data) for name, data in named], TODAY)


def counted(roster: Roster) -> dict[str, int]:
    """How many students would be added to each class of a school that has none yet."""
    found = planning.plan(roster, [], [], ["4e", "3e", "2de"])
    return dict(Counter(addition.class_name for addition in found.additions))


def archive(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return buffer.getvalue()


def xlsx(sheets: dict[str, list[tuple[object, ...]]], hidden: str = "") -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(sheets: dict[str, list[tuple[object, ...]]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for title, rows in sheets.items():
        sheet = book.add_sheet(title)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                sheet.write(r, c, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


NAMES = ("Nom", "Prénom", "Classe")


@pytest.mark.parametrize(
    "heading",
    [
        "Nom;Prénom(s);Classe",
        "Nom de l’élève;Prénom de l’élève;Classe de l'élève",
        "Nom;1er prénom;Division",
        "Nom de naissance;Prénoms;Lib. Division",
        "Nom (élève);Prénom (élève);Classe (libellé court)",
        "Nom légal;Prénom usuel;Classe 2026-2027",
        "Élève - Nom;Élève - Prénom;Élève - Classe",
        "NomEleve;PrenomEleve;Classe",
    ],
)
def test_headings_of_other_years_and_other_programs(heading: str) -> None:
    roster = read(f"{heading}\nDE LA TOUR;Marie;3A\nROUX;Eva;3A\n")
    assert [(p.last_name, p.first_name) for p in roster.pupils] == [("De La Tour", "Marie"), ("Roux", "Eva")]
    assert counted(roster) == {"3A": 2}


@pytest.mark.parametrize(
    "heading", ["DDN", "Dt naissance", "Né le / Née le", "date_nais", '"Date de\nnaissance"', "Date de naiss"]
)
def test_headings_of_the_birth_date(heading: str) -> None:
    assert [p.birth_date for p in read(f"Nom;Prénom;{heading}\nROUX;Eva;05/06/2013\n").pupils] == [BORN.date()]


@pytest.mark.parametrize(
    ("label", "name"),
    [("3E1", "3E1"), ("4e2", "4e2"), ("3,00E+01", "3E1"), ("3E+02", "3E2"), (30.0, "3E1"), ("4000", "4E3")],
)
def test_a_class_that_looks_like_a_power_of_ten(label: str | float, name: str) -> None:
    assert values.class_of(label).value == name


@pytest.mark.parametrize("label", ["03-janv", "3-mars", "janv-03", "01/03/2026", "=3+1A", "@SUM(3)", "-3A"])
def test_what_is_no_name_of_a_class_is_refused(label: str) -> None:
    assert values.class_of(label).refused


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("3A, [3ALL]", "3A"),
        ("[3ALL], 3B", "3B"),
        ("3EME A, 3EME ALL1 GR.1", "3EME A"),
        ("03:00:00", "3A"),
        ('="3A"', "3A"),
        ("'3A", "3A"),
        ("-", ""),
    ],
)
def test_a_class_with_its_groups_or_what_a_spreadsheet_added(cell: str, name: str) -> None:
    assert values.class_of(cell).value == name


@pytest.mark.parametrize(
    "cell",
    ["5 juin 2013", "5-juin-13", "mercredi 5 juin 2013", "20130605", "05062013", 5062013.0, "5-6-13", "5/6/2013 00:00"],
)
def test_dates_in_words_and_in_digits_alone(cell: str | float) -> None:
    assert values.date_of(cell, TODAY).value == BORN.date()


def test_a_column_of_american_dates_is_read_as_it_is_written_and_said() -> None:
    heading = "Nom;Prénom;Classe;Né(e) le\n"
    american = read(heading + "AA;Aa;3A;03/25/2013\nBB;Bb;3A;04/05/2013\n")
    assert [p.birth_date for p in american.pupils] == [date(2013, 3, 25), date(2013, 4, 5)]
    assert "mois/jour" in american.warnings[0]
    mixed = read(heading + "AA;Aa;3A;03/25/2013\nBB;Bb;3A;25/04/2013\n")
    assert [p.birth_date for p in mixed.pupils] == [None, date(2013, 4, 25)]
    assert "jour/mois" in mixed.warnings[0]


@pytest.mark.parametrize(
    ("label", "level"),
    [
        *(("1G2", "lycée"), ("TG4", "lycée"), ("TSTMG1", "lycée"), ("101", "lycée"), ("BTS 1", "lycée")),
        *(("2CAP EPC", "lycée"), ("2GT4", "2de"), ("CM2", "école"), ("CE1-CE2", "école"), ("Classe de 3e B", "3e")),
        *(("ULIS", ""), ("UPE2A", ""), ("1,03100191E+10", "")),
    ],
)
def test_levels_of_other_schools(label: str, level: str) -> None:
    assert values.level_of(label) == level


TEXT = "Nom;Prénom;Classe\nDÉLÉGLISE;Zoé;3A\nNOËL;Léa-Françoise;3A\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.replace("\n", "\r").encode("mac-roman"),
        TEXT.encode("cp850") + b"\x1a",
        TEXT.encode("iso8859-15"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode().decode("cp1252").encode(),
        unicodedata.normalize("NFD", TEXT).encode(),
        ("sep=;\n" + TEXT).encode("cp1252"),
        TEXT.replace(";", "|").encode(),
        "\n".join(f'"{line}"' for line in TEXT.splitlines()).encode(),
    ],
    ids=["mac", "dos", "latin9", "utf-16-le", "utf-16-be", "doubled", "decomposed", "sep", "pipes", "wrapped"],
)
def test_whatever_wrote_the_text(data: bytes) -> None:
    roster = read(data)
    assert [(p.last_name, p.first_name) for p in roster.pupils] == [("Déléglise", "Zoé"), ("Noël", "Léa-Françoise")]
    assert (counted(roster), roster.refused) == ({"3A": 2}, ())


@pytest.mark.parametrize(
    ("cell", "name", "told"),
    [
        ("DUPONT MARIE", ("Dupont", "Marie"), True),
        ("EL AMRANI YASSINE", ("El Amrani", "Yassine"), True),
        ("Dupont Marie", ("Dupont", "Marie"), True),
        ("De La Tour Marie", ("De La Tour", "Marie"), True),
        ('"DE LA TOUR, Marie"', ("De La Tour", "Marie"), False),
        ("Marie DUPONT", ("Dupont", "Marie"), False),
        ("N`GUESSAN D´Angelo", ("N’Guessan", "D’Angelo"), False),
    ],
)
def test_a_name_in_one_cell_is_cut_and_a_guess_is_told(cell: str, name: tuple[str, str], told: bool) -> None:
    roster = read(f"Élève;Classe\n{cell};3A\n")
    assert [(p.last_name, p.first_name) for p in roster.pupils] == [name]
    assert bool(roster.mended) is told


def test_names_beside_what_schools_write_in_their_place() -> None:
    roster = read("Nom de famille;Nom d'usage;Prénoms;Classe\nDUPONT;-;Marie, Louise, Anne;3A\nROUX;PETIT;Eva;3A\n")
    assert [(p.last_name, p.first_name) for p in roster.pupils] == [("Dupont", "Marie"), ("Petit", "Eva")]


def test_a_guardian_in_one_cell_with_a_civility() -> None:
    roster = read("Élève;Classe;Responsable 1;Responsable 2\nROUX Eva;3A;M. ROUX Marc;Mme DE LA TOUR Anne\n")
    assert [g.name for g in roster.pupils[0].guardians] == ["Marc Roux", "Anne De La Tour"]


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Élèves;;\n;;\nNom;Prénom;Classe\nROUX;Eva;3A\n", {"3A": 1}),
        ("Classe : 3EME B\n\nÉlève;Né(e) le\nROUX Eva;05/06/2013\n", {"3EME B": 1}),
        ("Liste des élèves de la classe 3EME B;\nNom;Prénom\nROUX;Eva\n", {"3EME B": 1}),
        ("3EME A;\nNom;Prénom\nROUX;Eva\n;\n3EME B;\nNom;Prénom\nPETIT;Léo\nNOIR;Tom\n", {"3EME A": 1, "3EME B": 2}),
        ("Nom;Prénom;Classe\nROUX;Eva;3A\nNom;Prénom;Classe\nPETIT;Léo;3B\nTotal : 2 élèves;;\n", {"3A": 1, "3B": 1}),
        ("Élève;Classe\nROUX Eva;3A\nTOTAL élèves;1\n", {"3A": 1}),
        ("Nom;Prénom;Classe\nTOTAL;Marie;3A\n", {"3A": 1}),
        ("Nom;Prénom;Classe;Né(e) le\nROUX;Eva;3A;05/06/2013\nROUX;Eva;3A;\n", {"3A": 1}),
        ("Nom;Prénom;Classe;Sortie\nROUX;Eva;3A;12/10/2026\nPETIT;Léo;3A;\n", {"3A": 1}),
    ],
)
def test_titles_totals_and_sections(text: str, classes: dict[str, int]) -> None:
    roster = read(text)
    assert (counted(roster), roster.refused) == (classes, ())


def test_a_list_that_names_no_class_takes_the_one_given() -> None:
    roster = read("Élève;Né(e) le;Regime\nROUX Eva;05/06/2013;PAP\n")
    assert roster.classless
    assert counted(roster.all_in("3e B")) == {"3e B": 1}
    assert not read("Nom;Prénom;Classe\nROUX;Eva;3A\nPETIT;Léo;\n").classless


@pytest.mark.parametrize(
    "title",
    [
        "Liste des élèves de 2026-2027",
        "Effectif de la classe : 30 élèves",
        "Classe de M. DUPONT",
        "Élèves de 3 classes",
    ],
)
def test_a_title_that_says_no_class_is_not_taken_for_one(title: str) -> None:
    assert read(("liste 2026.csv", f"{title}\nNom;Prénom\nROUX;Eva\n")).classless


def test_every_sheet_that_is_shown_is_read_and_remarks_say_which() -> None:
    sheets: dict[str, list[tuple[object, ...]]] = {
        "Couverture": [("Collège Rabelais",)],
        "3A": [("Nom", "Prénom", "Né(e) le"), ("ROUX", "Eva", BORN)],
        "3B": [("Nom", "Prénom"), ("PETIT", "Léo"), ("123", "Tom")],
        "Vide": [],
    }
    roster = read(xlsx(sheets | {"Ancien": [NAMES, ("VIEUX", "Jo", "3Z")]}, hidden="Ancien"))
    assert counted(roster) == {"3A": 1, "3B": 1}
    assert [r.column for r in roster.refused] == ["3B · Nom"]
    assert [w for w in roster.warnings if "Couverture" in w]
    assert not [w for w in roster.warnings if "Vide" in w]
    assert counted(read(xls({"3A": sheets["3B"], "3B": sheets["3B"][:2]}))) == {"3A": 1}  # the same Léo, told again


def test_more_students_than_a_school_has_are_refused_wherever_they_stand() -> None:
    letters = [chr(97 + n // 676) + chr(97 + n // 26 % 26) + chr(97 + n % 26) for n in range(MAX_STUDENTS // 2 + 1)]
    lines = "".join(f"N{name};Zoé\n" for name in letters)
    assert len(read(("3A.csv", "Nom;Prénom\n" + lines)).pupils) == len(letters)
    with pytest.raises(Unreadable, match="par niveaux"):
        read(("3A.csv", "Nom;Prénom\n" + lines), ("3B.csv", "Nom;Prénom\n" + lines.replace("Zoé", "Léo")))


def test_libreoffice_is_read() -> None:
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    day = '<table:table-cell office:value-type="date" office:date-value="2013-06-05"/>'
    number = '<table:table-cell office:value-type="float" office:value="301"><text:p>301</text:p></table:table-cell>'
    formula = (
        '<table:table-cell table:formula="of:=A1" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    )
    rows = (
        "".join(map(text.format, ("Nom", "Prénom", "Né(e) le", "Classe"))),
        '<table:table-cell table:number-columns-repeated="4"/>',
        text.format("ROUX") + text.format("Eva") + day + number,
        formula + text.format("Léo") + day + number,
    )
    roster = read(opendocument("".join(f"<table:table-row>{row}</table:table-row>" for row in rows)))
    assert [(p.line, p.last_name, p.birth_date, p.class_name) for p in roster.pupils] == [
        (3, "Roux", BORN.date(), "301")
    ]
    assert [r.line for r in roster.refused] == [4]


def test_files_of_a_class_each_and_what_a_system_puts_in_an_archive() -> None:
    one, two = "Élève\nROUX Eva\n", "Élève\nPETIT Léo\n"
    assert counted(read(("3A.csv", one), ("listes/3EME B.csv", two))) == {"3A": 1, "3EME B": 1}
    made = archive({"3A.csv": one, ".DS_Store": b"\0\1", "Thumbs.db": b"x", "notice.pdf": b"%PDF-1"})
    roster = read(made)
    assert counted(roster) == {"3A": 1}
    assert [w for w in roster.warnings if "notice.pdf" in w]
    assert counted(read(archive({"a.zip": archive({"3A.csv": one})}))) == {"3A": 1}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ('Nom;Prénom;Classe\nROUX;"Eva;3A\nPETIT;Léo;3A\nNOIR;Tom;3A\n', "guillemet"),
        (archive({"Index/Document.iwa": b"\0"}), "Numbers"),
        (archive({"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}), "Word"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
        ('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', ".xlsx"),
        ("<html><body><table><tr><td>Nom</td></tr></table></body></html>", "page web"),
    ],
)
def test_a_refusal_says_what_to_do(data: str | bytes, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        read(data)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-16-le", None),
        ("utf-8", "ISO-8859-15"),
        ("iso-8859-15", "UTF-8"),
        ("utf-8", "UTF-16"),
        ("iso-8859-15", None),
    ],
)
def test_bee_whatever_it_declares(encoding: str, declared: str | None) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    roster = read(bee(STUDENT.replace("BENALI", "BÉNALI"), DIVISION, head).encode(encoding))
    assert [(p.last_name, p.first_name, p.class_name) for p in roster.pupils] == [("Bénali", "Inès", "3 A")]
    assert roster.warnings == ()


def test_bee_in_the_folder_of_an_archive_with_notes_beside_and_numbered_the_other_way() -> None:
    students = bee(STUDENT, DIVISION).replace("ELEVE_ID", "ELENOET").encode("iso-8859-15")
    files = {"export/": b"", "export/ElevesSansAdresses.xml": students, "LISEZMOI.txt": "Bonjour", ".DS_Store": b"\0\1"}
    for data in (archive(files), archive({"eleves.zip": archive(files)})):
        roster = read(data)
        assert [p.class_name for p in roster.pupils] == ["3 A"]
        assert [w for w in roster.warnings if "LISEZMOI.txt" in w]


@pytest.mark.parametrize(
    ("tag", "levels", "names", "told"),
    [
        ("NIVEAU_RESPONSABILITE", "113", ["P0", "P1"], False),
        ("NIVEAU_RESPONSABILITE", "312", ["P1", "P2"], True),
        ("RESP_LEGAL", "021", ["P2", "P1"], False),
        ("NIVEAU_RESPONSABILITE", "333", [], False),
    ],
)
def test_bee_says_who_is_responsible_in_two_ways(tag: str, levels: str, names: list[str], told: bool) -> None:
    people = "".join(
        f'<PERSONNE PERSONNE_ID="{n}"><NOM_DE_FAMILLE>P{n}</NOM_DE_FAMILLE></PERSONNE>' for n in range(len(levels))
    )
    links = "".join(
        f"<RESPONSABLE_ELEVE><ELEVE_ID>7</ELEVE_ID><PERSONNE_ID>{n}</PERSONNE_ID><{tag}>{level}</{tag}>"
        "</RESPONSABLE_ELEVE>"
        for n, level in enumerate(levels)
    )
    roster = read(bee(STUDENT, DIVISION).encode("iso-8859-15"), f"<BEE_RESPONSABLES>{people}{links}</BEE_RESPONSABLES>")
    assert [g.name for g in roster.pupils[0].guardians] == names
    assert bool(roster.warnings) is told

"""BEE files (SIECLE's XML): students, their classes, and their guardians from the file beside.

Read tag by tag against a whitelist: national numbers, nationality, birth place, grants and addresses are passed over.
A document that declares entities is refused before it is parsed. One that is damaged is read as far as it makes sense,
and the damage is told: nothing is stored before a person has looked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

from flask_babel import gettext as _
from lxml import etree

from app.kernel.cells import GUARDED
from app.kernel.encodings import marked, undoubled
from app.kernel.tabular import Cell, Unreadable
from app.schools.rosters.columns import Field
from app.schools.rosters.roster import MAX_STUDENTS

_OF_STUDENT = {
    "NOM_DE_FAMILLE": Field.LAST_NAME,
    "NOM": Field.LAST_NAME,
    "NOM_USAGE": Field.USAGE_NAME,
    "NOM_D_USAGE": Field.USAGE_NAME,
    "PRENOM": Field.FIRST_NAME,
    "DATE_NAISS": Field.BIRTH_DATE,
    "DATE_SORTIE": Field.LEFT_ON,
    "CODE_MEF": Field.LEVEL,
}
_OF_PERSON = {"NOM_DE_FAMILLE": "last", "NOM": "last", "PRENOM": "first", "MEL": "email", "TEL_PORTABLE": "phone"}
# What is read, as the preview shows it.
READ: tuple[tuple[str, Field], ...] = (
    *((tag, meaning) for tag, meaning in _OF_STUDENT.items() if tag not in {"NOM", "NOM_D_USAGE"}),
    ("CODE_STRUCTURE", Field.CLASS),
    ("TYPE_STRUCTURE", Field.CLASS_KIND),
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]{1,40})["']""")
_WEB_PAGE = re.compile(r"\s*<(?:!doctype html|html|table|meta)", re.IGNORECASE)
MAX_TAGS = 600_000  # a college of 900 students makes some 90,000


@dataclass(frozen=True, slots=True)
class Student:
    line: int
    source_id: str
    cells: dict[Field, Cell]


@dataclass(slots=True)
class Content:
    students: list[Student] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)  # tags of a student that were passed over
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Gathered:
    """What the elements of all the files say, by the files' own identifiers; forgotten with the reading."""

    students: dict[str, tuple[int, dict[Field, Cell]]] = field(default_factory=dict)
    classes: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    guardians: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    in_charge: int = 0  # guardians whom the school writes as in charge of the child, which is not always the law's word


def is_markup(data: bytes) -> bool:
    found = marked(data[:400])
    head = found[1].decode(found[0], errors="ignore") if found else data[:400].decode("latin-1")
    return head.lstrip().startswith("<") and not _WEB_PAGE.match(head)


def read(files: Iterable[bytes]) -> Content:
    """The students of the files together. Raises `Unreadable`."""
    content, gathered = Content(), _Gathered()
    for data in files:
        text = _decoded(data)
        if "urn:schemas-microsoft-com:office:spreadsheet" in text:
            raise Unreadable(_("C’est un classeur Excel enregistré en XML. Enregistrez-le en .xlsx, ou en CSV."))
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise Unreadable(
                _("Ce fichier XML contient des déclarations qu’un export de collège n’a jamais. Il est refusé.")
            )
        _gather(_DECLARATION.sub("", text, count=1).encode(), gathered, content)
    for source_id, (line, cells) in gathered.students.items():
        cells.update(_class_cells(gathered.classes.get(source_id, [])))
        cells.update(_guardian_cells(gathered, source_id))
        content.students.append(Student(line, source_id, cells))
    if gathered.in_charge:
        content.warnings.append(
            _(
                "Responsables de niveau 2, « en charge de l’élève » : %(n)s. Vérifiez qu’ils le représentent en droit.",
                n=gathered.in_charge,
            )
        )
    return content


def _decoded(data: bytes) -> str:
    """The text, by its marks, else UTF-8 when it can be, else as it declares, else ISO-8859-15.

    What a file declares comes after what its bytes say: a text saved again by an editor keeps its old declaration, and
    an accent of ISO-8859-15 never makes valid UTF-8.
    """
    if found := marked(data):
        return found[1].decode(found[0], errors="replace")
    try:
        return undoubled(data.decode("utf-8"))
    except UnicodeDecodeError:
        declared = _ENCODING.match(data)
    try:
        return data.decode(declared[1].decode() if declared else "iso-8859-15")
    except LookupError as error:
        raise Unreadable(_("Ce fichier XML annonce un codage de caractères inconnu.")) from error
    except UnicodeDecodeError:
        return data.decode("iso-8859-15", errors="replace")


def _gather(data: bytes, gathered: _Gathered, content: Content) -> None:
    parser = etree.iterparse(
        BytesIO(data),
        events=("end",),
        recover=True,
        **GUARDED,
    )
    takers = {
        "ELEVE": _take_student,
        "STRUCTURES_ELEVE": _take_classes,
        "PERSONNE": _take_person,
        "RESPONSABLE_ELEVE": _take_guardian,
    }
    try:
        for number, (_event, element) in enumerate(parser):
            if number > MAX_TAGS:
                raise Unreadable(_("Ce fichier XML est bien trop long pour une liste d’élèves."))
            take = takers.get(_tag(element))
            if take is None:
                continue
            take(element, gathered, content)
            element.clear(keep_tail=False)
            if len(gathered.students) > MAX_STUDENTS:
                raise Unreadable(
                    _("Cette liste a plus de %(most)s élèves : déposez-la par niveaux.", most=MAX_STUDENTS)
                )
    except etree.XMLSyntaxError as error:
        raise Unreadable(_("Ce fichier XML ne se lit pas (ligne %(line)s).", line=error.lineno or 1)) from error
    faults = [entry for entry in parser.error_log if entry.level >= etree.ErrorLevels.ERROR]
    if faults:
        content.warnings.append(
            _(
                "Le fichier XML est abîmé à la ligne %(line)s : vérifiez les élèves et leurs classes.",
                line=faults[0].line,
            )
        )


def _tag(element: etree._Element) -> str:
    name = element.tag
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def _texts(element: etree._Element) -> Iterator[tuple[str, str]]:
    for child in element:
        yield _tag(child), " ".join((child.text or "").split())


def _number(element: etree._Element) -> str:
    """The file's own number of a student; exports of private schools have but the second one."""
    return element.get("ELEVE_ID") or element.get("ELENOET") or ""


def _take_student(element: etree._Element, gathered: _Gathered, content: Content) -> None:
    cells: dict[Field, Cell] = {}
    for tag, text in _texts(element):
        meaning = _OF_STUDENT.get(tag)
        if meaning is None:
            content.unread.add(tag)
        elif text:
            cells[meaning] = text
    line = element.sourceline if isinstance(element.sourceline, int) else 0
    gathered.students.setdefault(_number(element) or f"line {line}", (line, cells))


def _take_classes(element: etree._Element, gathered: _Gathered, _content: Content) -> None:
    for child in element:
        texts = dict(_texts(child))
        if code := texts.get("CODE_STRUCTURE"):
            gathered.classes[_number(element)].append((texts.get("TYPE_STRUCTURE", "D"), code))


def _take_person(element: etree._Element, gathered: _Gathered, _content: Content) -> None:
    texts = {_OF_PERSON[tag]: text for tag, text in _texts(element) if tag in _OF_PERSON and text}
    gathered.people[element.get("PERSONNE_ID") or ""] = texts


def _take_guardian(element: etree._Element, gathered: _Gathered, _content: Content) -> None:
    texts = dict(_texts(element))
    level = texts.get("NIVEAU_RESPONSABILITE") or texts.get("RESP_LEGAL")  # of recent exports, of older ones
    if level in {"1", "2"}:  # others are called, or pay
        gathered.in_charge += texts.get("NIVEAU_RESPONSABILITE") == "2"
        gathered.guardians[texts.get("ELEVE_ID", "")].append((int(level), texts.get("PERSONNE_ID", "")))


def _class_cells(classes: list[tuple[str, str]]) -> dict[Field, Cell]:
    divisions = [code for kind, code in classes if kind.strip().upper() == "D"]
    return {Field.CLASS: divisions[0], Field.CLASS_KIND: "D"} if divisions else {}


def _guardian_cells(gathered: _Gathered, source_id: str) -> dict[Field, Cell]:
    cells: dict[Field, Cell] = {}
    ranked = sorted(gathered.guardians.get(source_id, []), key=lambda pair: pair[0])
    for number, (_level, person_id) in enumerate(ranked[:2], start=1):
        for part, text in gathered.people.get(person_id, {}).items():
            cells[Field(f"guardian_{number}_{part}")] = text
    return cells

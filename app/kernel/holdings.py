"""What a room says of the people it holds: how it shows them, how it forgets them, what the law makes it keep.

Each room which holds people has a `privacy.py` with one `Holding`; `features.py` lists them, the highest room first, so
that what refers to a person is forgotten before the person. Only `app/privacy` calls them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import cached_property
from typing import Any, TypeVar

from flask import Flask, current_app
from sqlalchemy import ColumnElement, String, Table, cast, or_
from sqlalchemy.orm import InstrumentedAttribute, class_mapper

from app.kernel.database import affected, db

Counts = dict[str, int]  # table → rows changed or deleted
ERASED = "[effacé]"
_KEY = "holdings"


class SubjectKind(StrEnum):
    STUDENT = "student"
    GUARDIAN = "guardian"
    ACCOUNT = "account"  # an adult who signs in: teacher, head, coordinator, observer, host, administrator
    CONTACT = "contact"  # somebody whom a structure names (who represents it, a tutor) and who has no account


@dataclass(frozen=True)
class Subject:
    """One person, with everything by which a room may find what it holds of them; made by `privacy.queries.subjects`.

    `id` is that of the student, of the guardian, of the account, or of the structure which names the contact.
    `full_names`, `emails`, `phones` are searched everywhere; `first_name` and `short_names` (last names) only in what
    is about this person: a brother keeps his name.
    """

    kind: SubjectKind
    id: int
    territory_id: int | None
    user_id: int | None = None
    student_id: int | None = None
    guardian_ids: tuple[int, ...] = ()
    organization_ids: tuple[int, ...] = ()
    full_names: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    first_name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    alone: bool = False  # nobody else in the territory has that first or that last name
    private: bool = False  # they are the reader: what is sealed for them alone may be opened

    @property
    def label(self) -> str:
        return self.full_names[0] if self.full_names else f"{self.kind.value} {self.id}"

    @cached_property
    def _wide(self) -> re.Pattern[str] | None:
        """What names this person wherever it is written."""
        found = set(self.emails)
        for name in self.full_names:
            found |= {name, " ".join(reversed(name.split(" ", 1)))}
        return _any_of(found, re.IGNORECASE, phones=self.phones)

    @cached_property
    def _near(self) -> re.Pattern[str] | None:
        """What names this person in what is about them: the first name, the last name; « petit » is not « Petit »."""
        names = {name for name in (self.first_name, *self.short_names) if name}
        return _any_of(names | {name.upper() for name in names})

    def written_in(self, column: InstrumentedAttribute[Any] | ColumnElement[Any], *, own: bool = False) -> Any:
        """SQL: the column (text or JSON) may name this person; None when nothing could. `own`: as in `redact`.

        A coarse filter, to be refined by `redact`: SQLite compares accented letters without folding their case, and
        JSON is stored with its accented letters escaped.
        """
        needles: set[str] = set()
        near = (self.first_name, *self.short_names) if own else ()
        for phone in self.phones:
            needles |= {phone[-2:]}  # its digits may stand in any groups
        for word in (*self.full_names, *self.emails, *near):
            longest = max(word.split(), key=len, default="")
            if not longest:
                continue
            for form in (longest, longest.lower(), longest.upper(), longest.title()):
                needles |= {form, json.dumps(form)[1:-1]}
        text = cast(column, String)
        return or_(*[text.contains(needle, autoescape=True) for needle in sorted(needles)]) if needles else None

    def redact(self, value: Any, *, own: bool = False) -> Any:
        """`value` (text, or JSON of texts) without this person.

        `own`: this is about them, and there the first or the last name alone goes too.
        """
        if isinstance(value, str):
            for pattern in (self._wide, self._near if own else None):
                value = pattern.sub(ERASED, value) if pattern else value
            return value
        if isinstance(value, Mapping):
            return {self.redact(key, own=own): self.redact(each, own=own) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.redact(each, own=own) for each in value]
        return value


def _any_of(words: Iterable[str], flags: int = 0, *, phones: Iterable[str] = ()) -> re.Pattern[str] | None:
    """Any of the words, the longest first, between white space of any kind: typography sets no-break spaces."""
    patterns = [_phone(phone) for phone in phones if len(re.sub(r"\D", "", phone)) > 5]
    known = sorted((" ".join(word.split()) for word in words if len(word.strip()) > 1), key=len, reverse=True)
    patterns += [r"\s+".join(map(re.escape, word.split(" "))) for word in known]
    if not patterns:
        return None
    alternatives = "|".join(patterns)
    return re.compile(rf"(?<![\w@.-])(?:{alternatives})(?![\w@-])", flags)


def _phone(number: str) -> str:
    """A French number is the same with spaces, points or nothing between its digits, and with +33 for its zero."""
    digits = re.sub(r"\D", "", number)
    national = digits[2:] if number.strip().startswith("+33") else digits.removeprefix("0")
    return r"(?:(?:\+|00)33[\s.()-]*|0?)(?:0[\s.)-]*)?" + r"[\s.-]*".join(national)


Value = str | int | float | bool | None | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that we know, with the words by which people call it."""

    label: str
    value: Value
    table: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of lines: one row of ours, as its owner reads it."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the law does not let us erase: `what` and `basis` are French and shown to the person."""

    table: str
    what: str
    basis: str
    until: date | None
    rows: int = 1


@dataclass(frozen=True)
class Holding:
    """What one room does with a person.

    `labels` names, for each table, the columns shown to people; `export` uses them. `erase` runs inside the caller's
    transaction, raises `Conflict` with a sentence when something must end first, and says how many rows it touched.
    `keeps` is asked before and after: it does not depend on what `erase` takes away. `refuse` raises `Conflict`, and is
    asked of every room before the first row is touched.
    """

    room: str
    title: str
    export: Callable[[Subject], Sequence[Section]]
    erase: Callable[[Subject], Counts]
    keeps: Callable[[Subject], Sequence[Kept]] = field(default=lambda _subject: ())
    refuse: Callable[[Subject], None] = field(default=lambda _subject: None)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def provide(app: Flask, holdings: Iterable[Holding]) -> None:
    """The roof hands down the list of the rooms that hold people, the highest first."""
    app.extensions[_KEY] = tuple(holdings)


def all_holdings() -> tuple[Holding, ...]:
    held: tuple[Holding, ...] = current_app.extensions[_KEY]
    return held


M = TypeVar("M")


def section(title: str, row: Any, labels: Mapping[str, Mapping[str, str]], **more: Value) -> Section:
    """The labelled columns of a mapped row, in the order of `labels`; `more` adds lines (label → value)."""
    table = row.__table__.name
    lines = [Line(label, shown(getattr(row, column)), table, column) for column, label in labels[table].items()]
    return Section(title, (*lines, *(Line(label, value) for label, value in more.items())))


def shown(value: Any) -> Value:
    """A column's value as plain JSON: dates in ISO 8601, enums by value, bytes by their size only."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime | date) or hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, bytes):
        return f"{len(value)} octets"
    if isinstance(value, Mapping):
        return {str(key): shown(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [shown(each) for each in value]
    return value  # type: ignore[no-any-return]  # a column holds nothing else


def rows(model: type[M], *where: Any) -> list[M]:
    """The rows of a table that meet every clause, oldest first: what a `privacy.py` reads its room's tables with."""
    return list(db.session.scalars(db.select(model).where(*where).order_by(*class_mapper(model).primary_key)))


def remove(model: type[Any], *where: Any) -> Counts:
    """Delete these rows (and, by their foreign keys, what cascades); how many."""
    db.session.flush()
    found = affected(db.delete(model).where(*where).execution_options(synchronize_session="fetch"))
    return {model.__table__.name: found}


def redact_rows(model: type[Any], columns: Sequence[str], subject: Subject, *, where: Any = None) -> int:
    """Take the person out of these text or JSON columns of a table; how many rows had them.

    `where` narrows to rows about this person, and there the first name alone goes too.
    """
    own = where is not None
    named = [subject.written_in(getattr(model, column), own=own) for column in columns]
    clauses = [clause for clause in named if clause is not None]
    if not clauses:
        return 0
    statement = db.select(model).where(or_(*clauses))
    if where is not None:
        statement = statement.where(where)
    touched = 0
    for row in db.session.scalars(statement):
        changed = False
        for column in columns:
            before = getattr(row, column)
            after = subject.redact(before, own=own)
            if after != before:
                setattr(row, column, after)
                changed = True
        touched += changed
    db.session.flush()
    return touched


def _pointing_at(model: type[Any]) -> list[tuple[Table, Any, str | None]]:
    """(table, column, ON DELETE) of every foreign key to this class's table."""
    return [
        (table, column, foreign.ondelete)
        for table in db.metadata.sorted_tables
        for column in table.columns
        for foreign in column.foreign_keys
        if foreign.column.table is class_mapper(model).local_table
    ]


def is_referred(model: type[Any], key: int) -> bool:
    """Whether a row of any room refers to this one and would forbid its deletion."""
    db.session.flush()
    return any(
        db.session.execute(db.select(column).where(column == key).limit(1)).first()
        for _table, column, ondelete in _pointing_at(model)
        if ondelete is None
    )


def forget_dependents(model: type[Any], key: int) -> Counts:
    """Do to the rows around this one what its deletion would: delete those that cascade, empty those that let go."""
    db.session.flush()
    counts: Counts = {}
    for table, column, ondelete in _pointing_at(model):
        if ondelete == "CASCADE":
            found = affected(db.delete(table).where(column == key))
        elif ondelete == "SET NULL":
            found = affected(db.update(table).where(column == key).values({column.name: None}))
        else:
            continue
        counts = merged(counts, {table.name: found})
    db.session.expire_all()
    return counts


def merged(*parts: Mapping[str, int]) -> Counts:
    """The sum of several counts, without the tables that nothing touched."""
    total: Counts = {}
    for part in parts:
        for table, rows in part.items():
            if rows:
                total[table] = total.get(table, 0) + rows
    return total

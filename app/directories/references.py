"""National tables: ROME 4.0, data·inclusion's types, legal forms, holidays. Compared with what the product ships."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from app.directories.headings import Field
from app.directories.lines import Line
from app.directories.records import Family, Pile, ReferenceRecord
from app.occupations import reference
from app.occupations.queries import fold
from app.regulations import gateway

_ROME = re.compile(r"[A-N][0-9]{4}")
_RIASEC = re.compile(r"[RIASEC]{0,2}")
MAX_KEY = 160
_VALUES = (Field.VALUE_1, Field.VALUE_2, Field.VALUE_3, Field.VALUE_4)


class ReferenceReader:
    """One line, one entry under a key; the values keep the file's own headings."""

    def __init__(self, family: Family) -> None:
        self.family, self.pile = family, Pile()
        self.seen: dict[str, int] = {}

    def take(self, line: Line) -> None:
        key, problem = self._key(line)
        if problem:
            self.pile.refuse(line.remark(*problem))
            return
        if key in self.seen:
            self.pile.leave(_("déjà lu plus haut"), line.number)
            return
        self.seen[key] = line.number
        kept = {line.columns.heading(of): line.text(of) for of in _VALUES if of in line.columns.at}
        self.pile.records.append(ReferenceRecord(line.number, key, kept))

    def _key(self, line: Line) -> tuple[str, tuple[Field, str] | None]:
        first = line.text(Field.KEY, MAX_KEY)
        second = line.text(Field.KEY_2, MAX_KEY) if self.family is not Family.OCCUPATIONS or _tells_titles(line) else ""
        if not first and self.family is not Family.LEGAL_FORMS:  # there « no form » is an entry too
            return "", (Field.KEY, _("il manque la clé de cette ligne"))
        if self.family is Family.OCCUPATIONS and not line.text(Field.VALUE_1):
            return "", (Field.VALUE_1, _("il manque le libellé"))
        codes = {Field.KEY: first, Field.KEY_2: second}
        for of in _ROME_FIELDS.get(self.family, ()):
            if not _ROME.fullmatch(codes[of]):
                return "", (of, _("un code ROME a une lettre de A à N et quatre chiffres"))
        if self.family in {Family.RIASEC, Family.ESS_OCCUPATIONS}:
            of = Field.VALUE_1 if self.family is Family.RIASEC else Field.VALUE_2
            if not _RIASEC.fullmatch(line.text(of)):
                return "", (of, _("un profil RIASEC s’écrit avec une ou deux lettres parmi R, I, A, S, E, C"))
        if self.family is Family.HOLIDAYS and (problem := _holiday_problem(line)):
            return "", problem
        parts = [first, second] if second else [first]
        if self.family is Family.HOLIDAYS:
            parts.append(line.text(Field.VALUE_1))
        elif self.family is Family.OFFER_COUNTS:
            parts.append(line.text(Field.VALUE_2))
        return "|".join(parts)[:MAX_KEY], None

    def finish(self) -> None:
        """Say what the table changes for the product: nothing by itself, and where it differs from what is shipped."""
        compare = _COMPARISONS.get(self.family)
        records = [r for r in self.pile.records if isinstance(r, ReferenceRecord)]
        if compare and records:
            self.pile.warnings.extend(compare({r.key: r for r in records}))


def _tells_titles(line: Line) -> bool:
    """ROME's titles (« appellations ») hang on the code of an occupation, many to one: each has a code of its own."""
    return "appellation" in line.columns.heading(Field.VALUE_1).casefold()


_ROME_FIELDS: Mapping[Family, tuple[Field, ...]] = {
    Family.OCCUPATIONS: (Field.KEY,),
    Family.RIASEC: (Field.KEY,),
    Family.ESS_OCCUPATIONS: (Field.KEY,),
    Family.INTEREST_LINKS: (Field.KEY_2,),
}

SHIPPED_VERSION = "60"  # of ROME 4.0, restated in `occupations/data`


def rome_version(text: str) -> tuple[ReferenceRecord, str] | None:
    """The label that France Travail puts beside its tables (« Numero de version : 60 »), and what it means here."""
    number = re.search(r"num[ée]ro de version\s*:\s*(\d{1,4})", text[:2_000], re.IGNORECASE)
    if number is None:
        return None
    day = re.search(r"date de publication\s*:\s*(\d{2}/\d{2}/\d{4})", text[:2_000], re.IGNORECASE)
    record = ReferenceRecord(1, "rome", {"version": number[1], "publication": day[1] if day else ""})
    if number[1] == SHIPPED_VERSION:
        return record, _("La plateforme parle avec cette version du ROME.")
    return record, _(
        "La plateforme parle avec la version %(ours)s du ROME, ce fichier avec la %(theirs)s.",
        ours=SHIPPED_VERSION,
        theirs=number[1],
    )


Told = list[str]


def _occupations(found: Mapping[str, ReferenceRecord]) -> Told:
    """The product speaks with the occupations it ships: missing codes and other labels are for who maintains it."""
    shipped = reference.occupations()
    titles = [key for key in found if "|" in key]
    if titles:
        of = len({key.partition("|")[0] for key in titles})
        return [_("%(n)s appellations de %(of)s métiers : elles aident à écrire une offre.", n=len(titles), of=of)]
    gone = [code for code in shipped if code not in found]
    renamed = [
        code
        for code, occupation in shipped.items()
        if code in found and _label(found[code]) != fold(occupation.label).replace("’", "'")
    ]
    told = [
        ngettext(
            "Sur les %(all)s métiers que la plateforme propose, %(num)s est dans ce fichier.",
            "Sur les %(all)s métiers que la plateforme propose, %(num)s sont dans ce fichier.",
            len(shipped) - len(gone),
            all=len(shipped),
        )
    ]
    if gone:
        told.append(_("Codes absents de ce fichier : %(codes)s.", codes=", ".join(gone[:20])))
    if renamed:
        told.append(_("Libellés différents : %(codes)s.", codes=", ".join(renamed[:20])))
    return told


def _label(record: ReferenceRecord) -> str:
    return fold(next(iter(record.values.values()), ""))


def _riasec(found: Mapping[str, ReferenceRecord]) -> Told:
    gone = [code for code in reference.occupations() if code not in found]
    return [_("Métiers de la plateforme sans profil ici : %(codes)s.", codes=", ".join(gone[:20]))] if gone else []


def _interests(found: Mapping[str, ReferenceRecord]) -> Told:
    shipped = reference.interests()
    other = [
        code for code, interest in shipped.items() if code not in found or _label(found[code]) != fold(interest.label)
    ]
    if not other and len(found) == len(shipped):
        return [_("Les centres d’intérêt de la plateforme sont ceux de ce fichier.")]
    return [_("Centres d’intérêt différents de ceux de la plateforme : %(codes)s.", codes=", ".join(other) or "…")]


def _links(found: Mapping[str, ReferenceRecord]) -> Told:
    codes = {key.partition("|")[2] for key in found}
    covered = sum(code in codes for code in reference.occupations())
    return [_("%(n)s métiers de la plateforme ont un lien avec un intérêt dans ce fichier.", n=covered)]


_COMPARISONS: Mapping[Family, Callable[[Mapping[str, ReferenceRecord]], Told]] = {
    Family.OCCUPATIONS: _occupations,
    Family.ESS_OCCUPATIONS: _occupations,
    Family.RIASEC: _riasec,
    Family.INTERESTS: _interests,
    Family.INTEREST_LINKS: _links,
}


def _holiday_problem(line: Line) -> tuple[Field, str] | None:
    """The calendar of the product comes from its own library: a file of holidays is only compared with it."""
    days: list[date] = []
    for of in (Field.VALUE_1, Field.VALUE_2):
        try:
            days.append(date.fromisoformat(line.text(of)[:10]))
        except ValueError:
            return of, _("ce n’est pas une date : écrivez année-mois-jour")
    first, last = days
    if not first <= last <= first + timedelta(days=100):
        return Field.VALUE_2, _("la fin vient avant le début, ou plus de cent jours après")
    try:
        inside = all(gateway.is_school_holiday(first + timedelta(days=n)) for n in range((last - first).days + 1))
    except gateway.UnknownYear:
        return None
    return None if inside else (Field.VALUE_1, _("le calendrier de la plateforme n’a pas ces vacances"))

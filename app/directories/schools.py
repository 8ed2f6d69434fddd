"""Lists of schools: the national directory, its geolocation, REP and IPS files, and shorter lists."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from app.directories import values
from app.directories.headings import Field
from app.directories.lines import Line, coordinates
from app.directories.places import Land, Located, Placed, point_of
from app.directories.records import Pile, SchoolRecord
from app.kernel.identifiers import parse_phone
from app.schools.rosters.columns import plain

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_PLACE = (Field.INSEE, Field.CITY, Field.POSTCODE)
IPS_RANGE = (40.0, 200.0)


class SchoolReader:
    """`with_lycees`: lycées are created too, for their classes of 2de."""

    def __init__(self, land: Land, *, with_lycees: bool = False) -> None:
        self.land, self.with_lycees, self.pile = land, with_lycees, Pile()
        self.seen: dict[str, tuple[str, int]] = {}  # UAI → (school year, rank among the records)

    def take(self, line: Line) -> None:
        uai = values.uai_of(line.cell(Field.UAI))
        if not uai.value:
            self.pile.refuse(line.remark(Field.UAI, uai.refused))
            return
        located = self._located(line)
        kind = _kind(line)
        aside = _("fermé") if plain(line.text(Field.STATE)).startswith("ferm") else self._aside(kind)
        if not aside and located is not None:
            aside = located.outside
        if aside:
            self.pile.leave(aside, line.number)
            return
        if located is not None and located.refused:
            self.pile.refuse(line.remark(_where(line), located.refused))
            return
        if self._is_older(line, uai.value):
            return
        for note in (uai.mended, *(located.mended if located else ())):
            if note:
                self.pile.repair(line.remark(Field.UAI if note == uai.mended else _where(line), note))
        record = self._record(line, uai.value, located, creatable=bool(kind))
        if uai.value in self.seen:
            self.pile.records[self.seen[uai.value][1]] = record
        else:
            self.pile.records.append(record)
        self.seen[uai.value] = (line.text(Field.YEAR), self.seen.get(uai.value, ("", len(self.pile.records) - 1))[1])

    def finish(self) -> None:
        """Nothing more to say: each line stands alone."""

    def _located(self, line: Line) -> Located | None:
        """None when the file says nothing of places."""
        if not any(field in line.columns.at for field in _PLACE):
            return None
        return self.land.locate(*(line.cell(field) for field in _PLACE))

    def _aside(self, kind: str) -> str:
        if kind in {"college", ""} or (kind == "lycee" and self.with_lycees):
            return ""
        return _("lycée : seuls les collèges sont repris") if kind == "lycee" else _("ni collège, ni lycée")

    def _is_older(self, line: Line, uai: str) -> bool:
        """Whether the school was read already; IPS files tell several years, of which the latest counts."""
        if uai not in self.seen:
            return False
        year = self.seen[uai][0]
        if line.text(Field.YEAR) > year:
            self.pile.leave(_("une année plus récente est dans le fichier"), line.number)
            return False
        self.pile.leave(_("établissement déjà lu plus haut"), line.number)
        return True

    def _record(self, line: Line, uai: str, located: Located | None, *, creatable: bool) -> SchoolRecord:
        town = located.town if located else None
        placed = point_of(*coordinates(line.cell), town) if town else Placed(0, 0, exact=False)
        if placed.mended:
            self.pile.repair(line.remark(Field.LAT, placed.mended))
        sector = plain(line.text(Field.SECTOR))
        return SchoolRecord(
            line=line.number,
            uai=uai,
            name=line.text(Field.NAME, 160) if creatable else "",
            address=line.text(Field.ADDRESS, 200),
            commune_insee=town.insee if town else "",
            postcode=located.postcode if located else "",
            lat=placed.lat if placed.exact else None,
            lon=placed.lon if placed.exact else None,
            is_public=None if not sector else sector.startswith("pu"),
            priority_education=_priority(line.text(Field.PRIORITY)),
            ips=self._ips(line),
            phone=self._phone(line),
            email=self._email(line),
            detailed=Field.INSEE in line.columns.at,
        )

    def _ips(self, line: Line) -> float | None:
        ips = values.number_of(line.cell(Field.IPS))
        if ips is None or IPS_RANGE[0] <= ips <= IPS_RANGE[1]:
            return ips
        self.pile.repair(line.remark(Field.IPS, _("un IPS va de 40 à 200 : laissé vide")))
        return None

    def _phone(self, line: Line) -> str:
        written = line.text(Field.PHONE, 40)
        number = parse_phone(written) or parse_phone(f"0{written}") if written else ""
        if written and not number:
            self.pile.repair(line.remark(Field.PHONE, _("ce numéro n’est pas complet : laissé vide")))
        return number or ""

    def _email(self, line: Line) -> str:
        written = line.text(Field.EMAIL, 254)
        if written and not _EMAIL.fullmatch(written):
            self.pile.repair(line.remark(Field.EMAIL, _("cette adresse n’est pas complète : laissée vide")))
            return ""
        return written.casefold()


def _where(line: Line) -> Field:
    return next((field for field in _PLACE if line.text(field)), Field.CITY)


def _priority(text: str) -> str | None:
    """« REP+ », « REP », nothing for « HORS EP »; None when the file does not say."""
    words = plain(text)
    if words.startswith("rep"):
        return "REP+" if "+" in text or "plus" in words else "REP"
    return "" if words.startswith(("hors", "non", "sans")) else None


def _kind(line: Line) -> str:
    """« college », « lycee », « other », or nothing when neither the type nor the name tells."""
    if line.text(Field.NATURE) in {"340", "300", "301", "302", "306", "310", "312", "320"}:
        return "college" if line.text(Field.NATURE) == "340" else "lycee"
    for words in (plain(line.text(Field.TYPE)), plain(line.text(Field.NAME))):
        if "lyc" in words:
            return "lycee"
        if "college" in words or words.startswith("clg"):
            return "college"
        if re.search(r"\b(ecole|segpa|section d enseignement|erea|elementaire|maternelle|ecole primaire|cfa)\b", words):
            return "other"
    return ""

"""Structures to call, from what any source says of one of their places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext

from app.directories import values
from app.directories.belonging import belonging
from app.directories.headings import Field
from app.directories.lines import Line, coordinates, shown
from app.directories.places import Land, point_of
from app.directories.records import HostRecord, Pile
from app.kernel.identifiers import parse_phone, parse_siren
from app.kernel.tabular import Cell, Remark
from app.schools.rosters.columns import plain

MOST_MISSION = 1_000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source says of one place. `flag`: of the ESS or not, None when it does not say. `hidden`: the law keeps
    the person behind it out of public files."""

    line: int
    cells: Mapping[Field, Cell] = field(default_factory=dict)
    headings: Mapping[Field, str] = field(default_factory=dict)
    flag: bool | None = None
    closed: bool = False
    hidden: bool = False

    def text(self, of: Field, most: int = 2_000) -> str:
        return values.text_of(self.cells.get(of), most)

    def remark(self, of: Field, reason: str) -> Remark:
        return Remark(self.line, self.headings.get(of, ""), shown(self.cells.get(of)), reason)


class Gatherer:
    """`taken_for_ess`: whoever imports says that every structure of the file is of the ESS."""

    def __init__(self, land: Land, *, taken_for_ess: bool = False) -> None:
        self.land, self.taken_for_ess, self.pile = land, taken_for_ess, Pile()
        self.seen: dict[str, tuple[int, str]] = {}
        self.supposed = 0

    def gather(self, claim: Claim) -> None:
        """Put one place where it belongs."""
        siret = values.siret_of(claim.cells.get(Field.SIRET))
        if not siret.value:
            self.pile.refuse(claim.remark(Field.SIRET, siret.refused))
            return
        siren = parse_siren(claim.text(Field.SIREN)) if claim.text(Field.SIREN) else siret.value[:9]
        if siren is not None and siren != siret.value[:9]:
            self.pile.refuse(claim.remark(Field.SIREN, _("ce SIREN n’est pas celui du SIRET")))
            return
        located = self.land.locate(*(claim.cells.get(f) for f in (Field.INSEE, Field.CITY, Field.POSTCODE)))
        if located.outside:
            self.pile.leave(located.outside, claim.line)
            return
        if siret.value in self.seen:  # those of the territory only: SIRENE has forty million
            self.pile.leave(self._twice(siret.value, claim), claim.line)
            return
        self.seen[siret.value] = (claim.line, claim.text(Field.KIND))
        if claim.closed or claim.hidden:
            self.pile.leave(_("fermée") if claim.closed else _("diffusion limitée par la loi"), claim.line)
            return
        where = next((f for f in (Field.INSEE, Field.CITY, Field.POSTCODE) if claim.text(f)), Field.CITY)
        if located.town is None:
            self.pile.refuse(claim.remark(where, located.refused))
            return
        name = claim.text(Field.NAME, 160) or claim.text(Field.BRAND, 160)
        if not name:
            self.pile.refuse(claim.remark(Field.NAME, _("il manque le nom de la structure")))
            return
        is_of = belonging(
            claim.text(Field.KIND),
            claim.text(Field.LEGAL_FORM) or claim.text(Field.FAMILY),
            claim.flag,
            taken_for_ess=self.taken_for_ess,
        )
        if is_of.why_not:
            self.pile.leave(is_of.why_not, claim.line)
            return
        placed = point_of(*coordinates(claim.cells.get), located.town)
        mended = [(Field.SIRET, siret.mended), (Field.LAT, placed.mended), *((where, note) for note in located.mended)]
        for of, note in mended:
            if note:
                self.pile.repair(claim.remark(of, note))
        self.supposed += is_of.supposed
        self.pile.records.append(
            HostRecord(
                line=claim.line,
                siret=siret.value,
                name=name,
                site_name=claim.text(Field.BRAND, 160) or name,
                commune_insee=located.town.insee,
                postcode=located.postcode,
                lat=placed.lat,
                lon=placed.lon,
                exact_point=placed.exact,
                kind=is_of.kind,
                family=is_of.family,
                legal_form=is_of.legal_form,
                address=_address(claim),
                mission=claim.text(Field.MISSION, MOST_MISSION),
                phone=parse_phone(claim.text(Field.PHONE, 40)) or "",
                employees=_employees(claim.text(Field.EMPLOYEES, 20)),
            )
        )

    def _twice(self, siret: str, claim: Claim) -> str:
        _line, kind = self.seen[siret]
        if claim.text(Field.KIND).casefold() != kind.casefold():
            return _("même SIRET qu’une ligne plus haut, d’un autre type : la première est gardée")
        return _("même SIRET qu’une ligne plus haut")

    def finish(self) -> None:
        """Say once how many families were only supposed."""
        if self.supposed:
            self.pile.warnings.append(
                ngettext(
                    "La famille (association, société…) de %(num)s structure est supposée : à vérifier.",
                    "La famille (association, société…) de %(num)s structures est supposée : à vérifier.",
                    self.supposed,
                )
            )


class ListReader(Gatherer):
    """SIAE, data·inclusion and other lists: one line, one place."""

    def take(self, line: Line) -> None:
        flag = values.is_yes(line.cell(Field.ESS)) if line.text(Field.ESS) else None
        closed = plain(line.text(Field.STATE)).startswith(("ferm", "cess")) or line.text(Field.STATE).upper() in {
            "F",
            "C",
        }
        hidden = line.text(Field.DIFFUSION).upper() in {"P", "N"}
        self.gather(_claim(line, flag=flag, closed=closed, hidden=hidden))


class SireneReader(Gatherer):
    """Extracts of SIRENE (StockEtablissement), with or without the columns of the legal unit."""

    def take(self, line: Line) -> None:
        written = line.text(Field.ESS).upper()
        claim = _claim(
            line,
            flag={"O": True, "N": False}.get(written),
            closed=line.text(Field.STATE).upper() in {"F", "C"},
            hidden=line.text(Field.DIFFUSION).upper() in {"P", "N"} or "[ND]" in line.text(Field.NAME),
        )
        self.gather(claim)


def _claim(line: Line, *, flag: bool | None, closed: bool, hidden: bool = False) -> Claim:
    at, headings = line.columns.at, line.columns.headings
    return Claim(
        line=line.number,
        cells={of: line.cells[index] for of, index in at.items() if index in line.cells},
        headings={of: headings[index] for of, index in at.items()},
        flag=flag,
        closed=closed,
        hidden=hidden,
    )


def _address(claim: Claim) -> str:
    written = claim.text(Field.ADDRESS, 200)
    parts = (claim.text(of, 120) for of in (Field.STREET_NUMBER, Field.STREET_TYPE, Field.STREET_NAME))
    return written or " ".join(part for part in parts if part)[:200]


def _employees(written: str) -> int | None:
    """A number of people; bands (« 10 à 19 salariés ») and INSEE's band codes (« 03 ») are not numbers."""
    return int(written) if re.fullmatch(r"[1-9][0-9]{0,4}", written) else None

"""What official files hold once read: families of files, remarks on their lines, and one value object per line kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.hosts.kinds import EssFamily, HostKind
from app.kernel.tabular import Remark


class Family(StrEnum):
    """The kind of a file, as the command names it."""

    SCHOOLS = "schools"
    COMMUNES = "communes"
    STRUCTURES = "structures"
    SIRENE = "sirene"
    COMPANY_SEARCH = "company-search"
    OCCUPATIONS = "rome-occupations"
    RIASEC = "rome-riasec"
    INTERESTS = "rome-interests"
    INTEREST_LINKS = "rome-interest-links"
    ESS_OCCUPATIONS = "ess-occupations"
    TYPOLOGIES = "typologies"
    LEGAL_FORMS = "legal-forms"
    OFFER_COUNTS = "offer-counts"
    HOLIDAYS = "holidays"
    ROME_VERSION = "rome-version"


_F = Family
LABELS: dict[Family, str] = {
    _F.SCHOOLS: _l("Annuaire d’établissements scolaires"),
    _F.COMMUNES: _l("Liste de communes"),
    _F.STRUCTURES: _l("Liste de structures de l’ESS ou de l’insertion"),
    _F.SIRENE: _l("Extrait de SIRENE"),
    _F.COMPANY_SEARCH: _l("Recherche d’entreprises de l’État (JSON)"),
    _F.OCCUPATIONS: _l("ROME 4.0 : métiers ou appellations"),
    _F.RIASEC: _l("ROME 4.0 : profils RIASEC"),
    _F.INTERESTS: _l("ROME 4.0 : centres d’intérêt"),
    _F.INTEREST_LINKS: _l("ROME 4.0 : liens entre intérêts et métiers"),
    _F.ESS_OCCUPATIONS: _l("Métiers de l’ESS par secteur"),
    _F.TYPOLOGIES: _l("data·inclusion : types de structures"),
    _F.LEGAL_FORMS: _l("Formes juridiques"),
    _F.OFFER_COUNTS: _l("Offres de stage par secteur"),
    _F.HOLIDAYS: _l("Vacances scolaires"),
    _F.ROME_VERSION: _l("ROME 4.0 : version publiée"),
}

HOSTS = frozenset({_F.STRUCTURES, _F.SIRENE, _F.COMPANY_SEARCH})
# National tables, the same for every territory: the command stores them; a coordinator's page compares them only.
REFERENCES = frozenset(set(Family) - HOSTS - {_F.SCHOOLS, _F.COMMUNES})


@dataclass(frozen=True, slots=True)
class Left:
    """Lines of the file that were read and change nothing, for one reason."""

    reason: str
    count: int
    lines: tuple[int, ...]  # the first few


@dataclass(frozen=True, slots=True)
class CommuneRecord:
    line: int
    insee: str
    name: str
    postcodes: tuple[str, ...]
    lat: float | None = None
    lon: float | None = None
    group: str = ""  # the intermunicipal body, as the file writes it: SIREN and name


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """A school as one file tells it: an empty text or None is what the file does not say. An empty
    `priority_education` is said: the school is outside of it.

    `detailed`: the file knows INSEE codes, as the ministry's directories do; shorter lists only fill what is empty.
    """

    line: int
    uai: str
    name: str = ""
    address: str = ""
    commune_insee: str = ""
    postcode: str = ""
    lat: float | None = None
    lon: float | None = None
    is_public: bool | None = None
    priority_education: str | None = None
    ips: float | None = None
    phone: str = ""
    email: str = ""
    detailed: bool = True


@dataclass(frozen=True, slots=True)
class HostRecord:
    """A place of a structure. `exact_point` is false when the point is only the centre of the commune."""

    line: int
    siret: str
    name: str
    commune_insee: str
    postcode: str
    lat: float
    lon: float
    exact_point: bool
    kind: HostKind
    family: EssFamily
    legal_form: str
    address: str = ""
    site_name: str = ""
    mission: str = ""
    phone: str = ""
    employees: int | None = None

    @property
    def siren(self) -> str:
        return self.siret[:9]


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    line: int
    key: str
    values: Mapping[str, str]


Record = CommuneRecord | SchoolRecord | HostRecord | ReferenceRecord


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. Every line read ends in exactly one of `records`, `refused` or `left`.

    `member` is its name in an archive. `refused_count` and `repaired_count` also count the remarks beyond those that
    are kept one by one.
    """

    family: Family
    read: int
    columns: tuple[tuple[str, bool], ...] = ()  # heading, and whether it is read
    communes: tuple[CommuneRecord, ...] = ()
    schools: tuple[SchoolRecord, ...] = ()
    hosts: tuple[HostRecord, ...] = ()
    references: tuple[ReferenceRecord, ...] = ()
    refused: tuple[Remark, ...] = ()
    repaired: tuple[Remark, ...] = ()
    left: tuple[Left, ...] = ()
    warnings: tuple[str, ...] = ()
    refused_count: int = 0
    repaired_count: int = 0
    member: str = ""


@dataclass
class Pile:
    """What accumulates while lines are read. Remarks beyond `MOST` are counted and not kept: memory stays bounded."""

    MOST = 2_000

    read: int = 0
    records: list[Record] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    repaired: list[Remark] = field(default_factory=list)
    refused_count: int = 0
    repaired_count: int = 0
    left: dict[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, remark: Remark) -> None:
        self.refused_count += 1
        if len(self.refused) < self.MOST:
            self.refused.append(remark)

    def repair(self, remark: Remark) -> None:
        self.repaired_count += 1
        if len(self.repaired) < self.MOST:
            self.repaired.append(remark)

    def leave(self, reason: str, line: int) -> None:
        """Count a line that changes nothing. Beyond a hundred different reasons they are told as one."""
        if reason not in self.left and len(self.left) >= 100:
            reason = "…"
        count, lines = self.left.get(reason, (0, ()))
        self.left[reason] = (count + 1, (*lines, line) if len(lines) < 5 else lines)

    def told(self) -> tuple[Left, ...]:
        return tuple(Left(reason, *told) for reason, told in self.left.items())

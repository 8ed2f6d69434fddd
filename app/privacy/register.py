"""The register: what every mapped column declares, with the legal basis of its category. Nothing is written twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Float, Integer, Time
from sqlalchemy.types import TypeDecorator

from app.kernel.database import Base, db
from app.kernel.holdings import all_holdings
from app.kernel.personal import Category

_MISSION = _l(
    "Mission d’intérêt public d’information et d’orientation (RGPD, art. 6.1 e ; code de l’éducation, L. 331-7)"
)
_SAFETY = _l("Sécurité des données (RGPD, art. 6.1 c et 32)")
_PROOF = _l("Responsabilité de qui décide (RGPD, art. 6.1 e et 5.2)")
_AGREEMENT = _l("Convention de stage obligatoire (RGPD, art. 6.1 c ; code de l’éducation, D. 331-3)")

BASES: dict[Category, str] = {
    "identity": _MISSION,
    "contact": _MISSION,
    "school": _MISSION,
    "preferences": _MISSION,
    "evaluation": _MISSION,
    "security": _SAFETY,
    "trace": _PROOF,
}
# Where the law asks for the document itself, whatever the category of what is in it.
ROOM_BASES: dict[str, str] = {"agreements": _AGREEMENT}

CATEGORIES: dict[Category, str] = {
    "identity": _l("Identité"),
    "contact": _l("Coordonnées"),
    "school": _l("Scolarité et stage"),
    "preferences": _l("Goûts et choix"),
    "evaluation": _l("Propositions et avis"),
    "security": _l("Codes et empreintes d’accès"),
    "trace": _l("Traces des actes"),
}

# Whose data a room holds, for the register of treatments.
PEOPLE: dict[str, str] = {
    "accounts": _l("Élèves, personnels des collèges, structures, coordination"),
    "agreements": _l("Élèves, responsables légaux, direction, professeurs, structures"),
    "allocation": _l("Élèves"),
    "audit": _l("Toute personne qui agit sur la plateforme"),
    "feedback": _l("Élèves, tuteurs"),
    "hosts": _l("Personnes des structures"),
    "messaging": _l("Toute personne à qui la plateforme écrit"),
    "offers": _l("Tuteurs"),
    "placements": _l("Élèves, responsables légaux, tuteurs"),
    "privacy": _l("Toute personne qui exerce un droit, ou qui consulte un dossier"),
    "schools": _l("Élèves, responsables légaux"),
    "wishes": _l("Élèves"),
}

SECURITY: tuple[str, ...] = (
    _l("Chacun ne voit que ce que son rôle demande : une seule table des droits, testée page par page."),
    _l("Mots de passe hachés (argon2id), codes et liens conservés en empreinte seulement, essais ralentis."),
    _l("Second facteur pour la coordination et l’administration."),
    _l("Chiffrement du transport ; carnet de l’élève chiffré, lisible par lui seul."),
    _l("Journal des actes et des consultations de dossiers d’élèves."),
    _l("Effacement vérifié dans chaque table, fichier et journal ; rien n’est partagé hors de l’Union européenne."),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one column holds: the same words for the person, the coordinator and the authority."""

    room: str
    table: str
    column: str
    label: str
    category: Category
    purpose: str
    basis: str
    seen_by: str
    keep: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """One activity of the article 30 register: a room, with what its columns declare."""

    room: str
    title: str
    people: str
    purposes: tuple[str, ...]
    categories: tuple[Category, ...]
    bases: tuple[str, ...]
    recipients: tuple[str, ...]
    durations: tuple[str, ...]
    entries: tuple[Entry, ...]


def rooms_of_tables() -> dict[str, str]:
    """Table → the room whose `models` map it."""
    return {str(mapper.local_table): mapper.class_.__module__.split(".")[1] for mapper in Base.registry.mappers}


def entries() -> list[Entry]:
    """Every personal column, in the order of the rooms, tables and columns."""
    rooms = rooms_of_tables()
    labels = {table: known for holding in all_holdings() for table, known in holding.labels.items()}
    found = []
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            told = column.info.get("privacy")
            if told:
                room = rooms.get(table.name, "")
                category: Category = told["category"]
                basis = told.get("basis") or ROOM_BASES.get(room) or BASES[category]
                label = str(labels.get(table.name, {}).get(column.name, "")) or str(CATEGORIES[category])
                found.append(
                    Entry(
                        room,
                        table.name,
                        column.name,
                        label,
                        category,
                        told["purpose"],
                        str(basis),
                        told["seen_by"],
                        told["keep"],
                    )
                )
    return sorted(found, key=lambda entry: (entry.room, entry.table))


def treatments() -> list[Treatment]:
    """The article 30 register, one activity a room, in the order of the road."""
    by_room: dict[str, list[Entry]] = {}
    for entry in entries():
        by_room.setdefault(entry.room, []).append(entry)
    titles = {holding.room: holding.title for holding in reversed(all_holdings())}
    return [
        Treatment(
            room,
            str(titles[room]),
            str(PEOPLE.get(room, "")),
            _unique(entry.purpose for entry in by_room[room]),
            tuple(dict.fromkeys(entry.category for entry in by_room[room])),
            _unique(entry.basis for entry in by_room[room]),
            _unique(entry.seen_by for entry in by_room[room]),
            _unique(entry.keep for entry in by_room[room]),
            tuple(by_room[room]),
        )
        for room in titles
        if room in by_room
    ]


def as_csv(controller: str) -> str:
    """The register for a spreadsheet: semicolons, one line a column; a cell never starts a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        (
            "Responsable",
            "Traitement",
            "Personnes",
            "Donnée",
            "Catégorie",
            "Finalité",
            "Base légale",
            "Destinataires",
            "Durée",
            "Table",
            "Colonne",
            "Sécurité",
        )
    )
    safety = " ".join(str(each) for each in SECURITY)
    for treatment in treatments():
        for entry in treatment.entries:
            writer.writerow(
                _plain(value)
                for value in (
                    controller,
                    treatment.title,
                    treatment.people,
                    entry.label,
                    str(CATEGORIES[entry.category]),
                    entry.purpose,
                    entry.basis,
                    entry.seen_by,
                    entry.keep,
                    entry.table,
                    entry.column,
                    safety,
                )
            )
    return out.getvalue()


def _plain(value: str) -> str:
    return f"'{value}" if value[:1] in {"=", "+", "-", "@"} else value


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


# --- What declares nothing, and may --------------------------------------------------------------------------------

# Types which say nothing of anybody by themselves: states, counts, moments. A personal one still declares itself.
_MECHANICAL = (Enum, Boolean, Integer, Float, Date, DateTime, Time)
# Texts and JSON of tables about things and calendars; each line is a decision somebody read.
IMPERSONAL: dict[str, frozenset[str]] = {
    "agreement": frozenset({"reference", "template_version"}),
    "agreement_host": frozenset({"days", "schedule"}),
    "announced_identifier": frozenset({"issuer"}),
    "campaign": frozenset({"name", "school_year", "levels"}),
    "commune": frozenset({"insee", "name", "postcode"}),
    "directory_import": frozenset({"reading"}),  # a public register of structures and schools
    "external_account": frozenset({"issuer"}),
    "figures_snapshot": frozenset({"sheet"}),  # counts, small ones hidden
    "host_organization": frozenset(
        {
            "siren",
            "name",
            "legal_form",
            "mission",
            "ess_sentence",
            "insurer",
            "insurance_policy",
            "state_reason",
        }
    ),
    "host_site": frozenset({"siret", "name", "postcode", "access", "other_town"}),
    "matcher_weights": frozenset({"weights", "lesson"}),
    "matching_run": frozenset({"parameters", "stage", "report", "error"}),
    "outbox_message": frozenset({"message_id", "daily_key"}),  # drawn at random; a digest
    "placement": frozenset({"days"}),
    "placement_offer": frozenset(
        {
            "title",
            "description",
            "sector",
            "occupations",
            "conditions",
            "levels",
            "schedule",
            "lunch",
            "dress",
            "state_reason",
        }
    ),
    "privacy_erasure": frozenset({"counts", "kept"}),  # tables, articles and dates
    "privacy_request": frozenset({"asked_how", "counts"}),
    "reference_entry": frozenset({"key", "values"}),  # ROME, sectors: public tables
    "retention_notice": frozenset({"rule", "counts"}),
    "retention_run": frozenset({"place", "rule", "version", "counts", "refused"}),  # numbers of rows, no names
    "school": frozenset({"uai", "name", "postcode", "priority_education"}),
    "school_class": frozenset({"name", "level", "code"}),
    "signing_code": frozenset({"covers"}),  # numbers and digests
    "signing_evidence": frozenset({"event"}),
    "territory": frozenset({"slug", "name", "operator"}),
    "unplaced_student": frozenset({"rule"}),
}
# Names which mean the same thing everywhere: keys of machines, digests of contents, versions.
TECHNICAL = frozenset(
    {
        "request_key",
        "serial",
        "sha256",
        "media_type",
        "kind",
        "purpose",
        "role",
        "action",
        "object_type",
        "from_state",
        "to_state",
        "code_version",
        "content_digest",
        "input_digest",
        "signed_digest",
        "previous_digest",
        "digest",
    }
)


def undeclared() -> Iterator[str]:
    """« table.column » of everything that could name somebody and says neither that it does nor that it does not."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if says_nothing(table.name, column):
                yield f"{table.name}.{column.name}"


def says_nothing(table: str, column: Column[Any]) -> bool:
    """Whether a column could name somebody, and nobody said that it does or does not."""
    if "privacy" in column.info or column.primary_key or column.foreign_keys or _is_mechanical(column):
        return False
    return column.name not in TECHNICAL and column.name not in IMPERSONAL.get(table, frozenset())


def _is_mechanical(column: Column[Any]) -> bool:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, _MECHANICAL)

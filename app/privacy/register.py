"""The register: what every mapped column declares, with the legal basis of its category. Nothing is written twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

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

"""What every column must say of itself: personal, impersonal, mechanical, or in the short list that somebody read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Float, Integer, Time
from sqlalchemy.types import TypeDecorator

from app.kernel.database import db

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

"""Why a row of proof stays as it is: the ORM refuses, the database refuses, and one door leads out.

The triggers stand on both engines against whatever reaches the tables by another road: a bulk statement, a console, a
script of repair. They are in `create_all` with the table; a migration that rebuilds `signing_evidence` (SQLite does so
for any change of a column) makes them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import DDL, Table, delete, event, insert

from app.agreements.models import Evidence, EvidenceRelease
from app.kernel.database import db


class NeverChanged(RuntimeError):
    """Evidence is added, never changed nor removed: a bug tried."""


@contextmanager
def released(agreement_id: int) -> Iterator[None]:
    """Inside, and inside the transaction that is under way, the proofs of this agreement may be deleted."""
    db.session.execute(insert(EvidenceRelease).values(agreement_id=agreement_id))
    yield
    db.session.execute(delete(EvidenceRelease).where(EvidenceRelease.agreement_id == agreement_id))


@event.listens_for(Evidence, "before_update")
@event.listens_for(Evidence, "before_delete")
def _refuse(_mapper: Any, _connection: Any, row: Evidence) -> None:
    raise NeverChanged(f"evidence {row.agreement_id}/{row.number}")


_SENTENCE = "evidence is added, never changed nor removed"
_RELEASED = "EXISTS (SELECT 1 FROM signing_evidence_release WHERE agreement_id = OLD.agreement_id)"

# Engine → the statements that set the triggers. INSERT is watched on SQLite alone: its « OR REPLACE » deletes unseen.
TRIGGERS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        f"""CREATE TRIGGER signing_evidence_update BEFORE UPDATE ON signing_evidence
        BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END""",
        f"""CREATE TRIGGER signing_evidence_delete BEFORE DELETE ON signing_evidence WHEN NOT {_RELEASED}
        BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END""",
        """CREATE TRIGGER signing_evidence_replace BEFORE INSERT ON signing_evidence WHEN EXISTS (
          SELECT 1 FROM signing_evidence
          WHERE id = NEW.id OR (agreement_id = NEW.agreement_id AND number = NEW.number)
        ) BEGIN SELECT RAISE(ABORT, 'evidence is added, never changed nor removed'); END""",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION signing_evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' AND {_RELEASED} THEN
            RETURN OLD;
          END IF;
          RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
        """CREATE TRIGGER signing_evidence_row BEFORE UPDATE OR DELETE ON signing_evidence
        FOR EACH ROW EXECUTE FUNCTION signing_evidence_stays()""",
        """CREATE TRIGGER signing_evidence_all BEFORE TRUNCATE ON signing_evidence
        FOR EACH STATEMENT EXECUTE FUNCTION signing_evidence_stays()""",
    ),
}


def _attach(table: Table) -> None:
    for dialect, statements in TRIGGERS.items():
        for statement in statements:
            _listen(table, "after_create", statement, dialect)
    _listen(table, "after_drop", "DROP FUNCTION IF EXISTS signing_evidence_stays()", "postgresql")


def _listen(table: Table, moment: str, statement: str, dialect: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves DDL untyped
    event.listen(table, moment, ddl.execute_if(dialect=dialect))


_attach(db.metadata.tables[Evidence.__tablename__])

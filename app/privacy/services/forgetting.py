"""What retention does to one person, one agreement, one certificate: the verbs that `retention.toml` names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from app.agreements import privacy as agreement_files
from app.agreements.models import Agreement
from app.audit import services as audit
from app.feedback.models import Certificate
from app.hosts.models import HostOrganization
from app.kernel import clock
from app.kernel.database import db
from app.kernel.holdings import Counts, SubjectKind, merged
from app.privacy.queries import retention_verbs as due
from app.privacy.retention_rules import Held, Rule
from app.privacy.services import erasing

Finder = Callable[[Rule, int | None, date, Held], due.Due]


@dataclass(frozen=True, slots=True)
class Verb:
    """`due` finds the numbers, `do` forgets one inside the caller's transaction; it may raise `Conflict`: not yet."""

    table: str
    due: Finder
    do: Callable[[int], Counts]


def _erase_student(number: int) -> Counts:
    return erasing.erase_by_number(SubjectKind.STUDENT, number, by=None).counts


def _erase_adult(number: int) -> Counts:
    return erasing.erase_by_number(SubjectKind.ACCOUNT, number, by=None).counts


def _destroy_agreement(number: int) -> Counts:
    row = db.session.get_one(Agreement, number)
    audit.record("archive.destroy", row, by=None, from_state=row.state)
    return agreement_files.destroy(row)


def _archive(number: int) -> Counts:
    row = db.session.get_one(Agreement, number)
    row.archived_at = clock.now()
    audit.record("archive.close", row, by=None, from_state=row.state)
    return {"agreement": 1}


def _destroy_certificate(number: int) -> Counts:
    row = db.session.get_one(Certificate, number)
    document_id = row.document_id
    db.session.delete(row)
    db.session.flush()
    return merged({"certificate": 1}, agreement_files.forget_documents([document_id]))


def _forget_representative(number: int) -> Counts:
    row = db.session.get_one(HostOrganization, number)
    row.representative_name = row.representative_role = row.representative_email = ""
    return {"host_organization": 1}


VERBS: Mapping[str, Verb] = {
    "erase_students": Verb("student", due.students, _erase_student),
    "erase_adults": Verb("user", due.adults, _erase_adult),
    "destroy_unsigned": Verb("agreement", due.unsigned_agreements, _destroy_agreement),
    "archive": Verb("agreement", due.to_archive, _archive),
    "destroy_archived": Verb("agreement", due.archived_long_ago, _destroy_agreement),
    "destroy_certificates": Verb("certificate", due.certificates, _destroy_certificate),
    "forget_representatives": Verb("host_organization", due.representatives, _forget_representative),
}

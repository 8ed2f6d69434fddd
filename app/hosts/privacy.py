"""What structures hold of people: who represents them, who has an account in them, who is awaited there."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_

from app.hosts.models import HostInvitation, HostMember, HostOrganization
from app.kernel.holdings import Counts, Holding, Section, Subject, merged, redact_rows, remove, rows, section

LABELS = {
    "host_organization": {
        "representative_name": _l("Nom de qui signe"),
        "representative_role": _l("Fonction"),
        "representative_email": _l("Adresse e-mail"),
    },
    "host_member": {"job_title": _l("Fonction dans la structure")},
    "host_invitation": {"name": _l("Nom"), "email": _l("Adresse e-mail"), "job_title": _l("Fonction")},
}


def export(subject: Subject) -> list[Section]:
    """Where this person signs, works or is awaited."""
    found = [
        section(_("Représentation de %(name)s", name=row.name), row, LABELS)
        for row in rows(HostOrganization, *_represented(subject))
    ]
    if subject.user_id is not None:
        found += [
            section(_("Équipe de %(name)s", name=row.organization.name), row, LABELS)
            for row in rows(HostMember, HostMember.user_id == subject.user_id)
        ]
    found += [
        section(_("Invitation dans %(name)s", name=row.organization.name), row, LABELS)
        for row in rows(HostInvitation, _awaited(subject))
    ]
    return found


def erase(subject: Subject) -> Counts:
    """The structure stays, and is asked again who represents it."""
    signed = rows(HostOrganization, *_represented(subject))
    for row in signed:
        row.representative_name = row.representative_role = row.representative_email = ""
    members = remove(HostMember, HostMember.user_id == subject.user_id) if subject.user_id is not None else {}
    return merged(
        {"host_organization": len(signed)},
        {"host_organization": redact_rows(HostOrganization, ("mission", "ess_sentence", "state_reason"), subject)},
        members,
        remove(HostInvitation, _awaited(subject)),
    )


def _represented(subject: Subject) -> tuple[object, ...]:
    return (
        HostOrganization.territory_id == subject.territory_id,
        or_(
            HostOrganization.representative_name.in_(subject.full_names)
            & HostOrganization.id.in_(subject.organization_ids),
            func.lower(HostOrganization.representative_email).in_([email.lower() for email in subject.emails]),
        ),
    )


def _awaited(subject: Subject) -> object:
    return or_(
        func.lower(HostInvitation.email).in_([email.lower() for email in subject.emails]),
        HostInvitation.name.in_(subject.full_names) & HostInvitation.organization_id.in_(subject.organization_ids),
    )


HOLDING = Holding("hosts", _l("Structures"), export, erase, labels=LABELS)

"""The `attestation de stage`: the host says which days the student came, and the certificate is made and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.agreements import pdf, storage, versions
from app.audit import services as audit
from app.feedback import rules
from app.feedback.models import Certificate
from app.feedback.queries import days, stages, welcoming
from app.feedback.words import duration
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.placements.models import Placement
from app.web.wording import day

KIND = "certificate"


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """The days the student came, and who attests it, in which capacity."""

    present: frozenset[date]
    name: str
    title: str


def issue(placement: Placement, draft: CertificateDraft, *, by: Actor) -> Certificate:
    """Make the certificate, or make it anew when what it says has changed; the same one twice is one certificate.

    Raises `Invalid`, and `Conflict` before the last day.
    """
    by.demand(Permission.FEEDBACK_GIVE, placement)
    if by.role is not Role.HOST:
        raise Forbidden(_("Vous n’avez pas le droit de faire cela."))
    with transaction():
        row = locked(Placement, placement.id)
        if row is None:
            raise Hidden(_("Ce stage n’existe plus."))
        planned = days.planned(row)
        if not rules.is_open(row.state, max(planned), clock.today()):
            raise Conflict(_("L’attestation se fait à partir du dernier jour du stage."))
        _check(draft, planned)
        content = _content(row, draft, planned)
        digest = _digest(content)
        certificate = stages.certificate(row.id)
        if certificate is not None and certificate.content_digest == digest:
            return certificate
        today = clock.today()
        content["issued_on"] = today.isoformat()
        version = versions.current(KIND, today)
        document = storage.keep(
            KIND,
            pdf.render(KIND, version.name, _printed(content), moment=clock.now()),
            "application/pdf",
            row.territory_id,
        )
        if certificate is None:
            certificate = Certificate(territory_id=row.territory_id, placement_id=row.id, placement=row)
            db.session.add(certificate)
        certificate.content, certificate.content_digest, certificate.issued_at = content, digest, clock.now()
        certificate.document_id, certificate.document = document.id, document
        audit.record("certificate.issue", row, by=by, sha256=document.sha256)
        return certificate


def _check(draft: CertificateDraft, planned: Collection[date]) -> None:
    problems: dict[str, str] = {}
    if not draft.present:
        problems["present"] = _("Cochez au moins un jour de présence.")
    elif not draft.present <= set(planned):
        problems["present"] = _("Cochez des jours de ce stage.")
    if not draft.name:
        problems["name"] = _("Écrivez le nom de la personne qui atteste.")
    if not draft.title:
        problems["title"] = _("Écrivez sa fonction.")
    if problems:
        raise Invalid(_("Il manque quelque chose à l’attestation."), problems)


def _content(placement: Placement, draft: CertificateDraft, planned: dict[date, int]) -> dict[str, Any]:
    student, offer = placement.student, placement.slot.offer
    host, site = offer.organization, offer.site
    said, tutor = stages.tutor_feedback(placement.id), welcoming.tutor_of(placement)
    present = sorted(draft.present)
    return {
        "student": {"first_name": student.first_name, "last_name": student.last_name},
        "school": {"name": student.school_class.school.name, "class": student.school_class.name},
        "school_year": placement.campaign.school_year,
        "host": {"name": host.name, "siren": host.siren},
        "site": {"address": site.address, "postcode": site.postcode, "commune": site.town},
        "title": offer.title,
        "days": [day.isoformat() for day in present],
        "planned": len(planned),
        "minutes": sum(planned[day] for day in present),
        "skills": [
            {
                "name": str(rules.SKILLS[skill][0]),
                "what": str(rules.SKILLS[skill][1]),
                "level": str(rules.LEVELS[level]),
            }
            for skill, level in (said.skills.items() if said else ())
            if level is not None and level >= rules.CERTIFIED_FROM
        ],
        "tutor": {"name": tutor.name, "title": tutor.title},
        "issuer": {"name": draft.name, "title": draft.title},
    }


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _printed(content: dict[str, Any]) -> dict[str, Any]:
    """The content with what a reader reads instead of dates and minutes."""
    present = [date.fromisoformat(day) for day in content["days"]]
    length = ngettext(
        "%(num)s jour, %(hours)s", "%(num)s jours, %(hours)s", len(present), hours=duration(content["minutes"])
    )
    words = [day(each) for each in present]
    whole = len(present) == content["planned"] and len(present) > 1
    return {
        **content,
        "days_words": f"{_('du %(first)s au %(last)s', first=words[0], last=words[-1]) if whole else ', '.join(words)} "
        f"{present[-1].year}",
        "length_words": length,
        "issued_words": f"{day(date.fromisoformat(content['issued_on']))} {content['issued_on'][:4]}",
    }

"""Publication: approvals become placements, and everybody concerned is told, once."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import services as allocation
from app.allocation.models import Approval
from app.audit import services as audit
from app.campaigns import services as campaign_services
from app.campaigns.models import Campaign
from app.campaigns.states import DECISIONS_ALLOWED, Phase
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Hidden, PhaseClosed
from app.placements import queries
from app.placements.models import Placement
from app.placements.rules import Publication
from app.placements.services import codes, telling


def preview(campaign: Campaign, *, by: Actor) -> Publication:
    """What publishing now would do, in figures."""
    by.demand(Permission.PLACEMENT_PUBLISH, campaign)
    return _figures(queries.unpublished(campaign.id), queries.students_waiting(campaign.id))


def publish(campaign_id: int, *, by: Actor) -> Publication:
    """Publish every approval not yet published and queue the mails. Called again, it adds only what is new.

    Raises `PhaseClosed` outside the decisions, `Conflict` when there is nothing to publish at the first time.
    """
    with transaction():
        campaign = locked(Campaign, campaign_id)
        if campaign is None:
            raise Hidden(_("Cette campagne n’existe pas."))
        by.demand(Permission.PLACEMENT_PUBLISH, campaign)
        if campaign.phase not in DECISIONS_ALLOWED:
            raise PhaseClosed(_("La publication vient après la clôture des vœux, et avant le début des stages."))
        approvals = queries.unpublished(campaign.id)
        if not approvals:
            if campaign.phase is Phase.PUBLISHED:
                return Publication(waiting=queries.students_waiting(campaign.id))
            raise Conflict(_("Aucune place n’est approuvée : approuvez des propositions avant de publier."))
        placements = [
            Placement(
                territory_id=campaign.territory_id,
                campaign_id=campaign.id,
                student_id=approval.student_id,
                slot_id=approval.slot_id,
                student=approval.student,
                slot=approval.slot,
            )
            for approval in approvals
        ]
        db.session.add_all(placements)
        db.session.flush()
        allocation.mark_published(campaign.id, [approval.student_id for approval in approvals])
        if campaign.phase is Phase.DECISIONS:
            campaign_services.change_phase(campaign.id, "publish", by=by)
        codes.issue(placements)
        mails = telling.tell_published(placements)
        figures = _figures(approvals, queries.students_waiting(campaign.id))
        for placement in placements:
            audit.record("placement.tell", placement, by=by, to_state=placement.state, student=placement.student_id)
        audit.record("placement.publish", campaign, by=by, students=figures.students, mails=mails)
        return figures


def _figures(approvals: Iterable[Approval], waiting: int) -> Publication:
    approvals = list(approvals)
    families = sum(any(g.email for g in approval.student.guardians) for approval in approvals)
    return Publication(
        students=len(approvals),
        families=families,
        on_paper=len(approvals) - families,
        classes=len({approval.student.class_id for approval in approvals}),
        offers=len({approval.slot.offer_id for approval in approvals}),
        waiting=waiting,
    )

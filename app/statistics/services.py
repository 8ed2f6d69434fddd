"""Keeping the figures of a year before its people are forgotten."""

from __future__ import annotations

from app.campaigns.models import Campaign
from app.kernel.database import db, locked, transaction
from app.statistics import after, queries, sheet
from app.statistics.models import FiguresSnapshot


def keep(campaign: Campaign) -> FiguresSnapshot:
    """Take the figures of this campaign, once: what was taken before anything was forgotten is what stays."""
    with transaction():
        locked(Campaign, campaign.id)  # two processes at once: the second finds what the first took
        known = queries.kept(campaign.id)
        if known is not None:
            return known
        row = FiguresSnapshot(
            territory_id=campaign.territory_id,
            campaign_id=campaign.id,
            sheet=sheet.of(queries.figures(campaign), after.figures(*queries.after(campaign))),
        )
        db.session.add(row)
        db.session.flush()
        return row

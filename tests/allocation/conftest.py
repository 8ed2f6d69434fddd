from __future__ import annotations

import pytest
from flask import Flask

from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db, transaction
from tests.world import Land, World


def set_phase(land: Land, phase: Phase) -> None:
    with transaction():
        campaign = db.session.get(Campaign, land.campaign_id)
        assert campaign is not None
        campaign.phase = phase


@pytest.fixture
def deciding(app: Flask, world: World) -> World:
    """The world, its wishes closed: decisions may be taken."""
    with app.app_context():
        for land in (world.here, world.there):
            set_phase(land, Phase.DECISIONS)
        db.session.remove()
    return world

import pytest
from flask import Flask

from app.access.policy import Role
from tests.world import World


@pytest.mark.both_engines
def test_the_world_is_built_on_each_engine(app: Flask, world: World) -> None:
    with app.app_context():
        assert world.here.actor(Role.TEACHER).class_ids == {world.here.class_id}
        assert world.here.actor(Role.HOST).organization_ids == {world.here.organization_id}

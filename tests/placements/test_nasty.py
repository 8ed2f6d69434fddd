"""Every form of the room, filled with what people should not send, where the generic test has no placement to open."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.kernel.database import db
from app.placements import links
from app.placements.states import PlacementState, Side
from tests.placements.conftest import Told, placement_of
from tests.web.test_every_form import ANSWERS, NASTY

STAFF = ("annuler", "desaccord", "reponse-famille", "reponse-structure", "verifier", "ecarter", "meme-structure")
FIELDS = ("reason", "value", "medium", "voice", "gives_up", "keep", "placement_id", "organization_id", "code")


@pytest.mark.parametrize("kind", sorted(NASTY))
def test_every_form_answers_and_changes_nothing(app: Flask, told: Told, client: FlaskClient, kind: str) -> None:
    data = dict.fromkeys(FIELDS, NASTY[kind])
    coordinator = told.world.sign_in(app.test_client(), Role.COORDINATOR)
    host = told.world.sign_in(app.test_client(), Role.HOST)
    with app.app_context():
        code = links.code_token(told.placement_id, Side.HOST)
    calls = [(coordinator, f"/stages/{told.placement_id}/{word}") for word in STAFF if word != "annuler"]
    calls += [
        (host, "/mes-stagiaires"),
        (client, f"/accueil/{told.host_token}"),
        (client, f"/famille/{told.family_token}"),
        (client, f"/reponse/{code}"),
        (client, "/reponse"),
    ]
    for who, path in calls:
        answer = who.post(path, data=data)
        assert answer.status_code in ANSWERS, path
        assert "<script>alert(1)" not in answer.text
    named = {**data, "placement_id": str(told.placement_id)}
    for who, path in ((host, "/mes-stagiaires"), (client, f"/accueil/{told.host_token}")):
        assert who.post(path, data=named).status_code == 422
    listing = coordinator.get("/stages", query_string={"q": NASTY[kind], "etat": NASTY[kind], "page": NASTY[kind]})
    assert listing.status_code == 200
    with app.app_context():
        assert placement_of(told.land.student_id).state is PlacementState.AWAITING
        db.session.remove()

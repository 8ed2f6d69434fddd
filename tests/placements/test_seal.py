"""The room above says when an answer is sealed: an agreement that everybody has signed, and nothing less."""

from __future__ import annotations

import pytest
from flask import Flask

from app.access.policy import Role
from app.agreements.models import Agreement
from app.agreements.services import preparing
from app.agreements.states import AgreementState
from app.kernel import clock
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict
from app.placements import services
from app.placements.states import Answer, Medium, Side
from tests.placements.conftest import Told, placement_of


def test_only_a_signed_agreement_seals_the_answers(context: Flask, told: Told) -> None:
    land = told.land
    preparing.prepare([placement_of(land.student_id)], by=land.actor(Role.TEACHER))
    agreement = db.session.query(Agreement).one()

    def say(value: Answer) -> None:
        host = land.actor(Role.HOST)
        services.answer(told.placement_id, value, Side.HOST, by=host, medium=Medium.ACCOUNT, reason="Travaux")

    for state in (AgreementState.DRAFT, AgreementState.OPEN):
        with transaction():
            agreement.content_digest, agreement.state = "0" * 64, state
        say(Answer.YES)
        say(Answer.NO)
        say(Answer.YES)
    with transaction():
        agreement.state, agreement.signed_at = AgreementState.SIGNED, clock.now()
    with pytest.raises(Conflict, match="convention est signée"):
        say(Answer.NO)

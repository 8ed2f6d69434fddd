"""What somebody reads of their own data has no date of a machine, no code and no key of a file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.access.policy import Role
from app.agreements.states import AgreementState, SignatureState
from app.allocation.states import ProposalState
from app.feedback.states import TalkState
from app.kernel.holdings import Line
from app.placements.states import Answer, PlacementState
from app.privacy import plain
from app.privacy.queries import subjects
from app.privacy.services import showing
from app.privacy.states import RequestState
from app.wishes.rules import TRAVEL
from tests.journeys import full
from tests.privacy import traces
from tests.world import World

_MACHINE = re.compile(r"\b\d{4}-\d{2}-\d{2}|\b[a-z]+_[a-z_]+\b|\bT\d{2}:\d{2}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Line("Né", "2012-12-22", "student", "birth_date"), "22 décembre 2012"),
        (Line("Vu", "2026-11-23T09:00:01+00:00"), "23 novembre 2026 à 10 h 00"),
        (Line("État", "under_way"), "en cours"),
        (Line("Mots", "none", "interest_profile", "text"), "none"),
        (Line("Mots", "2012-13-45", "interest_profile", "text"), "2012-13-45"),
        (Line("Envies", ["1"], "interest_profile", "interests"), plain._interest("1")),
        (Line("Commune", 1, "interest_profile", "commune_id"), ""),
        (Line("Faits", {"way": "mail"}, "signing_evidence", "facts"), "moyen : par un message à son adresse"),
        (Line("Texte", {"student": {"first_name": "Lina"}}), "élève, prénom : Lina"),
        (Line("Distance", 2.4, "placement_proposal", "distance_km"), "2,4"),
        (Line("Ouvert", False), "non"),
        (Line("Rien", {}), ""),
    ],
)
def test_a_line_is_said_in_words(context: Flask, line: Line, said: str) -> None:
    with context.test_request_context():
        assert plain.said(line) == said
    assert said != "1"


def test_every_state_of_ours_and_every_way_has_a_word() -> None:
    for states in (AgreementState, SignatureState, ProposalState, TalkState, Answer, PlacementState, RequestState):
        assert {state.value for state in states} <= set(plain.STATES)
    assert set(TRAVEL)


def test_nobody_reads_a_code(app: Flask, world: World) -> None:
    """Everything that the world full of issue 4 knows of each of its people, as the page and the PDF say it."""
    land = full.fill(app, world.here).land
    with app.app_context(), app.test_request_context():
        people = [subjects.of_student(number) for number in land.student_ids]
        people += [subjects.of_account(land.users[role]) for role in land.users if role is not Role.STUDENT]
        for subject in (one for one in people if one is not None):
            dossier = showing.gather(replace(subject, private=True))
            for part in dossier.parts:
                for section in part.sections:
                    for line in section.lines:
                        text = f"{plain.day_in(section.title)} | {plain.day_in(line.label)} | {plain.said(line)}"
                        assert not _MACHINE.search(re.sub(r"https?://\S+|\S+@\S+", "", text)), text
                        _assert_known(line.value)
        pdf = b"".join(traces._pdf(showing.as_pdf(showing.gather(replace(_known(land.student_id), private=True)))))
        assert "4 mai 2012" in pdf.decode()
        assert "2012-05-04" not in pdf.decode()


def _known(student_id: int) -> Any:
    subject = subjects.of_student(student_id)
    assert subject is not None
    return subject


def _assert_known(value: Any) -> None:
    """Every key of a document has a word: a new one is added to `plain.KEYS`."""
    if isinstance(value, dict):
        unknown = {key for key in value if key not in plain.KEYS and not re.fullmatch(r"\d{4}-\d{2}-\d{2}|bar", key)}
        assert not unknown
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _assert_known(inner)

"""Three hundred agreements, five people each, at random, by two processes at once that are killed again and again.

None is shown as signed that is not, none is lost, and the file of proof of each is whole.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.accounts.models import User
from app.accounts.services import code_digest
from app.agreements import evidence, pdf
from app.agreements.models import Agreement, Evidence, Party
from app.agreements.services import preparing
from app.agreements.states import AgreementState, PartyRole, SignatureState
from app.kernel import clock
from app.kernel.database import db, transaction
from app.messaging.models import OutboxMessage
from app.placements.models import Placement
from app.placements.states import Answer, PlacementState
from app.schools.models import LegalGuardian, SchoolClass, Student
from tests.agreements import signing_kit as kit
from tests.agreements.signing_worker import CARD, draw
from tests.world import Land, World
from tests.zygote import Workers, workers

MANY, SEED, CHANGES = 300, 20261122, 24
ROUNDS, ACTS = 5, 60
FIVE = (PartyRole.HEAD, PartyRole.HOST, PartyRole.GUARDIAN, PartyRole.STUDENT, PartyRole.TEACHER)
pytestmark = [pytest.mark.slow, pytest.mark.both_engines, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def crews() -> Iterator[list[Workers]]:
    with ExitStack() as stack:
        yield [stack.enter_context(workers("tests.agreements.signing_worker")) for _ in range(2)]


def _class_of_many(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agreements, their signatures open; the teacher's is required too, so that five people sign each."""
    monkeypatch.setattr(pdf, "render", draw)
    kit.make_known(land)
    school_class = db.session.get_one(SchoolClass, land.class_id)
    users = [User(territory_id=land.territory_id, role=Role.STUDENT, display_name=f"Élève {n}") for n in range(MANY)]
    db.session.add_all(users)
    db.session.flush()
    students = [
        Student(
            territory_id=land.territory_id,
            class_id=land.class_id,
            user_id=user.id,
            first_name=f"Prénom{number}",
            last_name=f"Nom{number}",
            birth_date=date(2012, 5, 4),
            guardians=[LegalGuardian(name=f"Parent {number}", email=f"parent{number}@famille.example")],
        )
        for number, user in enumerate(users)
    ]
    db.session.add_all(students)
    db.session.flush()
    placements = []
    for user, student in zip(users, students, strict=True):
        user.code_digest = code_digest(school_class.code, f"{CARD}{student.id}")
        placements.append(
            Placement(
                territory_id=land.territory_id,
                campaign_id=land.campaign_id,
                student_id=student.id,
                slot_id=land.slot_ids[0],
                state=PlacementState.CONFIRMED,
                host_answer=Answer.YES,
                family_answer=Answer.YES,
            )
        )
    db.session.add_all(placements)
    db.session.commit()
    by = land.actor(Role.HEAD)
    for start in range(0, MANY, 50):
        with transaction():
            for placement in placements[start : start + 50]:
                preparing.open_signatures(preparing.prepare(placement, by=by), by=by)
    db.session.remove()


def _plan(app: Flask, number: int, seed: int, *, acts: int = ACTS, finish: bool = False) -> None:
    told = {"seed": seed, "acts": acts, "finish": finish, "changes": CHANGES, "now": clock.now().isoformat()}
    (app.config["SETTINGS"].instance / f"plan-{number}.json").write_text(json.dumps(told))


def _nothing_is_said_that_is_not_so() -> int:
    """In one reading: each agreement said to be signed has every required signature, on its very content."""
    lacking = (
        select(Agreement.id)
        .join(Agreement.parties)
        .where(
            Agreement.state == AgreementState.SIGNED,
            Party.is_required,
            (Party.state != SignatureState.SIGNED) | (Party.signed_digest != Agreement.content_digest),
        )
    )
    found = db.session.scalars(lacking).all()
    assert not found, f"said to be signed, and are not: {found}"
    number = db.session.scalar(
        select(func.count()).select_from(Agreement).where(Agreement.state == AgreementState.SIGNED)
    )
    db.session.remove()
    return int(number or 0)


def test_three_hundred_agreements(
    app: Flask, crews: list[Workers], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)
    with app.app_context():
        _class_of_many(world.here, monkeypatch)
        for number, crew in enumerate(crews, start=1):
            crew.on(app, number)
        _plan(app, 1, SEED, acts=25)
        assert crews[0].run() == 0
        started = time.monotonic()
        _plan(app, 1, SEED + 1)
        assert crews[0].run() == 0
        whole = max(1.0, time.monotonic() - started)
        killed = 0
        with ThreadPoolExecutor(len(crews)) as pool:
            for _turn in range(ROUNDS):
                for number in (1, 2):
                    _plan(app, number, chance.randrange(10**9))
                delays = [chance.uniform(0.1, whole) for _ in crews]
                ends = list(pool.map(lambda pair: pair[0].run(pair[1]), zip(crews, delays, strict=True)))
                assert set(ends) <= {0, -9}, ends
                killed += ends.count(-9)
                _nothing_is_said_that_is_not_so()
            for number in (1, 2):
                _plan(app, number, SEED + number, acts=20)
            assert list(pool.map(lambda crew: crew.run(), crews)) == [0, 0]
        _plan(app, 1, SEED + 9, acts=0, finish=True)
        assert crews[0].run() == 0
        assert killed >= ROUNDS // 2, "the kills came too late to prove anything"
        assert _nothing_is_said_that_is_not_so() == MANY
        _everything_is_there()


def _everything_is_there() -> None:
    agreements = list(db.session.scalars(select(Agreement).order_by(Agreement.id)))
    assert len(agreements) == MANY
    events: Counter[str] = Counter(db.session.scalars(select(Evidence.event)))
    for agreement in agreements:
        assert evidence.verify(agreement) == (), agreement.reference
        required = [person.role for person in agreement.parties if person.is_required]
        assert set(required) >= set(FIVE) - {PartyRole.TEACHER}
    _each_was_told_once(agreements)
    assert events["voided"] > 0, "no change came after a signature"
    assert events["paper"] > 0
    db.session.remove()


def _each_was_told_once(agreements: list[Agreement]) -> None:
    """Each signature by link that stands was answered by one receipt, or by the news that all have signed."""
    told: Counter[Any] = Counter(db.session.scalars(select(OutboxMessage.dedupe_key)))
    assert max(told.values()) == 1
    for agreement in agreements:
        for person in agreement.parties:
            if person.role is PartyRole.GUARDIAN and person.signed_at is not None:
                moment = int(person.signed_at.timestamp())
                keys = {
                    f"agreement_receipt:{person.id}:{moment}",
                    f"agreement_paper:{person.id}:{moment}",
                    f"agreement_completed:{person.id}:{str(agreement.content_digest)[:12]}",
                }
                assert keys & set(told), person.id

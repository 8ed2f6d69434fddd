from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.audit.models import JournalEntry
from app.kernel.database import db, transaction
from app.kernel.errors import Forbidden, IllegalTransition
from app.messaging import rendering, services
from app.messaging.models import OutboxMessage
from app.messaging.rules import Message
from app.messaging.states import DeliveryState
from tests.world import World

pytestmark = pytest.mark.both_engines


def mail(key: str, territory_id: int | None = None, to: str = "anna@mail.example") -> Message:
    return Message("essai", to, "Anna Wójcik", f"Objet {key}", "Texte", "<p>Texte</p>", key, territory_id)


def how_many() -> int:
    return db.session.scalar(select(func.count()).select_from(OutboxMessage)) or 0


def test_the_same_key_posted_twice_is_one_mail(context: Flask) -> None:
    assert services.post(mail("a"))
    assert not services.post(mail("a"))
    assert services.post_all([mail("a"), mail("b"), mail("b")]) == 1
    assert how_many() == 2


def test_a_mail_disappears_with_the_transaction_that_caused_it(context: Flask) -> None:
    def fails_after_posting() -> None:
        with transaction():
            services.post(mail("a"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_after_posting()
    assert how_many() == 0


def test_the_same_key_posted_by_many_at_once_is_one_mail(app: Flask) -> None:
    barrier, outcomes = threading.Barrier(6), []

    def work() -> None:
        with app.app_context():
            barrier.wait()
            outcomes.append(services.post_all([mail("a"), mail(f"own-{threading.get_ident()}")]))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert sorted(outcomes) == [1, 1, 1, 1, 1, 2]
        assert how_many() == 7


def test_only_a_message_in_doubt_can_be_confirmed(app: Flask, world: World) -> None:
    with app.app_context():
        services.post(mail("a", world.here.territory_id))
        row = db.session.scalars(select(OutboxMessage)).one()
        coordinator = world.here.actor(Role.COORDINATOR)
        with pytest.raises(IllegalTransition):
            services.confirm(row, by=coordinator)
        with pytest.raises(Forbidden):
            services.resend(row, by=world.there.actor(Role.COORDINATOR))
        with pytest.raises(Forbidden):
            services.resend(row, by=world.here.actor(Role.TEACHER))


def test_a_doubt_is_settled_once_and_journalled(app: Flask, world: World) -> None:
    with app.app_context():
        services.post(mail("a", world.here.territory_id))
        with transaction():
            row = db.session.scalars(select(OutboxMessage)).one()
            row.state = DeliveryState.UNCERTAIN
        coordinator = world.here.actor(Role.COORDINATOR)
        services.confirm(row, by=coordinator)
        services.confirm(row, by=coordinator)
        assert (row.state, row.text) == (DeliveryState.SENT, "")
        entries = db.session.scalars(select(JournalEntry)).all()
        assert [(e.action, e.from_state, e.to_state) for e in entries] == [("message.confirm", "uncertain", "sent")]
        with pytest.raises(IllegalTransition):
            services.resend(row, by=coordinator)


def test_links_never_come_from_the_request(app: Flask) -> None:
    app.config["SETTINGS"].public_url = "https://stages.example/passerelle"
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert rendering.page_url("pages.healthz") == "https://stages.example/passerelle/healthz"
    with app.app_context():
        assert rendering.page_url("pages.healthz") == "https://stages.example/passerelle/healthz"

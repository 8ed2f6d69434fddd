"""People who sign, in a process for the tests to kill. `plan-<n>.json` in the instance folder says who, when and how
often; chance has a seed. The document's drawing alone is replaced (the same bytes for everybody): it has its own tests.
"""

from __future__ import annotations

import json
import random
import re
import traceback
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.access.actor import Actor
from app.access.policy import Role
from app.accounts.models import User
from app.accounts.throttling import TooManyTries
from app.agreements import pdf, queries, signatures
from app.agreements.evidence import Circumstances
from app.agreements.models import Agreement, Party, SigningCode, SigningLink
from app.agreements.queries import signers
from app.agreements.services import asking, batching, papering, preparing, signing
from app.agreements.services.papering import Uploader
from app.agreements.states import AgreementState, Channel, Medium, PartyRole, SignatureState
from app.features import actor_of
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import DomainError
from app.messaging.models import OutboxMessage
from tests.zygote import serve

WHERE = Circumstances("198.51.100.4", "Chrome, Android")
CARD = "ABCD2345"
PICTURE = Path(__file__).parent / "data" / "page.png"
LINKED = (PartyRole.HOST, PartyRole.GUARDIAN)


def draw(*_: Any, **__: Any) -> bytes:
    return b"%PDF-1.7 drawn elsewhere"


class People:
    """Everybody of one school and its structure, acting at random."""

    def __init__(self, app: Flask, chance: random.Random, changes: int) -> None:
        self.app, self.chance, self.changes = app, chance, changes

    def somebody(self, role: Role) -> Actor:
        found = db.session.scalars(select(User).where(User.role == role).order_by(User.id).limit(1)).one()
        return actor_of(found)

    def any_party(self, *roles: PartyRole, state: SignatureState = SignatureState.AWAITED) -> Party | None:
        found = db.session.scalars(
            select(Party.id).join(Party.agreement).where(Party.role.in_(roles), Party.state == state).order_by(Party.id)
        ).all()
        return db.session.get(Party, self.chance.choice(found)) if found else None

    def act(self) -> None:
        """One act of somebody, refused or not: a refusal of the house is an answer, anything else ends the worker."""
        acts = (
            (self.sign_by_link, 46),
            (self.sign_as_student, 17),
            (self.take_note, 10),
            (self.sign_as_head, 6),
            (self.click_again, 8),
            (self.come_too_late, 6),
            (self.bring_paper, 3),
            (self.take_paper_back, 2),
            (self.change, 2),
        )
        verb = self.chance.choices([verb for verb, _ in acts], [weight for _, weight in acts])[0]
        try:
            verb()
        except DomainError:
            pass
        finally:
            db.session.remove()

    def sign_by_link(self, person: Party | None = None) -> None:
        person = person or self.any_party(*LINKED)
        if person is None:
            return
        row = signers.latest_code(person.id)
        if (
            row is None
            or row.used_at is not None
            or signing.covered_digest(row, person) != person.agreement.content_digest
        ):
            try:
                signing.ask_code(person, Channel.MAIL, str(person.agreement.content_digest), WHERE)
            except TooManyTries:
                self.let_time_pass(person)
                return
            row = signers.latest_code(person.id)
        assert row is not None
        signing.sign(person, self.mailed(f"agreement_code:{person.id}:{row.id}"), WHERE)

    def let_time_pass(self, person: Party) -> None:
        """An hour later, as far as the codes of this person can tell."""
        db.session.execute(
            update(SigningCode)
            .where(SigningCode.party_id == person.id)
            .values(created_at=clock.now() - timedelta(hours=2))
        )
        db.session.commit()

    def mailed(self, key: str) -> str:
        text = db.session.scalar(select(OutboxMessage.text).where(OutboxMessage.dedupe_key == key)) or ""
        found = re.search(r"(\d{3}) (\d{3})", text)
        return found[1] + found[2] if found else "nothing"

    def sign_as_student(self, person: Party | None = None) -> None:
        person = person or self.any_party(PartyRole.STUDENT)
        if person is None or person.user_id is None:
            return
        by = actor_of(db.session.get_one(User, person.user_id))
        code = f"{CARD}{person.agreement.student_id}"
        for _ in range(self.chance.choice((1, 1, 2))):
            signing.sign_as_student(person, str(person.agreement.content_digest), code, WHERE, by=by)

    def take_note(self) -> None:
        person = self.any_party(PartyRole.TEACHER)
        if person is not None:
            by = self.somebody(Role.TEACHER)
            signing.take_note(person, str(person.agreement.content_digest), WHERE, by=by)

    def sign_as_head(self, most: int = 12) -> None:
        by = self.somebody(Role.HEAD)
        waiting = signatures.to_sign(by)
        chosen = self.chance.sample(waiting, min(len(waiting), self.chance.randint(1, most)))
        try:
            row = batching.ask_code([(p.id, str(p.agreement.content_digest)) for p in chosen], WHERE, by=by)
        except TooManyTries:
            db.session.execute(update(SigningCode).values(created_at=clock.now() - timedelta(hours=2)))
            db.session.commit()
            return
        batching.confirm(row.id, self.mailed(f"agreement_batch_code:{row.id}"), WHERE, by=by)
        batching.sign_covered(row.id)

    def click_again(self) -> None:
        person = self.any_party(*LINKED, state=SignatureState.SIGNED)
        row = signers.latest_code(person.id) if person else None
        if person is not None and row is not None and person.medium is Medium.ELECTRONIC:
            signing.sign(person, self.mailed(f"agreement_code:{person.id}:{row.id}"), WHERE)

    def come_too_late(self) -> None:
        """All the links of somebody are too old; the page of an old one sends another, which opens."""
        person = self.any_party(*LINKED)
        if person is not None:
            old = clock.now() - timedelta(days=1)
            db.session.execute(
                update(SigningLink).where(SigningLink.party_id == person.id).values(expires_at=old, created_at=old)
            )
            db.session.commit()
            asking.renew(person)

    def bring_paper(self) -> None:
        person = self.any_party(PartyRole.GUARDIAN, PartyRole.HOST)
        if person is not None:
            by, agreement = self.somebody(Role.TEACHER), person.agreement
            papering.record(
                agreement,
                [person.id],
                [PICTURE.read_bytes()],
                papering.mark(agreement),
                WHERE,
                by=Uploader(by.display_name, by),
            )

    def take_paper_back(self) -> None:
        person = self.any_party(*LINKED, state=SignatureState.SIGNED)
        if person is not None and person.medium is Medium.PAPER:
            papering.undo(person, "Ce n’était pas la bonne page.", by=self.somebody(Role.TEACHER))

    def change(self) -> None:
        """Somebody changes the text after signatures were given, of a bounded number of agreements."""
        changed = db.session.scalar(
            select(func.count()).select_from(Agreement).where(Agreement.typed.cast(db.String).like("%jeudi%"))
        )
        if (changed or 0) >= self.changes:
            return
        begun = select(Party.agreement_id).where(Party.state == SignatureState.SIGNED)
        ids = db.session.scalars(
            select(Agreement.id).where(Agreement.state != AgreementState.VOID, Agreement.id.in_(begun))
        ).all()
        agreement = queries.by_id(self.chance.choice(ids))
        assert agreement is not None
        text = {"supervision": f"Une visite le jeudi à {self.chance.randint(9, 15)} heures."}
        preparing.change_after_opening(agreement, "pedagogy", text, "Suivi", by=self.somebody(Role.HEAD))

    def finish(self) -> None:
        """Everybody who still has to sign does."""
        batching.resume()
        db.session.remove()
        while (person := self.any_party(*LINKED)) is not None:
            self.until_done(lambda chosen=person: self.sign_by_link(chosen))
        while (person := self.any_party(PartyRole.STUDENT)) is not None:
            self.until_done(lambda chosen=person: self.sign_as_student(chosen))
        while self.any_party(PartyRole.HEAD) is not None:
            self.until_done(lambda: self.sign_as_head(most=80))

    def until_done(self, verb: Any) -> None:
        verb()
        db.session.remove()


def work(app: Flask, _point: str) -> None:
    settings = app.config["SETTINGS"]
    plan = json.loads((settings.instance / f"plan-{settings.smtp_port}.json").read_text())
    pdf.render = draw  # type: ignore[assignment]  # said above
    with time_machine.travel(datetime.fromisoformat(plan["now"]), tick=True), app.app_context():
        people = People(app, random.Random(plan["seed"]), plan["changes"])
        try:
            for _ in range(plan["acts"]):
                people.act()
            if plan["finish"]:
                people.finish()
        except BaseException:
            traceback.print_exc()
            raise
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    serve(work)

"""The pages of the paper: who sees what, what a form refuses, how many statements a list takes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from app.access.policy import Role
from app.agreements import filling, queries
from app.agreements.fields import FIELDS
from app.agreements.models import Agreement, AgreementBatch
from app.agreements.services import amending, classroom, preparing, watching
from app.agreements.states import AgreementState
from app.kernel.database import db, transaction
from app.messaging.models import OutboxMessage
from app.messaging.rules import Pace
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from tests.agreements import papers
from tests.agreements.test_preparing import sign_all
from tests.world import World


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def drafted(app: Flask, world: World) -> int:
    with app.app_context():
        return papers.draft(world.here).id


@pytest.fixture
def opened(app: Flask, world: World) -> int:
    with app.app_context():
        return papers.opened(world.here).id


def _class_with_placements(world: World) -> None:
    papers.fill_registers(world.here)
    with transaction():
        for slot_id in world.here.slot_ids:
            db.session.get_one(Slot, slot_id).capacity = 5
    for student_id in world.here.student_ids:
        papers.place(world.here, student_id)


def test_staff_see_the_draft_and_what_is_missing(client: FlaskClient, app: Flask, world: World, drafted: int) -> None:
    with app.app_context(), transaction():
        db.session.get_one(PlacementOffer, world.here.offer_id).tutor_phone = ""
    page = world.sign_in(client, Role.TEACHER).get(f"/conventions/{drafted}")
    assert page.status_code == 200
    assert "Lina Wojcik" in page.text
    assert "joindre le tuteur" in page.text
    assert "À remplir par la structure" in page.text
    assert "Ouvrir les signatures" not in page.text


def test_a_structure_reads_the_first_name_alone_and_fills_its_part(
    client: FlaskClient, world: World, drafted: int
) -> None:
    host = world.sign_in(client, Role.HOST)
    page = host.get(f"/conventions/{drafted}")
    assert page.status_code == 200
    assert "Lina" in page.text
    assert "Wojcik" not in page.text
    assert host.get(f"/conventions/{drafted}/document.pdf").status_code == 403
    link = re.search(r'/conventions/\d+/completer/host[^"]+', page.text)
    assert link
    assert host.get(link[0]).status_code == 200
    assert host.get(f"/conventions/{drafted}/completer/school").status_code == 403
    assert "Wojcik" not in host.get("/conventions").text


def test_the_other_territory_sees_nothing(client: FlaskClient, world: World, opened: int) -> None:
    for role in (Role.TEACHER, Role.HEAD, Role.HOST, Role.COORDINATOR, Role.STUDENT):
        stranger = world.sign_in(client, role, world.there)
        assert stranger.get(f"/conventions/{opened}").status_code == 404
        assert stranger.get(f"/conventions/{opened}/document.pdf").status_code == 404
        if role is not Role.STUDENT:
            assert stranger.get(f"/conventions/{opened}/completer/school").status_code == 404
    for path in ("ouvrir", "demander", "annuler", "modifier/school", "avenant/school"):
        assert world.sign_in(client, Role.HEAD, world.there).post(f"/conventions/{opened}/{path}").status_code == 404


def test_a_part_is_written_from_the_page(client: FlaskClient, app: Flask, world: World, drafted: int) -> None:
    head = world.sign_in(client, Role.HEAD)
    fields = {"head_name": "Paul Vasseur", "status": "public", "board_approval_on": "12/10/2026"}
    assert head.post(f"/conventions/{drafted}/completer/school", data=fields).status_code == 303
    with app.app_context():
        assert db.session.get_one(Agreement, drafted).typed["school"] == {"head_name": "Paul Vasseur"}
    wrong = head.post(f"/conventions/{drafted}/completer/school", data={**fields, "email": "non"})
    assert wrong.status_code == 422
    assert "Cette adresse n’est pas complète" in wrong.text


def test_words_on_health_are_asked_about_and_not_kept(
    client: FlaskClient, app: Flask, world: World, drafted: int
) -> None:
    teacher = world.sign_in(client, Role.TEACHER)
    asked = teacher.post(f"/conventions/{drafted}/completer/pedagogy", data={"objectives": "Lina est asthmatique."})
    assert asked.status_code == 422
    assert "de santé (asthmatique)" in asked.text
    assert 'name="objectives-reread"' in asked.text
    with app.app_context():
        assert db.session.get_one(Agreement, drafted).typed == {}
    fair = {"objectives": "Rencontrer ceux qui soignent les malades.", "objectives-reread": "y"}
    assert teacher.post(f"/conventions/{drafted}/completer/pedagogy", data=fair).status_code == 303


def test_hours_are_checked_while_one_types(client: FlaskClient, app: Flask, world: World, drafted: int) -> None:
    with app.app_context():
        part = f"host:{db.session.get_one(Agreement, drafted).hosts[0].id}"
    host = world.sign_in(client, Role.HOST)
    long_day = {
        "hours-same": "y",
        "hours-days": ["mon", "tue", "wed", "thu", "fri"],
        "hours-usual-morning_start": "08:00",
        "hours-usual-morning_end": "12:00",
        "hours-usual-afternoon_start": "13:00",
        "hours-usual-afternoon_end": "18:00",
    }
    said = host.post(f"/conventions/{drafted}/completer/{part}/horaires", data=long_day)
    assert said.status_code == 200
    assert "7 h" in said.text.replace("\u00a0", " ")
    short = {**long_day, "hours-usual-afternoon_end": "15:00"}
    assert host.post(f"/conventions/{drafted}/completer/{part}", data=short).status_code == 303
    with app.app_context():
        kept = db.session.get_one(Agreement, drafted).hosts[0].schedule
    assert kept["2027-01-25"] == [["08:00", "12:00"], ["13:00", "15:00"]]


def test_a_personal_link_opens_one_part_alone(client: FlaskClient, app: Flask, world: World, drafted: int) -> None:
    with app.test_request_context():
        agreement = db.session.get_one(Agreement, drafted)
        family = filling.token_for(agreement, "family")
        school = filling.token_for(agreement, "school")
    page = client.get(f"/convention/a-completer/{family}")
    assert page.status_code == 200
    assert "Paul" not in page.text
    assert "Ressourcerie" not in page.text
    assert client.post(f"/convention/a-completer/{family}", data={"insurer": "MAE"}).status_code == 303
    with app.app_context():
        assert db.session.get_one(Agreement, drafted).typed["family"] == {"insurer": "MAE"}
        preparing.open_signatures(db.session.get_one(Agreement, drafted), by=world.here.actor(Role.HEAD))
    closed = client.post(f"/convention/a-completer/{family}", data={"insurer": "Autre"})
    assert closed.status_code == 200
    assert "Recevoir le lien pour signer" in closed.text
    assert client.get(f"/convention/a-completer/{school}").status_code == 404
    assert client.get(f"/convention/a-completer/{family[:-2]}xx").status_code == 404


def test_opening_from_the_page(client: FlaskClient, app: Flask, world: World, drafted: int) -> None:
    head = world.sign_in(client, Role.HEAD)
    assert "Ouvrir les signatures" in head.get(f"/conventions/{drafted}").text
    assert head.post(f"/conventions/{drafted}/ouvrir").status_code == 303
    assert head.post(f"/conventions/{drafted}/ouvrir").status_code == 303  # a double click
    page = head.get(f"/conventions/{drafted}")
    assert "Qui a signé" in page.text
    document = head.get(f"/conventions/{drafted}/document.pdf")
    assert document.data.startswith(b"%PDF")
    assert document.headers["Content-Type"] == "application/pdf"
    assert "no-store" in document.headers["Cache-Control"]


def test_a_refused_opening_says_why_and_changes_nothing(
    client: FlaskClient, app: Flask, world: World, drafted: int
) -> None:
    with app.app_context(), transaction():
        agreement = db.session.get_one(Agreement, drafted)
        agreement.hosts[0].schedule = {"2027-01-25": [["05:00", "09:00"]]}
    answer = world.sign_in(client, Role.HEAD).post(f"/conventions/{drafted}/ouvrir")
    assert answer.status_code == 422
    assert "6" in answer.text
    with app.app_context():
        assert db.session.get_one(Agreement, drafted).state is AgreementState.DRAFT


def test_cancelling_needs_a_reason(client: FlaskClient, app: Flask, world: World, opened: int) -> None:
    head = world.sign_in(client, Role.HEAD)
    assert head.get(f"/conventions/{opened}/annuler").status_code == 200
    assert head.post(f"/conventions/{opened}/annuler", data={"reason": " "}).status_code == 422
    assert head.post(f"/conventions/{opened}/annuler", data={"reason": "Changement de lieu."}).status_code == 303
    assert "Changement de lieu." in head.get(f"/conventions/{opened}").text


def test_a_change_says_who_loses_a_signature(client: FlaskClient, app: Flask, world: World, opened: int) -> None:
    with app.app_context():
        sign_all(db.session.get_one(Agreement, opened))
    head = world.sign_in(client, Role.HEAD)
    page = head.get(f"/conventions/{opened}/modifier/pedagogy")
    assert "Sonia Carpentier" in page.text
    assert head.post(f"/conventions/{opened}/modifier/pedagogy", data={"assessment": "Un oral."}).status_code == 422
    done = head.post(
        f"/conventions/{opened}/modifier/pedagogy", data={"assessment": "Un oral.", "reason": "Oubli du professeur."}
    )
    assert done.status_code == 303
    with app.app_context():
        assert db.session.get_one(Agreement, opened).state is AgreementState.OPEN


def test_an_amendment_from_the_page(client: FlaskClient, app: Flask, world: World, opened: int) -> None:
    with app.app_context():
        agreement = db.session.get_one(Agreement, opened)
        sign_all(agreement)
        part, digest = f"host:{agreement.hosts[0].id}", agreement.content_digest
    head = world.sign_in(client, Role.HEAD)
    assert "activities" not in head.get(f"/conventions/{opened}/avenant/{part}").text
    nothing = head.post(f"/conventions/{opened}/avenant/{part}", data={"tutor_name": "Karim Lefebvre"})
    assert nothing.status_code == 422
    made = head.post(f"/conventions/{opened}/avenant/{part}", data={"tutor_name": "Nora Meunier"})
    assert made.status_code == 303
    with app.app_context():
        parent = db.session.get_one(Agreement, opened)
        assert parent.state is AgreementState.SIGNED
        assert parent.content_digest == digest
        amendment = queries.amendments(opened)[0]
        sign_all(amendment)
        assert amending.current_content(parent)["hosts"][0]["tutor_name"] == "Nora Meunier"
        assert parent.content is not None
        assert parent.content["hosts"][0]["tutor_name"] == "Karim Lefebvre"
    assert head.get(made.location).status_code == 200
    assert head.get(f"{made.location}/document.pdf").data.startswith(b"%PDF")


def test_the_class_is_prepared_and_opened_at_once(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        _class_with_placements(world)
    teacher = world.sign_in(client, Role.TEACHER)
    path = f"/classes/{world.here.class_id}/conventions"
    assert "Préparer les conventions de la classe" in teacher.get(path).text
    assert teacher.post(path).status_code == 303
    assert teacher.post(path).status_code == 303  # joins the request under way
    with app.app_context():
        batch = db.session.scalars(select(AgreementBatch)).one()
        assert batch.total == 3
        classroom.run(batch.id)
        classroom.run(batch.id)
        db.session.expire_all()
        assert (batch.done, batch.refusals) == (3, {})
        assert batch.finished_at is not None
        states = [agreement.state for agreement in db.session.scalars(select(Agreement))]
        assert states == [AgreementState.OPEN] * 3
    assert "3 sur 3" in teacher.get(f"{path}/avancement").text


def test_a_killed_batch_is_resumed(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        _class_with_placements(world)
        batch = classroom.prepare_class(
            db.session.get_one(Placement, 1).student.school_class, by=world.here.actor(Role.HEAD)
        )
        batch_id, done = batch.id, []
        real = preparing.open_signatures

        def killed(agreement: Agreement, *, by: object) -> Agreement:
            if len(done) == 1:
                raise KeyboardInterrupt
            done.append(agreement.id)
            return real(agreement, by=by)  # type: ignore[arg-type]

        monkeypatch.setattr(preparing, "open_signatures", killed)
        with pytest.raises(KeyboardInterrupt):
            classroom.run(batch_id)
        monkeypatch.undo()
        db.session.remove()
        classroom.resume()
        row = db.session.get_one(AgreementBatch, batch_id)
        assert row.finished_at is not None
        assert row.done == 3
        agreements = db.session.scalars(select(Agreement)).all()
        assert {agreement.state for agreement in agreements} == {AgreementState.OPEN}
        assert len(agreements) == 3


def test_in_a_class_what_is_not_complete_is_said_and_asked_for(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        _class_with_placements(world)
        with transaction():
            db.session.get_one(PlacementOffer, world.here.offer_id).tutor_phone = ""
        batch = classroom.prepare_class(
            db.session.get_one(Placement, 1).student.school_class, by=world.here.actor(Role.HEAD)
        )
        classroom.run(batch.id)
        db.session.expire_all()
        assert len(batch.refusals) == 3
        mails = [m for m in db.session.scalars(select(OutboxMessage)) if m.kind == "agreement_to_complete"]
        assert len(mails) == 3  # one a student, which leave together as the mail of the day
        assert {mail.pace for mail in mails} == {Pace.DAILY}
        assert all("joindre le tuteur" in mail.text for mail in mails)
    page = world.sign_in(client, Role.TEACHER).get(f"/classes/{world.here.class_id}/conventions")
    assert "joindre le tuteur" in page.text


def test_lists_take_a_fixed_number_of_statements(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        papers.opened(world.here)
    head = world.sign_in(client, Role.HEAD)
    seen: dict[str, list[int]] = {}
    for path in ("/conventions", f"/classes/{world.here.class_id}/conventions", "/mes-donnees"):
        head.get(path)
        with statements() as first:
            head.get(path)
        seen[path] = [len(first)]
    with app.app_context():
        with transaction():
            for slot_id in world.here.slot_ids:
                db.session.get_one(Slot, slot_id).capacity = 5
        for student_id in world.here.student_ids[1:]:
            placement = db.session.get_one(Placement, papers.place(world.here, student_id))
            preparing.open_signatures(
                preparing.prepare(placement, by=world.here.actor(Role.HEAD)), by=world.here.actor(Role.HEAD)
            )
    for path, numbers in seen.items():
        with statements() as more:
            head.get(path)
        numbers.append(len(more))
        assert numbers[0] == numbers[1], (path, numbers)


def test_anybody_can_tell_the_signed_text_from_another(
    app: Flask, client: FlaskClient, world: World, opened: int
) -> None:
    with app.app_context():
        agreement = db.session.get_one(Agreement, opened)
        reference, digest = agreement.reference, agreement.content_digest or ""
        to_sign = client.get  # signed out on purpose
    page = to_sign(f"/verification/{reference.lower()}")
    assert page.status_code == 200
    assert "Pas encore signée par tous" in page.text
    assert "L. W." in page.text
    for secret in ("Wojcik", "Lina", "Ressourcerie", "Carpentier", "Vasseur", "mail.example"):
        assert secret not in page.text
    assert f"{digest[:4]} {digest[4:8]}" in page.text
    with app.app_context():
        agreement = db.session.get_one(Agreement, opened)
        sign_all(agreement)
        watching.archive(opened)
        final = watching.storage.read(agreement.signed_pdf)  # type: ignore[arg-type]
        first = watching.storage.read(agreement.pdf)  # type: ignore[arg-type]
    assert "Signée par tous" in client.get(f"/verification/{reference}").text

    def verdict(data: bytes) -> str:
        file = {"document": (io.BytesIO(data), "convention.pdf")}
        return client.post(f"/verification/{reference}", data=file, content_type="multipart/form-data").text

    assert "document signé par tous" in verdict(final)
    assert "présenté à la signature" in verdict(first)
    assert "n’est pas celui" in verdict(final[:-1] + bytes([final[-1] ^ 1]))
    assert client.get("/verification/ZZZZ9999").status_code == 404
    assert client.get(f"/verification?reference={reference[:4]}+{reference[4:]}").location.endswith(reference)


NASTY = (
    "\x00",
    "\ud800",
    "\u202egauche",
    "<script>alert(1)</script>",
    "🚲" * 300,
    "x" * 20_000,
    " ",
    "{{ 1789 * 4567 }}",
)


@pytest.mark.parametrize("typed", NASTY, ids=[f"{n}" for n in range(len(NASTY))])
def test_nasty_input_is_refused_or_kept_as_text(
    client: FlaskClient, app: Flask, world: World, drafted: int, typed: str
) -> None:
    with app.test_request_context():
        agreement = db.session.get_one(Agreement, drafted)
        keys = {Role.HEAD: "school", Role.TEACHER: "pedagogy", Role.HOST: f"host:{agreement.hosts[0].id}"}
        family = filling.token_for(agreement, "family")
        reference = agreement.reference
    data = {row.name: typed.encode("utf-8", "surrogatepass") for rows in FIELDS.values() for row in rows}
    for role, key in keys.items():
        answer = world.sign_in(client, role).post(f"/conventions/{drafted}/completer/{key}", data=data)
        assert answer.status_code in {303, 422}
        assert "<script>alert" not in answer.text
    assert client.post(f"/convention/a-completer/{family}", data=data).status_code in {303, 422}
    head = world.sign_in(client, Role.HEAD)
    for path in ("modifier", "avenant"):  # a draft is neither changed after its opening nor amended
        answer = head.post(f"/conventions/{drafted}/{path}/school", data={**data, "reason": data["name"]})
        assert answer.status_code in {409, 422}
    page = head.get(f"/conventions/{drafted}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "8170363" not in page.text  # no template is made of what people type
    with app.app_context():
        kept = str(db.session.get_one(Agreement, drafted).typed)
        assert "\x00" not in kept
        assert "\u202e" not in kept
    assert head.get(f"/conventions/{drafted}/document.pdf").data.startswith(b"%PDF")
    file = {"document": (io.BytesIO(typed.encode("utf-8", "surrogatepass")), "../../x.pdf")}
    checked = client.post(f"/verification/{reference}", data=file, content_type="multipart/form-data")
    assert checked.status_code == 200

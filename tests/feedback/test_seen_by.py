"""Who reads what: staff the answers, the host nothing but a summary from five on, coordinators the reliability."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.access.policy import POLICY, Permission, Role
from app.accounts.models import User
from app.feedback import links, services, summary
from app.feedback.models import Certificate, StudentFeedback
from app.feedback.queries import figures, reliability
from app.feedback.rules import Again, Recommend
from app.feedback.summary import Answers
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.schools.models import Student
from app.statistics import after
from tests.access.test_endpoints import CALLS, SIGNED_IN
from tests.feedback.conftest import FORM, SAID, SEEN, TUTOR_FORM, Stages, place
from tests.world import World, add

WORDS, LINE, WHY = "Remonter un dérailleur.", "gardez cette envie", "Il nous faudrait un vestiaire"


def _say(world: World, stages: Stages) -> None:
    services.answer(stages.of(stages.lina), SAID, by=world.here.actor(Role.STUDENT))
    services.answer_as_tutor(
        stages.of(stages.lina), replace(SEEN, again=Again.NO, why=WHY), by=world.here.actor(Role.HOST)
    )


def test_each_reader_reads_what_is_theirs(app: Flask, world: World, stages: Stages) -> None:
    with app.app_context():
        _say(world, stages)
    readers = {Role.TEACHER: (True, True, False), Role.HEAD: (True, True, False), Role.COORDINATOR: (True, True, True)}
    for role in SIGNED_IN:
        client = world.sign_in(app.test_client(), role)
        page = client.get(f"/avis/{stages.lina}").text
        words, line, why = readers.get(role, (False, False, False))
        assert (WORDS in page, LINE in page, WHY in page) == (words, line, why), role
    mine = world.sign_in(app.test_client(), Role.STUDENT).get("/apres-mon-stage").text
    assert (WORDS in mine, LINE in mine, WHY in mine) == (True, True, False)
    for role in (Role.TEACHER, Role.HEAD, Role.COORDINATOR):
        assert world.sign_in(app.test_client(), role, world.there).get(f"/avis/{stages.lina}").status_code == 404


def test_the_host_never_reads_a_students_words(app: Flask, world: World, stages: Stages) -> None:
    with app.app_context():
        _say(world, stages)
        token = links.token_for(stages.lina, "karim@ressourcerie.example")
    client = world.sign_in(app.test_client(), Role.HOST)
    pages = [c.path(world.here).replace("987654", str(stages.lina)) for c in CALLS if c.method == "GET"]
    pages += [f"/avis-tuteur/{token}", f"/avis-tuteur/{token}/attestation"]
    for path in pages:
        page = client.get(path).text
        assert WORDS not in page, path
        assert "Plutôt oui" not in page, path  # the student's fit
        assert "Delattre" not in page, path


def _answers(n: int) -> Answers:
    return Answers(
        fits=(5,) * n,
        recommends=(Recommend.YES,) * n,
        discovered=(("tools", "team", "ess"),) * (n - 1) + (("screen",),),
    )


def test_a_summary_needs_five_answers_and_says_no_number(app: Flask) -> None:
    with app.test_request_context():
        assert summary.of(_answers(4)) is None
        five = summary.of(_answers(5))
        assert five is not None
        assert five.discovered == ()  # four of five are fewer than five
        six = summary.of(_answers(6))
        assert six is not None
        assert sorted(six.discovered) == ["ess", "team", "tools"]
        assert not any(sign.isdigit() for sign in six.fitted + six.recommended)


def test_figures_hide_what_is_small(app: Flask) -> None:
    with app.test_request_context():
        assert after.figures(30, Answers(), []) is None
        few = after.figures(30, _answers(4), [Again.YES] * 4)
        assert few is not None
        assert (few.answered, few.again, few.fits, few.discovered) == ("moins de 5", "moins de 5", [], [])
        many = after.figures(30, Answers((5,) * 9 + (1,), (Recommend.YES,) * 10, (("tools",),) * 10), [Again.YES] * 7)
        assert many is not None
        assert many.answered == "10 sur 30"
        assert {fit: count.shown for fit, count in many.fits if count.value} == {5: "non montré", 1: "moins de 5"}


def test_the_funders_page_and_the_summary_of_a_structure(app: Flask, world: World, stages: Stages) -> None:
    with app.app_context():
        land = world.here
        slot = db.session.get(Slot, land.slot_ids[0])
        assert slot is not None
        slot.capacity, slot.taken = 9, 8
        for i in range(6):
            account = User(territory_id=land.territory_id, role=Role.STUDENT, display_name=f"Élève {i}")
            add(account)
            student = Student(
                territory_id=land.territory_id,
                class_id=land.class_id,
                user_id=account.id,
                first_name=f"Prénom{i}",
                last_name="Caché",
            )
            add(student)
            placement = place(land, student.id, slot.id)
            add(
                StudentFeedback(
                    territory_id=land.territory_id,
                    placement_id=placement.id,
                    fit=5,
                    discovered=["tools", "team", "ess"],
                    words=f"secret {i}",
                    recommend=Recommend.YES,
                )
            )
        db.session.commit()
    page = world.sign_in(app.test_client(), Role.OBSERVER).get("/chiffres").text
    assert "Après le stage" in page
    assert "6 sur 8" not in page  # two missing would be people
    assert "Des outils ou des machines" in page
    host = world.sign_in(app.test_client(), Role.HOST).get("/mes-stagiaires/bilan").text
    assert "presque tous les élèves" in host
    for shown in (page, host):
        assert "secret" not in shown
        assert "Caché" not in shown


def test_reliability_is_for_coordinators_alone(app: Flask, world: World, stages: Stages) -> None:
    assert set(POLICY[Permission.RELIABILITY_VIEW]) == {Role.COORDINATOR}
    with app.app_context():
        _say(world, stages)
        record = reliability.records(world.here.actor(Role.COORDINATOR))[0]
        assert (record.asked, record.answered, record.hours, record.hosted, record.not_again) == (2, 2, 24, 2, 1)
        for role in world.here.users:
            if role is not Role.COORDINATOR:
                assert reliability.records(world.here.actor(role)) == []
    everybody: list[Role | None] = [None, *SIGNED_IN]
    for reader in everybody:
        client = app.test_client() if reader is None else world.sign_in(app.test_client(), reader)
        seen = sum(
            "Désistements" in client.get(call.path(world.here)).text
            for call in CALLS
            if call.method == "GET"
            and call.endpoint in {"hosts.show", "hosts.mine", "hosts.index", "feedback.reliable"}
        )
        assert seen == (2 if reader is Role.COORDINATOR else 0), reader


def test_lists_ask_the_database_as_often_for_one_as_for_many(app: Flask, world: World, stages: Stages) -> None:
    def statements(path: str, role: Role) -> int:
        client, seen = world.sign_in(app.test_client(), role), []
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", listener := lambda *a: seen.append(a[2]))
            assert client.get(path).status_code == 200
            event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    paths = (
        ("/avis", Role.COORDINATOR),
        ("/structures/fiabilite", Role.COORDINATOR),
        ("/mes-stagiaires/bilan", Role.HOST),
    )
    before = [statements(*each) for each in paths]
    with app.app_context():
        slot = db.session.get(Slot, world.here.slot_ids[0])
        assert slot is not None
        slot.capacity, slot.taken = 9, 3
        place(world.here, world.here.student_ids[2], slot.id)
        db.session.commit()
    assert [statements(*each) for each in paths] == before
    assert all(n <= 14 for n in before), before


@pytest.mark.both_engines
def test_a_link_opens_one_stage_to_one_address(app: Flask, client: FlaskClient, world: World, stages: Stages) -> None:
    with app.app_context():
        token = links.token_for(stages.lina, "Karim@ressourcerie.example ")
        foreign = links.token_for(stages.there, "somebody@else.example")
        member = links.token_for(stages.lina, "host1@passerelle.example")
    assert client.get(f"/avis-tuteur/{token}").status_code == 200
    assert client.get(f"/avis-tuteur/{member}").status_code == 200
    for wrong in (foreign, token[:-2] + "xx", "nothing", token + "a"):
        assert client.get(f"/avis-tuteur/{wrong}").status_code == 404
        assert client.post(f"/avis-tuteur/{wrong}", data=TUTOR_FORM).status_code == 404
        assert client.get(f"/avis-tuteur/{wrong}/attestation.pdf").status_code == 404
    answer = client.post(f"/avis-tuteur/{token}", data=TUTOR_FORM)
    assert answer.location.endswith("/attestation")
    page = client.get(answer.location).text
    assert "Karim Lefebvre" in page
    with app.app_context():
        offer = db.session.get(PlacementOffer, world.here.offer_id)
        assert offer is not None
        offer.tutor_email = "other@ressourcerie.example"
        db.session.commit()
    assert client.get(f"/avis-tuteur/{token}").status_code == 404


def test_the_certificate_in_one_click(app: Flask, client: FlaskClient, world: World, stages: Stages) -> None:
    with app.app_context():
        token = links.token_for(stages.lina, "karim@ressourcerie.example")
        services.answer_as_tutor(stages.of(stages.lina), SEEN, by=world.here.actor(Role.HOST))
    path = f"/avis-tuteur/{token}/attestation"
    assert client.get(f"{path}.pdf").status_code == 404
    days = [f"2027-01-{day}" for day in range(25, 30)]
    filled = {"present": days, "name": "Karim Lefebvre", "title": "encadrant technique"}
    for data in ({**filled, "present": []}, {**filled, "present": ["2027-01-30"]}, {**filled, "name": " "}):
        assert client.post(path, data=data).status_code == 422
    client.post(path, data=filled)
    client.post(path, data=filled)
    assert client.get(f"{path}.pdf").data.startswith(b"%PDF")
    with app.app_context():
        made = db.session.scalars(select(Certificate)).one()
        first = made.document_id
        assert made.content["student"] == {"first_name": "Lina", "last_name": "Wojcik"}
        assert made.content["minutes"] == 5 * 6 * 60
        assert [skill["name"] for skill in made.content["skills"]] == ["Observer", "Comprendre"]
    client.post(path, data={**filled, "present": days[:4]})
    with app.app_context():
        made = db.session.scalars(select(Certificate)).one()
        assert made.document_id != first
        assert made.content["minutes"] == 4 * 6 * 60
    readers = {Role.STUDENT, Role.TEACHER, Role.HEAD, Role.HOST, Role.COORDINATOR}
    for role in SIGNED_IN:
        answer = world.sign_in(app.test_client(), role).get(f"/attestations/{stages.lina}.pdf")
        assert answer.status_code == (200 if role in readers else 403), role
    assert (
        world.sign_in(app.test_client(), Role.HOST, world.there).get(f"/attestations/{stages.lina}.pdf").status_code
        == 404
    )
    enzo = world.sign_in(app.test_client(), Role.STUDENT).get(f"/attestations/{stages.enzo}.pdf")
    assert enzo.status_code == 404


def test_nothing_is_lost_when_something_is_missing(client: FlaskClient, world: World, stages: Stages) -> None:
    lina = world.sign_in(client, Role.STUDENT)
    answer = lina.post("/mon-avis", data={"discovered": ["tools"], "words": "Un <b>atelier</b>", "recommend": "maybe"})
    assert answer.status_code == 422
    assert "Un &lt;b&gt;atelier&lt;/b&gt;" in answer.text
    assert 'value="tools" checked' in answer.text
    assert 'value="maybe" checked' in answer.text
    asked = lina.post("/mon-avis", data={**FORM, "words": "Mon asthme va bien"})
    assert asked.status_code == 422
    assert "asthme" in asked.text
    assert 'name="reread"' in asked.text
    kept = lina.post("/mon-avis", data={**FORM, "words": "Mon asthme va bien", "reread": "y"})
    assert kept.status_code == 303
    host = world.sign_in(client, Role.HOST)
    answer = host.post(f"/mes-stagiaires/{stages.lina}/avis", data={**TUTOR_FORM, "again": ""})
    assert answer.status_code == 422
    assert "Gardez cette envie." in answer.text


def test_nobody_by_chance(app: Flask, world: World, stages: Stages) -> None:
    with app.app_context():
        assert figures.of_organizations([]) == Answers()

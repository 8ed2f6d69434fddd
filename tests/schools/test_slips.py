"""The families' slips: each guardian's own code, and the page that it opens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.kernel.database import db
from app.kernel.errors import Forbidden
from app.kernel.identifiers import normalise_code
from app.schools import links, services
from app.schools.models import LegalGuardian
from tests.schools.test_cards import CODE, class_of, printed, text_of
from tests.world import World


@pytest.mark.both_engines
def test_each_guardian_has_a_code_which_stays(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    students = class_of(world)
    lina = next(s for s in students if s.id == world.here.student_id)
    lina.guardians.append(LegalGuardian(name="Paul Wojcik"))
    db.session.commit()
    made = services.slips(students, by=by)
    assert [len(made[s.id]) for s in students if s is not lina] == [1, 1]
    anna, paul = made[lina.id]
    assert (anna.name, paul.name) == ("Anna Wojcik", "Paul Wojcik")
    assert len({slip.code for of_one in made.values() for slip in of_one}) == 4
    assert services.slips(students, by=by) == made, "printed again, it says the same"
    services.reissue_cards([lina], by=by)
    assert services.slips([lina], by=by)[lina.id] == [anna, paul], "a new card leaves the family's slip alone"
    found = services.family_code_of(normalise_code(f" {paul.code.lower().replace(' ', '-')} "))
    assert found is not None
    assert found.guardian is not None
    assert found.guardian.name == "Paul Wojcik"


@pytest.mark.both_engines
def test_a_renewed_slip_ends_the_first(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    (student,) = [s for s in class_of(world) if s.id == world.here.student_id]
    (old,) = services.slips([student], by=by)[student.id]
    (new,) = services.renew_slips(student, by=by)
    assert services.family_code_of(normalise_code(old.code)) is None
    found = services.family_code_of(normalise_code(new.code))
    assert found is not None
    assert links.still_opens(new.token, found)
    assert not links.still_opens(old.token, found)
    with pytest.raises(Forbidden):
        services.renew_slips(student, by=world.there.actor(Role.TEACHER))


def _slip_of(app: Flask, world: World, student_id: int, number: int = 0) -> services.Slip:
    with app.app_context():
        student = next(s for s in class_of(world) if s.id == student_id)
        slip = services.slips([student], by=world.here.actor(Role.TEACHER))[student_id][number]
        db.session.remove()
    return slip


def test_a_code_on_paper_opens_the_page_of_its_family(app: Flask, client: FlaskClient, world: World) -> None:
    slip = _slip_of(app, world, world.here.student_id)
    wrong = client.post("/reponse", data={"code": "AAAA AAAA"})
    assert wrong.status_code == 422
    assert "Ce code n’est pas le bon" in wrong.text
    answer = client.post("/reponse", data={"code": slip.code.lower()})
    assert (answer.status_code, answer.location) == (303, f"/parents/{slip.token}")
    page = client.get(answer.location).text
    assert "Le stage de Lina" in page
    assert "vous opposer à leur usage" in page
    assert "n’est pas encore publiée" in page
    assert "Wojcik" not in page
    assert client.get(f"/parents/{slip.token}x").status_code == 404


def test_a_language_is_kept_for_its_reader_alone(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        db.session.add(LegalGuardian(student_id=world.here.student_id, name="Paul Wojcik"))
        db.session.commit()
    anna, paul = (_slip_of(app, world, world.here.student_id, number) for number in (0, 1))
    nobody = _slip_of(app, world, world.here.student_ids[1])
    for slip, language in ((paul, "pl"), (nobody, "ar")):
        answer = client.post(f"/parents/{slip.token}/langue", data={"language": language})
        assert (answer.status_code, answer.location) == (303, f"/parents/{slip.token}")
    assert 'lang="fr"' in client.get(f"/parents/{anna.token}").text[:200]
    assert 'lang="pl"' in client.get(f"/parents/{paul.token}").text[:200]
    assert 'dir="rtl"' in client.get(f"/parents/{nobody.token}").text[:200]
    assert client.post(f"/parents/{nobody.token}/langue", data={"language": "klingon"}).status_code == 422
    assert _slip_of(app, world, world.here.student_ids[1]).language == "ar", "the next slip is printed in it"


def test_staff_print_and_renew_the_slips(app: Flask, client: FlaskClient, world: World, tmp_path: Path) -> None:
    world.sign_in(client, Role.TEACHER)
    address = f"/eleves/{world.here.student_id}/feuillets"
    assert "Anna Wojcik" in client.get(address).text
    first = text_of(printed(client, f"{address}.pdf"), tmp_path)
    assert "Pour Anna Wojcik, famille de Lina" in " ".join(first.split())
    assert re.findall(CODE, first) == re.findall(CODE, text_of(printed(client, f"{address}.pdf"), tmp_path))
    token = _slip_of(app, world, world.here.student_id).token
    assert client.post(f"{address}/nouveaux-codes").status_code == 303
    assert re.findall(CODE, first) != re.findall(CODE, text_of(printed(client, f"{address}.pdf"), tmp_path))
    assert client.get(f"/parents/{token}").status_code == 404
    everyone = text_of(printed(client, f"/classes/{world.here.class_id}/feuillets.pdf", only="all"), tmp_path)
    assert len(re.findall(CODE, everyone)) == 3
    assert client.post(f"/classes/{world.here.class_id}/feuillets.pdf", data={"only": "second"}).status_code == 409

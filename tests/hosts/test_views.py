from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.hosts.models import HostOrganization, HostSite
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from tests.world import World, siren, siret

Data = dict[str, str]
URL = "/structures/inscription"


def filled(world: World, **changes: str) -> Data:
    return {
        "name": "Les Jardins du Carreau",
        "siret": siret(siren(500)),
        "kind": "aci",
        "family": "association",
        "legal_form": "9221",
        "ess_sentence": "Ici, les légumes font vivre des jardiniers.",
        "address": "3 rue du Puits",
        "commune_id": str(world.here.commune_id),
        "lat": "",
        "lon": "",
        "contact_name": "Awa Nowak",
        "job_title": "directrice",
        "email": "awa@jardins.example",
        "phone": "03 21 00 00 00",
        "password": "",
        "request_key": "clef-de-test",
    } | changes


def count(app: Flask, model: type = HostOrganization) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_structure_registers_and_a_second_click_changes_nothing(
    app: Flask, world: World, client: FlaskClient
) -> None:
    before = count(app)
    for _click in range(2):
        answer = client.post(URL, data=filled(world))
        assert (answer.status_code, answer.location) == (303, "/structures/inscription/merci")
    assert count(app) == before + 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Écrivez le nom de la structure"),
        ({"name": "x" * 10_000}, "10000 caractères, 160 au plus"),
        ({"siret": ""}, "Écrivez le SIRET"),
        ({"siret": "123"}, "et celui-ci en a 3"),
        ({"siret": "12345678901234"}, "Ce SIRET n’existe pas"),
        ({"siret": "9" * 10_000}, "40 au plus"),
        ({"kind": "pirate"}, "une réponse de la liste"),
        ({"family": ""}, "Choisissez une famille"),
        ({"legal_form": ""}, "une forme juridique"),
        ({"legal_form": "8210"}, "ne va pas avec la famille"),
        ({"ess_sentence": ""}, "Écrivez une phrase"),
        ({"ess_sentence": "é" * 10_000}, "10000 caractères, 300 au plus"),
        ({"address": ""}, "le numéro et la rue"),
        ({"commune_id": ""}, "Choisissez une commune"),
        ({"commune_id": "²"}, "Choisissez une commune"),
        ({"commune_id": "999999999"}, "Choisissez une commune"),
        ({"lat": "50.4"}, "les deux nombres"),
        ({"lat": "abc", "lon": "2.9"}, "un nombre comme 50,4092"),
        ({"lat": "nan", "lon": "inf"}, "un nombre comme 50,4092"),
        ({"lat": "48.85", "lon": "2.35"}, "loin de la commune"),
        ({"contact_name": ""}, "votre prénom et votre nom"),
        ({"job_title": ""}, "votre fonction"),
        ({"email": ""}, "votre adresse e-mail"),
        ({"email": "pas une adresse"}, "pas complète"),
        ({"phone": "12"}, "Ce numéro n’est pas complet"),
        ({"password": "court"}, "au moins 12 caractères"),
    ],
)
def test_wrong_input_gets_a_sentence_and_keeps_what_was_typed(
    app: Flask, world: World, client: FlaskClient, change: Data, sentence: str
) -> None:
    before = count(app)
    answer = client.post(URL, data=filled(world, **change))
    page = answer.text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2011", "-")
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="3 rue du Puits"' in page or "address" in change
    assert 'value="clef-de-test"' in page
    assert count(app) == before


def test_markup_is_text_and_control_signs_vanish(app: Flask, world: World, client: FlaskClient) -> None:
    client.post(URL, data=filled(world, name="<script>alert(1)</script>\x00 🥕", ess_sentence="a\x07b\u202ec"))
    with app.app_context():
        made = db.session.scalars(select(HostOrganization).where(HostOrganization.siren == siren(500))).one()
        assert (made.name, made.ess_sentence) == ("<script>alert(1)</script> 🥕", "abc")
        number = made.id
    page = world.sign_in(app.test_client(), Role.COORDINATOR).get(f"/structures/{number}").text
    assert "<script>alert(1)" not in page
    assert "🥕" in page


def test_a_known_address_and_a_new_one_get_the_same_answer(app: Flask, world: World, client: FlaskClient) -> None:
    known = client.post(URL, data=filled(world, email="teacher1@passerelle.example"))
    before = count(app)
    new = client.post(URL, data=filled(world, request_key="autre"))
    assert (known.status_code, known.location, known.text) == (new.status_code, new.location, new.text)
    assert count(app) == before + 1


def test_a_known_structure_is_told_whom_to_write_to(app: Flask, world: World, client: FlaskClient) -> None:
    with app.app_context():
        taken = db.session.get(HostOrganization, world.here.organization_id)
        assert taken is not None
        number = siret(taken.siren, 3)
    answer = client.post(URL, data=filled(world, siret=number))
    assert answer.status_code == 422
    assert "contact@passerelle.example" in answer.text
    assert "host1@" not in answer.text


def test_communes_are_grouped_by_territory_when_there_are_several(world: World, client: FlaskClient) -> None:
    page = client.get(URL).text
    assert '<optgroup label="Territoire hénin">' in page
    assert '<optgroup label="Territoire lens">' in page


def test_the_coordinator_verifies_then_suspends_with_a_reason(app: Flask, world: World, client: FlaskClient) -> None:
    client.post(URL, data=filled(world))
    with app.app_context():
        number = db.session.scalars(select(HostOrganization.id).where(HostOrganization.siren == siren(500))).one()
    coordinator = world.sign_in(app.test_client(), Role.COORDINATOR)
    assert "1 structure attend votre vérification" in coordinator.get("/structures").text
    page = coordinator.get(f"/structures/{number}").text
    assert 'value="verify"' in page
    assert 'value="suspend"' not in page
    url = f"/structures/{number}/decision"
    for _click in range(2):
        assert coordinator.post(url, data={"action": "verify"}).status_code == 303
    assert coordinator.post(url, data={"action": "refuse", "reason": "x"}).status_code == 409
    refused = coordinator.post(url, data={"action": "suspend"})
    assert refused.status_code == 422
    assert 'id="reason-suspend-error"' in refused.text
    long = coordinator.post(url, data={"action": "suspend", "reason": "r" * 10_000})
    assert long.status_code == 422
    assert "r" * 10_000 in long.text
    assert coordinator.post(url, data={"action": "suspend", "reason": "Contrôle <b>"}).status_code == 303
    assert "Contrôle &lt;b&gt;" in coordinator.get(f"/structures/{number}").text
    with app.app_context():
        kinds = list(db.session.scalars(select(OutboxMessage.kind).where(OutboxMessage.kind.like("host_%"))))
    assert sorted(kinds) == ["host_registered", "host_suspend", "host_to_verify", "host_verify"]


def test_a_host_keeps_its_page_and_places_up_to_date(app: Flask, world: World, client: FlaskClient) -> None:
    host = world.sign_in(client, Role.HOST)
    number, site = world.here.organization_id, world.here.site_id
    identity = {
        "name": "La Ressourcerie",
        "kind": "ressourcerie",
        "family": "association",
        "legal_form": "9220",
        "ess_sentence": "Tout sert à créer des emplois.",
        "employees": "12",
    }
    assert host.post(f"/structures/{number}/modifier", data=identity).status_code == 303
    assert "La Ressourcerie" in host.get("/ma-structure").text
    for wrong in ("-1", "abc", "10000000000", "²", "1.5"):
        answer = host.post(f"/structures/{number}/modifier", data=identity | {"employees": wrong})
        assert answer.status_code == 422, wrong
    with app.app_context():
        code = db.session.scalars(select(HostOrganization.siren).where(HostOrganization.id == number)).one()
    place = {
        "name": "Boutique",
        "siret": siret(code, 2),
        "address": "1 place Wagon",
        "commune_id": str(world.here.commune_id),
    }
    before = count(app, HostSite)
    for _click in range(2):
        assert host.post(f"/structures/{number}/lieux/nouveau", data=place).status_code == 303
    assert count(app, HostSite) == before + 1
    assert host.post(f"/lieux/{site}/modifier", data=place).status_code == 422
    moved = place | {"siret": siret(code, 1), "name": "Atelier", "lat": "50,4200", "lon": "2,9700"}
    assert host.post(f"/lieux/{site}/modifier", data=moved).status_code == 303
    with app.app_context():
        kept = db.session.get(HostSite, site)
        assert kept is not None
        assert (kept.lat, kept.lon) == (50.42, 2.97)


def test_another_structure_does_not_exist_for_a_host(world: World, client: FlaskClient) -> None:
    host, there = world.sign_in(client, Role.HOST), world.there
    for url in (
        f"/structures/{there.organization_id}",
        f"/structures/{there.organization_id}/modifier",
        f"/structures/{there.organization_id}/lieux/nouveau",
        f"/lieux/{there.site_id}/modifier",
    ):
        assert host.get(url).status_code == 404
        if url.count("/") > 2:
            assert host.post(url, data={}).status_code == 404
    assert host.get("/structures").status_code == 403
    assert host.post(f"/structures/{world.here.organization_id}/decision", data={"action": "verify"}).status_code == 403

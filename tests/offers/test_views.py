"""What people see and send: wrong input beside its field, nothing lost, nothing twice."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.hosts.models import HostOrganization
from app.hosts.states import HostState
from app.kernel.database import db, transaction
from app.offers.models import PlacementOffer
from app.offers.states import OfferState
from tests.world import World

Data = dict[str, str | list[str]]


HOURS: Data = {
    "hours-same": "y",
    "hours-usual-morning_start": "09:00",
    "hours-usual-morning_end": "12:00",
    "hours-usual-afternoon_start": "13:00",
    "hours-usual-afternoon_end": "16:00",
    "hours-days": ["mon", "tue", "wed", "thu", "fri"],
}
EACH_DAY: Data = {
    "hours-same": "",
    **{
        f"hours-{day}-{name}": value
        for day in ("mon", "tue", "thu", "fri")
        for name, value in (("morning_start", "08:30"), ("morning_end", "12:00"))
    },
    "hours-tue-afternoon_start": "13:30",
    "hours-tue-afternoon_end": "17:00",
}


def filled(world: World, **changes: str | list[str]) -> Data:
    data: Data = {
        "title": "Tenir la boutique",
        "description": "Tu ranges, tu étiquettes, tu accueilles les clients avec Naïma.",
        "sector": "REEMPLOI_DECHETS",
        "occupations-0": "Mécanicien / Mécanicienne cycles",
        "occupations-1": "Étalagiste",
        "occupations-2": "",
        "site_id": str(world.here.site_id),
        "places_2027_01_25": "2",
        "places_2027_02_01": "",
        "levels": ["3e"],
        **HOURS,
        "conditions": ["public", "debout"],
        "lunch": "",
        "dress": "",
        "tutor_name": "Naïma Bouzid",
        "tutor_role": "",
        "acknowledged": "y",
        "request_key": "clef-de-test",
        "intent": "send",
    }
    return data | changes


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(PlacementOffer)) or 0


@pytest.fixture(autouse=True)
def without_csrf(client: FlaskClient) -> FlaskClient:
    """The fixture `client` switches CSRF off for the whole application; that it is on has its own tests."""
    return client


@pytest.fixture
def host(world: World, client: FlaskClient) -> FlaskClient:
    return world.sign_in(client, Role.HOST)


def test_a_good_offer_is_stored_once_even_sent_twice(app: Flask, world: World, host: FlaskClient) -> None:
    before = count(app)
    first = host.post("/offres/nouvelle", data=filled(world))
    second = host.post("/offres/nouvelle", data=filled(world))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert count(app) == before + 1
    page = host.get(first.location).text
    assert "Tenir la boutique" in page
    assert "Mécanicien / Mécanicienne cycles" in page
    with app.app_context():
        offer = db.session.scalars(select(PlacementOffer).order_by(PlacementOffer.id.desc())).first()
        assert offer is not None
        assert offer.state is OfferState.SUBMITTED
        assert offer.occupations == ["I1619", "Étalagiste"]
        assert [(slot.monday.isoformat(), slot.capacity) for slot in offer.slots] == [("2027-01-25", 2)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "Donnez un titre"),
        ({"title": "x" * 10_000}, "trop long : 10000 caractères, 120 au plus"),
        ({"description": ""}, "Racontez ce que"),
        ({"description": "é" * 10_000}, "10000 caractères, 2000 au plus"),
        ({"sector": ""}, "Choisissez un domaine"),
        ({"sector": "<script>alert(1)</script>"}, "Choisissez un domaine"),
        ({"occupations-0": "", "occupations-1": ""}, "au moins un métier"),
        ({"occupations-0": "m" * 10_000}, "tient en 120 caractères"),
        ({"site_id": ""}, "Choisissez un de vos lieux"),
        ({"site_id": "999999"}, "Choisissez un de vos lieux"),
        ({"site_id": "²"}, "Choisissez un de vos lieux"),
        ({"site_id": "9" * 5000}, "Choisissez un de vos lieux"),
        ({"places_2027_01_25": "0"}, "au moins une place"),
        ({"places_2027_01_25": ""}, "au moins une place"),
        ({"places_2027_01_25": "31"}, "entre 0 et 30"),
        ({"places_2027_01_25": "1000000000"}, "entre 0 et 30"),
        ({"places_2027_01_25": "9" * 5000}, "entre 0 et 30"),
        ({"places_2027_01_25": "-1"}, "un nombre entier"),
        ({"places_2027_01_25": "1,5"}, "un nombre entier"),
        ({"places_2027_01_25": "abc"}, "un nombre entier"),
        ({"places_2027_01_25": "²"}, "un nombre entier"),
        ({"places_2026_12_21": "1"}, "vacances scolaires"),
        ({"places_2027_03_15": "1"}, "pas une semaine de stage"),
        ({"levels": []}, "au moins un niveau"),
        ({"levels": ["5e"]}, "au moins un niveau"),
        ({"hours-usual-morning_start": ""}, "Écrivez l’arrivée et le départ"),
        ({"hours-usual-morning_start": "25:99"}, "Écrivez une heure"),
        ({"hours-usual-morning_start": "12:00", "hours-usual-morning_end": "9h"}, "Le départ vient après l’arrivée"),
        ({"hours-usual-afternoon_start": "11:30"}, "L’après-midi commence après la fin du matin"),
        ({"hours-usual-afternoon_end": "17:00"}, "35 h dans la semaine : 30 h au plus avant 15 ans"),
        ({"hours-usual-afternoon_end": "20:30"}, "départ à 20 h 30 : pas après 20 h"),
        ({"hours-days": []}, "au moins un jour de présence"),
        ({"hours-days": ["sun"]}, "au moins un jour de présence"),
        ({"hours-same": "", "hours-mon-morning_start": "9 h"}, "Lundi : Écrivez l’arrivée et le départ"),
        ({**EACH_DAY, "hours-tue-afternoon_end": "18:00"}, "Mardi : 8 h de présence"),
        ({**EACH_DAY, "hours-sat-morning_start": "09:00", "hours-sat-morning_end": "12:00"}, "laissez libres le lundi"),
        ({"conditions": ["inconnu"]}, "parmi les cases"),
        ({"tutor_name": ""}, "le nom de la personne"),
        ({"dress": "x" * 10_000}, "300 au plus"),
        ({"acknowledged": ""}, "Cochez la case"),
    ],
)
def test_wrong_input_gets_a_sentence_and_keeps_what_was_typed(
    app: Flask, world: World, host: FlaskClient, change: Data, sentence: str
) -> None:
    before = count(app)
    if change.get("acknowledged") == "":
        data = {name: value for name, value in filled(world).items() if name != "acknowledged"}
    else:
        data = filled(world, **change)
    answer = host.post("/offres/nouvelle", data=data)
    page = answer.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert answer.status_code == 422
    assert sentence in page
    assert "Il reste quelque chose à corriger" in page
    assert "Étalagiste" in page or "occupations-1" in change
    assert "Naïma" in page
    assert count(app) == before


def test_all_that_is_wrong_is_said_at_once(world: World, host: FlaskClient) -> None:
    page = host.post(
        "/offres/nouvelle", data={"intent": "send", "hours-mon-morning_start": "x", "places_2027_01_25": "abc"}
    ).text
    for sentence in ("Donnez un titre", "Écrivez une heure", "un nombre entier", "Racontez", "Choisissez un domaine"):
        assert sentence in page


def test_markup_is_only_text_and_emoji_are_welcome(world: World, host: FlaskClient) -> None:
    answer = host.post(
        "/offres/nouvelle", data=filled(world, title="<script>alert(1)</script> 🚲", tutor_role="\x00chef\x07 \u202e")
    )
    page = host.get(answer.location).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 🚲" in page


def test_a_draft_may_wait_unfinished_then_be_refused_when_sent(world: World, host: FlaskClient) -> None:
    data = {"title": "Une idée", "site_id": str(world.here.site_id), "levels": ["3e"], "intent": "keep"}
    answer = host.post("/offres/nouvelle", data=data | HOURS | {"request_key": "k"})
    assert answer.status_code == 303
    refused = host.post(f"{answer.location}/action", data={"action": "submit"})
    assert refused.status_code == 422
    assert "Racontez ce que" in refused.text
    assert 'value="Une idée"' in refused.text


def test_an_offer_is_corrected_through_its_own_form(app: Flask, world: World, host: FlaskClient) -> None:
    url = f"/offres/{world.here.draft_offer_id}/modifier"
    page = host.get(url).text
    assert 'value="Trier les dons"' in page
    assert 'value="09:00"' in page
    assert host.post(url, data=filled(world)).status_code == 303
    with app.app_context():
        offer = db.session.get(PlacementOffer, world.here.draft_offer_id)
        assert offer is not None
        assert (offer.title, offer.state) == ("Tenir la boutique", OfferState.SUBMITTED)


@pytest.mark.parametrize("path", ["", "/modifier"])
def test_another_structures_offer_does_not_exist(world: World, host: FlaskClient, path: str) -> None:
    assert host.get(f"/offres/{world.there.offer_id}{path}").status_code == 404


def test_posting_to_another_structures_offer_or_name_changes_nothing(world: World, host: FlaskClient) -> None:
    other = world.there
    assert host.post(f"/offres/{other.offer_id}/modifier", data=filled(world)).status_code == 404
    assert host.post(f"/offres/{other.offer_id}/action", data={"action": "close"}).status_code == 404
    assert host.post(f"/offres/{other.offer_id}/reprendre").status_code == 404
    answer = host.post(f"/offres/nouvelle?structure={other.organization_id}", data=filled(world))
    assert answer.status_code == 404


def test_a_host_cannot_publish_by_hand(app: Flask, world: World, host: FlaskClient) -> None:
    assert host.post(f"/offres/{world.here.offer_id}/action", data={"action": "suspend"}).status_code == 403
    assert host.post(f"/offres/{world.here.offer_id}/action", data={"action": "nonsense"}).status_code == 409


def test_a_suspended_structure_disappears_for_students_and_says_why_to_its_people(
    app: Flask, world: World, host: FlaskClient
) -> None:
    with app.app_context(), transaction():
        structure = db.session.get(HostOrganization, world.here.organization_id)
        assert structure is not None
        structure.state, structure.state_reason = HostState.SUSPENDED, "Contrôle en cours."
    student = world.sign_in(app.test_client(), Role.STUDENT)
    assert student.get(f"/offres/{world.here.offer_id}").status_code == 404
    assert "Contrôle en cours." in host.get("/offres").text
    assert host.post("/offres/nouvelle", data=filled(world)).status_code == 409
    assert "Redonner vie" not in world.sign_in(app.test_client(), Role.TEACHER).get("/offres/parcourir").text


def test_the_coordinator_reviews_from_the_list_in_one_click(app: Flask, world: World, host: FlaskClient) -> None:
    url = host.post("/offres/nouvelle", data=filled(world)).location
    coordinator = world.sign_in(app.test_client(), Role.COORDINATOR)
    listed = coordinator.get("/offres?etat=submitted").text
    assert "1 offre attend votre relecture" in listed
    assert 'value="publish"' in listed
    answer = coordinator.post(f"{url}/action", data={"action": "publish", "suite": "liste"})
    assert answer.location == "/offres?etat=submitted"
    assert "Tenir la boutique" in world.sign_in(app.test_client(), Role.TEACHER).get("/offres/parcourir").text


def test_a_refusal_without_reason_opens_the_field_with_its_sentence(app: Flask, world: World) -> None:
    coordinator = world.sign_in(app.test_client(), Role.COORDINATOR)
    answer = coordinator.post(f"/offres/{world.here.offer_id}/action", data={"action": "send_back", "reason": " "})
    assert answer.status_code == 422
    assert 'id="reason-send_back-error"' in answer.text
    assert 'id="reason-suspend-error"' not in answer.text


def test_taking_up_a_closed_offer_twice_leads_to_the_same_draft(world: World, host: FlaskClient) -> None:
    offer_id = world.here.draft_offer_id
    assert host.post(f"/offres/{offer_id}/action", data={"action": "close"}).status_code == 303
    assert "Reprendre mon offre" in host.get("/offres").text
    first = host.post(f"/offres/{offer_id}/reprendre")
    assert first.location == host.post(f"/offres/{offer_id}/reprendre").location
    assert 'value="Trier les dons"' in host.get(first.location).text


def test_the_coordinator_writes_for_a_structure(app: Flask, world: World) -> None:
    coordinator = world.sign_in(app.test_client(), Role.COORDINATOR)
    choosing = coordinator.get("/offres/nouvelle").text
    assert "Ressourcerie du Terril 1" in choosing
    assert "Ressourcerie du Terril 2" not in choosing
    form = coordinator.get(f"/offres/nouvelle?structure={world.here.organization_id}")
    assert 'name="places_2027_01_25"' in form.text
    assert coordinator.post("/offres/nouvelle", data=filled(world)).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=999999999999999999999",
        "structure=999999999999999999999",
        "page=abc",
        "etat=nope",
        "commune=²",
        "commune=" + "9" * 400,
        "semaine=2026-02-30",
        "q=%00%F0%9F",
    ],
)
def test_a_strange_address_is_read_as_an_ordinary_one(app: Flask, world: World, query: str) -> None:
    coordinator = world.sign_in(app.test_client(), Role.COORDINATOR)
    assert coordinator.get(f"/offres?{query}").status_code == 200
    assert coordinator.get(f"/offres/parcourir?{query}").status_code == 200
    assert coordinator.get(f"/structures?{query}").status_code == 200


def test_the_page_of_an_offer_says_everything_a_student_needs(app: Flask, world: World) -> None:
    page = world.sign_in(app.test_client(), Role.STUDENT).get(f"/offres/{world.here.offer_id}").text
    page = page.replace("\u00a0", " ").replace("\u202f", " ")
    for words in (
        "Ici, tout ce qui est gagné sert à créer des emplois.",
        "Mécanicien / Mécanicienne cycles",
        "Le travail est manuel",
        "Du lundi au vendredi",
        "9 h – 12 h et 13 h – 16 h",
        "Karim Lefebvre, encadrant technique",
        "12 rue des Mineurs",
        "Du lundi 25 au vendredi 29 janvier",
        "1 place",
    ):
        assert words in page
    assert "Journal" not in page
    assert "Que voulez-vous faire" not in page


def test_suggestions_are_json_for_everybody(client: FlaskClient) -> None:
    answer = client.get("/metiers/suggestions?q=v%C3%A9lo")
    assert answer.json is not None
    assert answer.json[0] == {
        "value": "I1619",
        "label": "Mécanicien / Mécanicienne cycles",
        "hint": "Récupérer, réparer, trier",
    }
    assert client.get("/metiers/suggestions").json == []


def test_the_forbidden_works_follow_the_sector(host: FlaskClient, world: World) -> None:
    assert "chariot élévateur" in host.get("/offres/travaux-interdits?sector=MOBILITE").text
    assert "chariot élévateur" not in host.get("/offres/travaux-interdits?sector=PETITE_ENFANCE").text
    assert host.get("/offres/travaux-interdits?sector=<b>").status_code == 200


@pytest.mark.parametrize("number", ["2147483648", "9" * 30])
def test_an_endless_number_is_a_page_that_does_not_exist(world: World, host: FlaskClient, number: str) -> None:
    assert host.get(f"/offres/{number}").status_code == 404
    assert host.get(f"/structures/{number}").status_code == 404

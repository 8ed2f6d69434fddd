"""The journey's pages: what a student meets, wrong input, and how many queries a page takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.access.policy import Role
from app.accounts.models import User
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.schools.models import Student
from app.wishes.models import InterestProfile, WishList, WishListState
from tests.world import World

pytestmark = pytest.mark.usefixtures("in_november")


@pytest.fixture
def in_november() -> Iterator[None]:
    with time_machine.travel(date(2026, 11, 22)):
        yield


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SELECTs of what runs inside."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def offers(app: Flask, world: World, number: int) -> list[int]:
    with app.app_context():
        first = db.session.get_one(PlacementOffer, world.here.offer_id)
        names = ("territory_id", "campaign_id", "organization_id", "site_id", "sector", "occupations")
        same = {name: getattr(first, name) for name in names}
        added = [
            PlacementOffer(
                **same,
                title=f"Offre {i}",
                description=f"Tu répares des vélos, journée {i}.",
                state=OfferState.PUBLISHED,
                slots=[Slot(monday=date(2027, 1, 25), capacity=2)],
            )
            for i in range(number)
        ]
        db.session.add_all(added)
        db.session.commit()
        return [offer.id for offer in added]


def set_phase(app: Flask, world: World, phase: Phase) -> None:
    with app.app_context():
        db.session.get_one(Campaign, world.here.campaign_id).phase = phase
        db.session.commit()


def start_afresh(app: Flask, world: World) -> None:
    """Nothing said, nothing wished."""
    with app.app_context():
        for model in (InterestProfile, WishList):
            for row in db.session.query(model).filter_by(student_id=world.here.student_id):
                db.session.delete(row)
        db.session.commit()


def test_a_student_walks_from_nothing_to_wishes_sent(app: Flask, client: FlaskClient, world: World) -> None:
    start_afresh(app, world)
    world.sign_in(client, Role.STUDENT)
    assert "Dis-nous ce que tu aimes" in client.get("/mon-espace").text
    assert "À voir avec toi" in client.get("/les-offres").text
    step = client.post("/mes-envies?etape=1", data={"interests": ["14"], "text": "réparer mon vélo"})
    assert step.location.endswith("etape=2")
    step = client.post(step.location, data={"likes": ["manuel"], "avoids": ["bruit"]})
    assert step.location.endswith("etape=3")
    home = str(world.here.commune_id)
    step = client.post(step.location, data={"commune_id": home, "travel_mode": "velo", "max_km": "5"})
    page = client.get(step.location).text
    assert "Redonner vie aux vélos" in page
    assert "tu l’as coché" in page or "Tu as écrit" in page
    assert "à vélo" in page
    added = client.post("/mes-voeux/ajouter", data={"offer_id": world.here.offer_id})
    assert added.status_code == 303
    assert "Pas encore envoyés" in client.get("/mes-voeux").text
    assert client.post("/mes-voeux/envoyer").location.endswith("/mon-espace")
    assert client.post("/mes-voeux/envoyer").status_code == 303
    assert "C’est envoyé" in client.get("/mon-espace").text


def test_a_teacher_types_for_a_student(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.TEACHER)
    base = f"/eleves/{world.here.student_id}"
    assert client.post(f"{base}/envies?etape=1", data={"interests": ["2"], "then": "stop"}).location.endswith(base)
    assert client.post(f"{base}/voeux/ranger", data={"remove": str(world.here.offer_id)}).status_code == 303
    assert client.post(f"{base}/voeux/ajouter", data={"offer_id": world.here.offer_id}).status_code == 303
    assert client.post(f"{base}/voeux/envoyer").status_code == 303
    page = client.get(base).text
    assert "Saisi par l’équipe du collège" in page
    assert "Mener une équipe" in page


@pytest.mark.parametrize(
    ("step", "data", "kept"),
    [
        (1, {"text": "x" * 10_000}, "x" * 10_000),
        (1, {"interests": [str(i) for i in range(1, 32)], "text": "🚲 <script>1</script>"}, "&lt;script&gt;1"),
        (1, {"interests": ["99"], "text": "mes mots"}, "mes mots"),
        (2, {"likes": ["lune"], "avoid_text": "les chiens"}, "les chiens"),
        (2, {"likes": ["dehors"], "avoids": ["dehors"], "avoid_text": "les chats"}, "les chats"),
        (2, {"avoid_text": "y" * 301}, "y" * 301),
        (3, {"commune_id": "999999", "max_km": "5"}, 'value="5" checked'),
        (3, {"commune_id": "Lens", "max_km": "5"}, 'value="5" checked'),
        (3, {"max_km": "4", "travel_mode": "velo"}, 'value="velo" checked'),
    ],
)
def test_a_wrong_answer_comes_back_as_it_was_typed(
    client: FlaskClient, world: World, step: int, data: dict[str, object], kept: str
) -> None:
    world.sign_in(client, Role.STUDENT)
    answer = client.post(f"/mes-envies?etape={step}", data=data)
    assert answer.status_code == 422
    assert 'class="error-summary"' in answer.text
    assert kept in answer.text
    assert "<script>1" not in answer.text


def test_emoji_and_markup_are_only_text(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.STUDENT)
    client.post("/mes-envies?etape=1", data={"text": "🚲 <script>1</script>\x00"})
    page = client.get("/mes-envies").text
    assert "🚲 &lt;script&gt;1&lt;/script&gt;</textarea>" in page


@pytest.mark.parametrize(
    "query",
    ["?q=" + "x" * 5000, "?q=%00%F0%9F%9A%B2", "?semaine=demain&domaine=MAGIE&distance=-1", "?page=-3", "?page=10e9"],
)
def test_a_strange_address_still_shows_offers(client: FlaskClient, world: World, query: str) -> None:
    world.sign_in(client, Role.STUDENT)
    assert client.get("/les-offres" + query).status_code == 200


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?q=VELO", True),
        ("?q=cuisine", False),
        ("?semaine=2027-01-25", True),
        ("?semaine=2027-03-01", False),
        ("?domaine=REEMPLOI_DECHETS", True),
        ("?domaine=SPORT", False),
        ("?metier=I1619", True),
        ("?metier=K1301", False),
        ("?distance=3", True),
        ("?vue=carte", True),
    ],
)
def test_filters_narrow(client: FlaskClient, world: World, query: str, shown: bool) -> None:
    world.sign_in(client, Role.STUDENT)
    page = client.get("/les-offres" + query).text
    assert ("Redonner vie aux vélos" in page) is shown
    assert ("Aucune offre ne correspond" in page) is not shown


@pytest.mark.parametrize("phase", list(Phase))
def test_offers_show_in_their_phases(app: Flask, client: FlaskClient, world: World, phase: Phase) -> None:
    set_phase(app, world, phase)
    world.sign_in(client, Role.STUDENT)
    page = client.get("/les-offres").text
    visible = phase not in {Phase.COLLECTING, Phase.CLOSED}
    assert ("Redonner vie aux vélos" in page) is visible
    if phase is Phase.COLLECTING:
        assert "1er novembre" in page
    assert ("Ajouter à mes vœux" in page) is False  # it is already wished for
    assert client.get("/mon-espace").status_code == 200
    assert client.get("/mes-voeux").status_code == 200


def test_too_many_wishes_is_said_on_the_list(app: Flask, client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.STUDENT)
    for offer_id in offers(app, world, 6):
        answer = client.post("/mes-voeux/ajouter", data={"offer_id": offer_id}, follow_redirects=True)
    assert "La liste est pleine" in answer.text
    assert "Ta liste est pleine" in client.get("/les-offres").text
    assert "Ajouter à mes vœux" not in client.get("/les-offres").text


def test_an_offer_closed_meanwhile_is_said(app: Flask, client: FlaskClient, world: World) -> None:
    (offer_id,) = offers(app, world, 1)
    with app.app_context():
        db.session.get_one(PlacementOffer, offer_id).state = OfferState.CLOSED
        db.session.get_one(PlacementOffer, world.here.offer_id).state = OfferState.SUSPENDED
        db.session.commit()
    world.sign_in(client, Role.STUDENT)
    answer = client.post("/mes-voeux/ajouter", data={"offer_id": offer_id}, follow_redirects=True)
    assert "Cette offre n’est plus proposée" in answer.text
    assert client.get(f"/les-offres/{offer_id}").status_code == 409
    assert "Retire-la et choisis-en une autre" in client.get("/mes-voeux").text


def test_a_draft_and_another_territorys_offer_do_not_exist(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.STUDENT)
    for offer_id in (world.here.draft_offer_id, world.there.offer_id, 10**9):
        assert client.get(f"/les-offres/{offer_id}").status_code == 404
        assert client.post("/mes-voeux/ajouter", data={"offer_id": offer_id}).status_code == 404


def test_another_student_does_not_exist(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.STUDENT)
    other = world.here.student_ids[1]
    assert client.get(f"/eleves/{other}/voeux").status_code == 404
    assert client.post(f"/eleves/{other}/envies", data={"text": "moi"}).status_code == 404
    assert client.get(f"/eleves/{other}").status_code == 403


@pytest.mark.parametrize(
    "data",
    [{"order": "1,,²,x"}, {"order": "9" * 10_000}, {"move": "up:²"}, {"move": "<script>"}, {"remove": "x"}, {}],
)
def test_nonsense_leaves_the_list_alone(client: FlaskClient, world: World, data: dict[str, str]) -> None:
    world.sign_in(client, Role.STUDENT)
    assert client.post("/mes-voeux/ranger", data=data).status_code == 303
    assert "Redonner vie aux vélos" in client.get("/mes-voeux").text


def test_a_drag_answers_without_a_page(app: Flask, client: FlaskClient, world: World) -> None:
    (offer_id,) = offers(app, world, 1)
    world.sign_in(client, Role.STUDENT)
    client.post("/mes-voeux/ajouter", data={"offer_id": offer_id})
    drag = {"X-Requested-With": "fetch"}
    done = client.post("/mes-voeux/ranger", data={"order": f"{offer_id},{world.here.offer_id}"}, headers=drag)
    assert done.status_code == 204
    stale = client.post("/mes-voeux/ranger", data={"order": f"{offer_id}"}, headers=drag)
    assert stale.status_code == 409
    titles = re.findall(r'data-title="([^"]+)"', client.get("/mes-voeux").text)
    assert titles == ["Offre 0", "Redonner vie aux vélos"]


def test_after_the_deadline_the_list_is_read_only(client: FlaskClient, world: World) -> None:
    with time_machine.travel(date(2026, 12, 16)):
        world.sign_in(client, Role.STUDENT)
        page = client.get("/mes-voeux").text
        assert "La liste ne change plus" in page
        assert "Monter" not in page
        late = client.post("/mes-voeux/ranger", data={"remove": str(world.here.offer_id)})
        assert late.status_code == 409
        assert "15 décembre" in late.text
        assert client.post("/mes-envies?etape=1", data={"text": "tard"}).status_code == 409


def test_the_class_is_one_line_a_student_with_a_filter(app: Flask, client: FlaskClient, world: World) -> None:
    start_afresh(app, world)
    world.sign_in(client, Role.TEACHER)
    page = client.get(f"/classes/{world.here.class_id}").text
    assert page.count("Vœux envoyés (1)") == 2
    assert page.count("Taper pour cet élève") == 1
    nothing = client.get(f"/classes/{world.here.class_id}?etat=nothing").text
    assert "Wojcik Lina" in nothing
    assert "Delattre Enzo" not in nothing
    assert "1 sur 3" not in client.get("/mes-classes").text
    assert "2 sur 3" in client.get("/mes-classes").text


def test_pages_take_few_queries_whatever_their_length(app: Flask, client: FlaskClient, world: World) -> None:
    offers(app, world, 300)
    with app.app_context():
        users = [User(territory_id=world.here.territory_id, role=Role.STUDENT, display_name=f"E{i}") for i in range(30)]
        db.session.add_all(users)
        db.session.flush()
        for i, user in enumerate(users):
            student = Student(
                territory_id=world.here.territory_id,
                class_id=world.here.class_id,
                user_id=user.id,
                first_name=f"Prénom{i}",
                last_name="Nom",
            )
            db.session.add(student)
            db.session.flush()
            db.session.add(WishList(student_id=student.id, state=WishListState.DRAFT))
        db.session.commit()
    budget = {
        (Role.STUDENT, "/les-offres"): 12,
        (Role.STUDENT, "/les-offres?vue=carte"): 12,
        (Role.STUDENT, "/mon-espace"): 13,
        (Role.STUDENT, "/mes-voeux"): 10,
        (Role.TEACHER, "/mes-classes"): 14,
        (Role.TEACHER, f"/classes/{world.here.class_id}"): 10,
        (Role.HEAD, "/mes-classes"): 14,
        (Role.COORDINATOR, "/colleges"): 6,
    }
    taken = {}
    for role, path in budget:
        world.sign_in(client, role)
        with statements(app) as seen:
            assert client.get(path).status_code == 200
        taken[role, path] = len(seen)
    assert taken == budget, {key: n for key, n in taken.items() if n != budget[key]}

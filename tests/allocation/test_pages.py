from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.access.policy import Role
from app.allocation import services
from app.allocation.models import PlacementProposal
from app.campaigns.states import Phase
from app.kernel.database import db, transaction
from app.schools.models import Student
from tests.allocation.conftest import set_phase
from tests.world import Land, World, add


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The SELECTs that are made."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def coordinator(deciding: World, client: FlaskClient) -> FlaskClient:
    return deciding.sign_in(client, Role.COORDINATOR)


def pages(land: Land) -> list[str]:
    return [
        "/tableau-de-bord",
        "/affectations",
        f"/affectations/{land.run_id}",
        f"/affectations/{land.run_id}/avancement",
        f"/affectations/{land.run_id}/propositions",
        f"/affectations/{land.run_id}/sans-place",
        f"/affectations/{land.run_id}/places-manquantes",
        f"/affectations/{land.run_id}/pourquoi-pas/{land.student_ids[2]}",
        "/affectations/apprentissage",
        "/affectations/apprentissage/avancement",
        f"/propositions/{land.proposal_id}",
        f"/propositions/{land.proposal_id}/deplacer",
        f"/propositions/{land.proposal_id}/echanger",
        f"/affectations/{land.run_id}/sans-place/{land.student_ids[2]}",
        f"/affectations/comparer?avant={land.run_id}&apres={land.run_id}",
        "/stages",
        "/chiffres",
        "/journal",
        "/courriers",
    ]


@pytest.fixture
def computed(app: Flask, deciding: World) -> int:
    """A run that really was computed: its number."""
    from app.allocation.rules import Parameters
    from app.campaigns.models import Campaign

    with app.app_context():
        campaign = db.session.get(Campaign, deciding.here.campaign_id)
        assert campaign is not None
        by = deciding.here.actor(Role.COORDINATOR)
        run_id = services.start_run(campaign, Parameters(), "pages", by=by).id
        services.execute(run_id)
        db.session.remove()
    return run_id


def test_every_page_answers_in_every_phase(
    app: Flask, deciding: World, coordinator: FlaskClient, computed: int
) -> None:
    for phase in Phase:
        with app.app_context():
            set_phase(deciding.here, phase)
            db.session.remove()
        for path in pages(deciding.here):
            page = coordinator.get(path)
            assert page.status_code == 200, path
            assert page.text.count("<h1") == (0 if path.endswith("avancement") else 1), path
            assert page.text.count("btn-primary") <= 1, path


def test_a_run_is_started_from_the_form_and_shown(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    form = {"objective": "balanced", "stable": "y", "seed": "12", "request_key": "0123456789abcdef"}
    first = coordinator.post("/affectations", data=form)
    second = coordinator.post("/affectations", data=form)
    assert (first.status_code, first.location) == (303, second.location)
    page = coordinator.get(first.location).text
    assert "hx-get" in page
    assert 'http-equiv="refresh"' in page
    with app.app_context():
        services.execute(int(first.location.rsplit("/", 1)[1]))
    done = coordinator.get(first.location).text
    assert "Vérifié\u00a0:" in done
    assert "hx-get" not in done
    assert coordinator.get(f"{first.location}/avancement").headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seed": ""}, "Entrez un nombre entier"),
        ({"seed": "mille"}, None),
        ({"seed": "1000000000"}, "Le numéro de tirage va de 0"),
        ({"seed": "-1"}, "Le numéro de tirage va de 0"),
        ({"max_per_class": "0"}, "Entrez un nombre de 1 à 30"),
        ({"max_per_class": "999999999999"}, "Entrez un nombre de 1 à 30"),
        ({"objective": "<script>"}, None),
        ({"request_key": ""}, None),
        ({"request_key": "x" * 500}, None),
    ],
)
def test_wrong_parameters_are_said_beside_their_field(
    deciding: World, coordinator: FlaskClient, change: dict[str, str], sentence: str | None
) -> None:
    form = {"objective": "balanced", "seed": "12", "request_key": "0123456789abcdef", **change}
    page = coordinator.post("/affectations", data=form)
    assert page.status_code == 422
    assert "error-summary" in page.text
    if sentence:
        assert sentence in page.text


@pytest.mark.parametrize("reason", ["", "   ", "é" * 10_000, "\x00"])
def test_a_refusal_without_a_usable_reason_is_asked_again(
    deciding: World, coordinator: FlaskClient, reason: str
) -> None:
    url = f"/propositions/{deciding.here.proposal_id}/decision"
    page = coordinator.post(url, data={"action": "refuse", "reason": reason})
    assert page.status_code == 422
    assert "error-summary" in page.text


def test_a_reason_is_kept_as_text(deciding: World, coordinator: FlaskClient) -> None:
    url = f"/propositions/{deciding.here.proposal_id}/decision"
    reason = "<script>alert(1)</script> 🙂"
    page = coordinator.post(url, data={"action": "refuse", "reason": reason}, follow_redirects=True)
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "🙂" in page.text


@pytest.mark.parametrize("action", ["", "drop", "approve\x00"])
def test_an_unknown_decision_changes_nothing(deciding: World, coordinator: FlaskClient, action: str) -> None:
    url = f"/propositions/{deciding.here.proposal_id}/decision"
    assert coordinator.post(url, data={"action": action}).status_code == 422


@pytest.mark.parametrize("slot", ["", "abc", "0", "-1", str(10**12)])
def test_a_place_that_was_not_offered_is_refused(deciding: World, coordinator: FlaskClient, slot: str) -> None:
    url = f"/propositions/{deciding.here.proposal_id}/deplacer"
    assert coordinator.post(url, data={"slot_id": slot, "reason": "x"}).status_code == 422
    assert coordinator.post(url.replace("deplacer", "echanger"), data={"other_id": slot}).status_code == 422


def test_the_late_coordinator_reads_what_happened(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    land = deciding.here
    with app.app_context():
        with transaction():
            rival = PlacementProposal(
                run_id=land.run_id, student_id=land.student_ids[2], slot_id=land.slot_ids[0], score=0.5
            )
            add(rival)
        services.approve(land.proposal_id, by=land.actor(Role.COORDINATOR))
        rival_id = rival.id
        db.session.remove()
    page = coordinator.post(f"/propositions/{rival_id}/decision", data={"action": "approve"})
    assert page.status_code == 409
    assert "vient d’être attribuée à Lina Wojcik par Coordinator 1" in page.text


def test_many_are_approved_at_once(deciding: World, coordinator: FlaskClient) -> None:
    land = deciding.here
    url = f"/affectations/{land.run_id}/approuver"
    page = coordinator.post(url, data={"proposition": ["x", "10000000000000", ""]}, follow_redirects=True)
    assert "Aucune proposition à approuver" in page.text
    page = coordinator.post(url, data={"lot": "premiers"}, follow_redirects=True)
    assert "2 propositions approuvées" in page.text


@pytest.mark.parametrize(
    "query", ["q=wojcik", "q=Ressourcerie+terril", "rang=1", "etat=proposed", "etat=nope", "rang=x&college=y&page=z"]
)
def test_the_filters_find(deciding: World, coordinator: FlaskClient, query: str) -> None:
    page = coordinator.get(f"/affectations/{deciding.here.run_id}/propositions?{query}")
    assert "Lina Wojcik" in page.text


@pytest.mark.parametrize("query", ["q=zzz", "etat=refused", "rang=3", "q=%00", "page=99999999"])
def test_the_filters_say_when_nothing_is_found(deciding: World, coordinator: FlaskClient, query: str) -> None:
    assert coordinator.get(f"/affectations/{deciding.here.run_id}/propositions?{query}").status_code == 200


def _crowd(land: Land, number: int) -> None:
    """More students with a proposal each."""
    from app.accounts.models import User

    with transaction():
        for i in range(number):
            user = User(territory_id=land.territory_id, role=Role.STUDENT, display_name=f"E{i}")
            add(user)
            student = Student(
                territory_id=land.territory_id,
                class_id=land.class_id,
                user_id=user.id,
                first_name=f"E{i}",
                last_name="Foule",
            )
            add(student)
            add(
                PlacementProposal(
                    run_id=land.run_id, student_id=student.id, slot_id=land.slot_ids[i % 2], score=0.5, wish_rank=2
                )
            )


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/tableau-de-bord", 24),
        ("/affectations", 6),
        ("/affectations/{run_id}/propositions", 11),
        ("/affectations/{run_id}/sans-place", 8),
        ("/affectations/{run_id}/places-manquantes", 8),
        ("/stages", 9),
        ("/journal", 8),
        ("/courriers", 7),
        ("/chiffres", 16),
    ],
)
def test_no_list_asks_more_for_more_rows(
    app: Flask, deciding: World, coordinator: FlaskClient, path: str, most: int
) -> None:
    path = path.format(run_id=deciding.here.run_id)
    coordinator.get(path)
    with counted(app) as few:
        coordinator.get(path)
    with app.app_context():
        _crowd(deciding.here, 30)
        db.session.remove()
    with counted(app) as many:
        coordinator.get(path)
    assert len(few) == len(many) <= most, "\n".join(many)


def test_the_market_costs_the_same_for_more_students(app: Flask, deciding: World) -> None:
    from app.allocation import queries
    from app.allocation.rules import Parameters
    from app.campaigns.models import Campaign

    def selects() -> int:
        with counted(app) as seen, app.app_context():
            campaign = db.session.get(Campaign, deciding.here.campaign_id)
            assert campaign is not None
            queries.market(campaign, Parameters(), deciding.here.run_id)
            db.session.remove()
        return len(seen)

    before = selects()
    with app.app_context():
        _crowd(deciding.here, 30)
        db.session.remove()
    assert selects() == before <= 14

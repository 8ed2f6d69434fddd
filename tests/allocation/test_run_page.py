"""The run's page: its seal and its faults, equity, missing places, comparisons, agreements shown with care."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.allocation import gateway, rules, seal, services
from app.allocation.models import MatchingRun, PlacementProposal, UnplacedStudent
from app.hosts.models import HostOrganization
from app.kernel.database import db, transaction
from tests.allocation.test_pages import counted
from tests.allocation.test_reasons import another_offer, compute
from tests.world import World


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def coordinator(deciding: World, client: FlaskClient) -> FlaskClient:
    return deciding.sign_in(client, Role.COORDINATOR)


def made(app: Flask, world: World, key: str = "page") -> int:
    with app.app_context():
        run_id = compute(world.here, key).id
        db.session.remove()
    return run_id


def test_the_seal_tells_what_was_verified(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    page = plain(coordinator.get(f"/affectations/{made(app, deciding)}").text)
    assert "Vérifié : 2 élèves placés, aucune faute" in page
    assert "2 élèves placés : une autre recherche, faite à part, n’en place pas plus de 2." in page
    assert "la preuve, par les prix, est juste" in page
    assert "Aucune place laissée libre qu’un élève aurait préférée." in page
    assert "Aucun élève n’est privé d’une place que la règle publiée lui donnait." in page
    assert "Vérification en échec" not in page


def test_a_planted_fault_is_shown_in_red_with_its_name(
    app: Flask, deciding: World, coordinator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gateway.propose

    def tampered(*args: object) -> gateway.Outcome:
        outcome = real(*args)  # type: ignore[arg-type]
        faults = ("slot_overfull: '1' holds 2 students for 1 place", "not_maximum: 1 students are placed, 2 can be")
        return replace(outcome, verified=False, faults=faults)

    monkeypatch.setattr(gateway, "propose", tampered)
    page = plain(coordinator.get(f"/affectations/{made(app, deciding)}").text)
    assert "callout--alert" in page
    assert "Vérification en échec" in page
    assert "Une semaine a plus d’élèves que de places" in page
    assert "slot_overfull" in page
    assert "Des élèves pourraient encore être placés" in page
    assert "Vérifié :" not in page


def test_a_solution_tampered_with_in_the_library_is_caught(
    app: Flask, deciding: World, coordinator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checker itself finds what the solver hides: one student fewer than possible."""
    from matching import assignment

    real = assignment.solve

    def lazy(*args: object, **options: object) -> object:
        solution = real(*args, **options)  # type: ignore[arg-type]
        return replace(solution, assignments=solution.assignments[:-1])

    monkeypatch.setattr(assignment, "solve", lazy)
    page = plain(coordinator.get(f"/affectations/{made(app, deciding)}").text)
    assert "Vérification en échec" in page
    assert "not_maximum" in page or "unplaced_list_wrong" in page


def test_equity_is_drawn_by_school_priority_and_class(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    page = plain(coordinator.get(f"/affectations/{made(app, deciding)}").text)
    for part in (
        "Ce que chaque élève obtient, par collège",
        "En éducation prioritaire et ailleurs",
        "Classe par classe",
    ):
        assert part in page
    assert "Collège François Rabelais" in page
    assert "3A, Collège François Rabelais" in page
    row = page[page.index("par collège") :]
    cells = [part.split("<")[0] for part in row.split('class="num" data-label=')[1:5]]
    assert [cell.split(">")[1] for cell in cells] == ["2", "0", "0", "1"]


def test_missing_places_name_who_to_call(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    land = deciding.here
    with app.app_context():
        with transaction():
            organization = db.session.get_one(HostOrganization, land.organization_id)
            organization.phone = "03 21 00 00 00"
        db.session.remove()
    run_id = made(app, deciding)
    with app.app_context():
        run = db.session.get_one(MatchingRun, run_id)
        cells = run.report["shortage"]
        assert {(cell["sector"], cell["commune"]) for cell in cells} == {("REEMPLOI_DECHETS", str(land.commune_id))}
        assert all(cell["one_more"] == cell["most"] == 1 for cell in cells)
        db.session.remove()
    page = plain(coordinator.get(f"/affectations/{run_id}/places-manquantes").text)
    assert "Récupérer, réparer, trier" in page
    assert "Hénin-Beaumont" in page
    assert "ont déjà une place cette semaine-là" in page  # the only structure offers a place each week
    with app.app_context():
        with transaction():
            organization = db.session.get_one(HostOrganization, land.organization_id)
            another = HostOrganization(
                territory_id=land.territory_id, siren="999001239", name="La Belle Relève", legal_form="9220",
                family=organization.family, kind=organization.kind, state=organization.state, phone="03 21 11 22 33",
            )  # fmt: skip
            db.session.add(another)
            db.session.flush()
            site = organization_site(land.site_id, another.id)
            db.session.add(site)
        db.session.remove()
    with counted(app) as seen:
        page = plain(coordinator.get(f"/affectations/{run_id}/places-manquantes").text)
    assert "La Belle Relève" in page
    assert "03 21 11 22 33" in page
    assert "à voir avec elle" in page
    assert len(seen) <= 13, "\n".join(seen)


def organization_site(like: int, organization_id: int) -> object:
    from app.hosts.models import HostSite

    site = db.session.get_one(HostSite, like)
    names = ("commune_id", "address", "postcode", "lat", "lon")
    return HostSite(
        organization_id=organization_id, siret="99900123900018", name="Local", **{n: getattr(site, n) for n in names}
    )


def test_a_place_really_added_places_as_many_as_was_said(app: Flask, deciding: World) -> None:
    with app.app_context():
        run = compute(deciding.here, "before")
        [cell, *_] = run.report["shortage"]
        placed, said = run.figure("placed"), cell["one_more"]
        another_offer(deciding.here)
        assert compute(deciding.here, "after").figure("placed") == placed + said


def test_pages_without_a_shortage_say_why(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    land = deciding.here
    assert "ne l’a pas cherché" in plain(coordinator.get(f"/affectations/{land.run_id}/places-manquantes").text)
    with app.app_context():
        another_offer(land)
        run_id = compute(land).id
        db.session.remove()
    assert "Il ne manque aucune place" in plain(coordinator.get(f"/affectations/{run_id}/places-manquantes").text)


def test_a_refused_place_is_called_refused(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    land = deciding.here
    first = made(app, deciding, "first")
    with app.app_context():
        by = land.actor(Role.COORDINATOR)
        proposal = db.session.query(PlacementProposal).filter_by(run_id=first, slot_id=land.slot_ids[0]).one()
        services.refuse(proposal.id, "Non.", by=by)
        second = compute(land, "second", stable=False).id
        db.session.remove()
    page = plain(coordinator.get(f"/affectations/comparer?avant={first}&apres={second}").text)
    assert "Place refusée : Redonner vie aux vélos" in page
    assert "Places refusées depuis" in page
    assert "aucune, ou place refusée" not in page


def test_a_wish_shows_no_share_that_its_words_contradict(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    land = deciding.here

    def seen(score: float, rank: int | None) -> str:
        with app.app_context():
            with transaction():
                proposal = db.session.get_one(PlacementProposal, land.proposal_id)
                proposal.score, proposal.wish_rank = score, rank
            db.session.remove()
        return plain(coordinator.get(f"/propositions/{land.proposal_id}").text)

    assert "15 %" not in seen(0.15, 1)
    assert "son vœu et ses mots ne vont pas ensemble" in seen(0.15, 1)
    assert "80 %" in seen(0.8, 1)
    assert "15 %" in seen(0.15, None)


def test_who_is_left_reads_the_rule_and_who_holds_the_places(
    app: Flask, deciding: World, coordinator: FlaskClient
) -> None:
    run_id = made(app, deciding)
    page = plain(coordinator.get(f"/affectations/{run_id}/sans-place").text)
    assert "1 offre : 1 déjà complète." in page
    assert "Les 2 places possibles sont allées : 2 à des élèves qui les demandaient." in page
    assert "La règle qui a décidé :" in page
    assert "Pourquoi pas celle-ci" in page
    with app.app_context():
        row = db.session.query(UnplacedStudent).filter_by(run_id=run_id).one()
        assert row.figures["held_wished"] == 2
        assert rules.lost_to(row.rule)


def test_what_an_old_run_did_not_store_is_not_invented(app: Flask, deciding: World, coordinator: FlaskClient) -> None:
    page = plain(coordinator.get(f"/affectations/{deciding.here.run_id}").text)
    assert "Vérifi" not in page
    assert "equity-title" not in page
    with app.app_context():
        assert seal.verified({}) == []

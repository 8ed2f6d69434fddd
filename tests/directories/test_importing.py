"""From a file to the territory: shown, applied in one transaction, twice the same; what people wrote stays theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.audit.models import JournalEntry
from app.campaigns.models import Commune, Territory
from app.directories import queries, services
from app.directories.models import DirectoryImport, ReferenceEntry
from app.directories.planning import Plan
from app.directories.reading import Options
from app.directories.sources import Source
from app.hosts import services as hosts
from app.hosts.models import HostKind, HostOrganization, HostSite
from app.hosts.rules import Place
from app.hosts.states import HostState
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.schools.models import School
from tests.directories import excerpts
from tests.hosts.test_services import registration
from tests.world import Land, World, siret


def source(text: str) -> Source:
    return Source.of_bytes("fichier.csv", text.encode())


def drop(land: Land, text: str, options: Options | None = None) -> DirectoryImport:
    return services.drop(source(text), options or Options(), by=land.actor(Role.COORDINATOR))


def imported(land: Land, text: str, options: Options | None = None) -> Plan:
    by = land.actor(Role.COORDINATOR)
    return services.apply(services.drop(source(text), options or Options(), by=by), by=by)


def counts(plan: Plan) -> tuple[int, int, int]:
    return len(plan.created), len(plan.updated), plan.unchanged


def organization(name: str) -> HostOrganization:
    return db.session.scalars(select(HostOrganization).where(HostOrganization.name == name)).one()


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("text", "first"),
    [
        (excerpts.COMMUNES, (2, 0, 1)),
        (excerpts.SCHOOLS, (1, 1, 0)),
        (excerpts.SIAE, (2, 0, 0)),
        (excerpts.SIRENE, (1, 0, 0)),
        (excerpts.COMPANY_SEARCH, (1, 0, 0)),
    ],
    ids=["communes", "schools", "siae", "sirene", "company-search"],
)
def test_a_file_is_shown_then_applied_and_twice_changes_nothing(
    context: Flask, world: World, text: str, first: tuple[int, int, int]
) -> None:
    by = world.here.actor(Role.COORDINATOR)
    row = drop(world.here, text)
    assert counts(services.plan(row, by=by)) == first
    assert counts(services.apply(row, by=by)) == first
    assert row.reading is None
    again = imported(world.here, text)
    assert counts(again) == (0, 0, sum(first))
    with pytest.raises(Conflict):
        services.apply(row, by=by)


def test_a_plan_is_made_again_at_the_moment_of_the_yes(context: Flask, world: World) -> None:
    by = world.here.actor(Role.COORDINATOR)
    early, late = drop(world.here, excerpts.SIAE), drop(world.here, excerpts.SIAE)
    services.apply(late, by=by)
    assert counts(services.apply(early, by=by)) == (0, 0, 2)


def test_schools_are_updated_with_what_the_ministry_says(context: Flask, world: World) -> None:
    imported(world.here, excerpts.SCHOOLS)
    school = db.session.get_one(School, world.here.school_id)
    assert (school.address, school.phone) == ("51 rue René Cassin", "03 21 75 00 00")
    made = db.session.scalars(select(School).where(School.uai == "0622581U")).one()
    assert (made.priority_education, made.commune_id, made.territory_id) == (
        "REP",
        world.here.commune_id,
        world.here.territory_id,
    )
    assert counts(imported(world.here, excerpts.IPS)) == (0, 1, 0)
    assert school.ips == pytest.approx(95.1)


def test_a_shorter_list_only_fills_what_is_empty(context: Flask, world: World) -> None:
    short = (
        "uai;nom_etablissement;adresse;code_postal;commune\n0622795B;Clg Rabelais;1 autre rue;62253;Hénin-Beaumont\n"
    )
    imported(world.here, short)
    school = db.session.get_one(School, world.here.school_id)
    assert (school.name, school.postcode, school.address) == ("Collège François Rabelais", "62110", "1 autre rue")


def test_a_better_spelling_of_a_commune_is_kept_and_a_worse_one_is_not(context: Flask, world: World) -> None:
    heading = "insee;nom;code_postal;lat;lon\n"
    commune = db.session.get_one(Commune, world.here.commune_id)
    assert counts(imported(world.here, f"{heading}62427;HENIN BEAUMONT;62110;50.40923;2.959\n")) == (0, 0, 1)
    commune.name = "HENIN-BEAUMONT"
    db.session.commit()
    imported(world.here, f"{heading}62427;Hénin-Beaumont;62110;50.40923;2.959\n")
    assert commune.name == "Hénin-Beaumont"


def test_a_structure_to_call_is_nobodys_but_the_coordinations(context: Flask, world: World) -> None:
    imported(world.here, excerpts.SIAE)
    made = organization("LE FIL DOUX")
    assert (made.state, made.kind, made.mission) == (HostState.PROSPECT, HostKind.ACI, "Couture")
    assert [(s.siret, s.name, s.postcode) for s in made.sites] == [(siret(excerpts.A), "Le Fil doux", "62110")]
    lines = db.session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)).all()
    assert [line for line in lines if line.startswith(("host.", "directory."))] == [
        "host.list",
        "host.list",
        "directory.import",
    ]


def test_a_list_fills_what_is_empty_and_never_what_people_wrote(context: Flask, world: World) -> None:
    imported(world.here, excerpts.SIRENE)
    made = organization("LE FIL DOUX")
    assert (made.kind, made.mission) == (HostKind.ASSOCIATION, "")
    done = imported(world.here, excerpts.SIAE)
    assert counts(done) == (1, 1, 0)
    assert (made.kind, made.mission, made.sites[0].lat) == (HostKind.ACI, "Couture", pytest.approx(50.41))
    hosts.decide(made, "enlist", by=world.here.actor(Role.COORDINATOR))
    made.mission = "Nos propres mots"
    db.session.commit()
    changed = excerpts.SIAE.replace("Couture", "Autre chose")
    assert counts(imported(world.here, changed)) == (0, 0, 2)
    assert made.mission == "Nos propres mots"


def test_another_place_of_a_registered_structure_is_left_to_it(context: Flask, world: World) -> None:
    known = db.session.get_one(HostOrganization, world.here.organization_id)
    line = f"X;;ACI;{siret(known.siren or '', 77)};;;62110;Hénin-Beaumont;62;;;;;"
    done = imported(world.here, excerpts.siae(line))
    assert counts(done) == (0, 0, 0)
    assert "déjà inscrite" in done.left[0].reason


def test_a_structure_set_aside_stays_so_when_a_list_comes_back(context: Flask, world: World) -> None:
    imported(world.here, excerpts.SIAE)
    made = organization("LE FIL DOUX")
    hosts.decide(made, "set_aside", by=world.here.actor(Role.COORDINATOR), reason="fermée l’été dernier")
    assert counts(imported(world.here, excerpts.SIAE)) == (0, 0, 2)
    assert made.state is HostState.REFUSED


def test_an_import_that_breaks_half_way_writes_nothing(
    context: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = drop(world.here, excerpts.SIAE)
    real, calls = services._prospect, []

    def second_fails(*arguments: object) -> HostOrganization:
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("the disk is full")
        return real(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(services, "_prospect", second_fails)
    before = db.session.scalar(select(func.count()).select_from(HostSite))
    with pytest.raises(RuntimeError):
        services.apply(row, by=world.here.actor(Role.COORDINATOR))
    assert db.session.scalar(select(func.count()).select_from(HostSite)) == before
    assert db.session.get_one(DirectoryImport, row.id).reading is not None


def test_a_national_table_is_compared_on_the_page_and_stored_by_the_command(context: Flask, world: World) -> None:
    by = world.here.actor(Role.COORDINATOR)
    row = drop(world.here, excerpts.RIASEC)
    assert counts(services.plan(row, by=by)) == (2, 0, 0)
    with pytest.raises(Forbidden):
        services.apply(row, by=by)
    territory = db.session.get_one(Territory, world.here.territory_id)
    for expected in ((2, 0, 0), (0, 0, 2)):
        [(_found, done)] = services.import_file(territory, source(excerpts.RIASEC), Options(), dry_run=False)
        assert counts(done) == expected
    changed = excerpts.RIASEC.replace('"S","C"', '"S","E"')
    [(_found, done)] = services.import_file(territory, source(changed), Options(), dry_run=False)
    assert counts(done) == (0, 1, 1)
    assert {e.key: e.values["riasec_mineur"] for e in db.session.scalars(select(ReferenceEntry))} == {
        "K1224": "E",
        "K1203": "I",
    }


def test_what_one_coordinator_dropped_is_hidden_from_others(context: Flask, world: World) -> None:
    row = drop(world.here, excerpts.SIAE)
    with pytest.raises(Hidden):
        queries.pending(world.there.actor(Role.COORDINATOR), row.id)
    with pytest.raises(Forbidden):
        services.drop(source(excerpts.SIAE), Options(), by=world.here.actor(Role.TEACHER))


def test_a_file_that_says_nothing_is_refused_beside_its_field(context: Flask, world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        drop(world.here, "a;b\n1;2\n")
    assert set(refusal.value.fields) == {"file"}


def test_a_dropped_file_is_forgotten_after_a_day_or_at_once(context: Flask, world: World) -> None:
    by = world.here.actor(Role.COORDINATOR)
    services.abandon(drop(world.here, excerpts.SIAE), by=by)
    assert db.session.scalar(select(func.count()).select_from(DirectoryImport)) == 0
    row_id = drop(world.here, excerpts.SIAE).id
    services.forget_files()
    assert queries.pending(by, row_id)
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=True):
        services.forget_files()
    db.session.expire_all()
    with pytest.raises(Hidden):
        queries.pending(by, row_id)


@pytest.mark.both_engines
def test_a_structure_to_call_that_registers_itself_speaks_for_itself(app: Flask, world: World) -> None:
    with app.test_request_context():
        imported(world.here, excerpts.SIAE)
        made = organization("LE FIL DOUX")
        number, site_id = made.id, made.sites[0].id
        place = Place(siret(excerpts.A), "", "5 rue du Fil", world.here.commune_id)
        done = hosts.register(registration(world.here.commune_id, place=place), address="127.0.0.1")
        assert done is not None
        assert (done.id, done.state, done.name) == (number, HostState.REGISTERED, "Les Jardins du Carreau")
        assert [(s.id, s.address) for s in done.sites] == [(site_id, "5 rue du Fil")]
        assert [member.user.email for member in done.members] == ["awa@jardins.example"]
        with pytest.raises(Invalid, match="déjà inscrite"):
            again = registration(world.here.commune_id, place=place, request_key="clef-2")
            hosts.register(again, address="127.0.0.1")


def test_a_school_that_leaves_priority_education_is_said_to(context: Flask, world: World) -> None:
    territory = db.session.get_one(Territory, world.here.territory_id)
    school = db.session.get_one(School, world.here.school_id)
    school.uai, school.priority_education = "0622795B", "REP"
    db.session.commit()
    for written, expected in (("", "REP"), ("HORS EP", "")):
        text = f"uai;ep_2022_2023\n0622795B;{written}\n"
        services.import_file(territory, source(text), Options(), dry_run=False)
        assert school.priority_education == expected


def test_the_titles_of_an_imported_rome_are_offered_to_who_writes_an_offer(client: FlaskClient, world: World) -> None:
    def offered(typed: str) -> list[str]:
        return [item["label"] for item in client.get("/metiers/suggestions", query_string={"q": typed}).json]

    assert offered("verre") == offered("verrier") == []
    with client.application.app_context():
        territory = db.session.get_one(Territory, world.here.territory_id)
        for text in (excerpts.ROME, excerpts.TITLES):
            services.import_file(territory, source(text), Options(), dry_run=False)
    assert offered("VERRE souff") == ["Souffleur de verre"]
    assert offered("verrier") == ["Verrier d'art"]
    assert offered("ouffleur") == []
    assert len(offered("encadrant technique d'insertion")) == 1, "what the platform ships is told once"

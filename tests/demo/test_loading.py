"""`flask demo load`: what it puts in, that it does so once, and where it refuses to enter."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app import create_app
from app.access.policy import Role
from app.accounts import services as accounts
from app.accounts.models import User
from app.campaigns import queries as campaign_queries
from app.campaigns import rules as campaign_rules
from app.campaigns.models import Campaign, Territory
from app.campaigns.states import Phase
from app.demo import guests, loading, people, sources, tastes
from app.demo.calendar import WRITTEN, calendar_for, year_before
from app.demo.classes import DEFAULT_STUDENTS, headcounts
from app.hosts.states import HostState
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict
from app.kernel.geography import Point, road_km
from app.kernel.identifiers import parse_siren, parse_siret, parse_uai
from app.offers.models import PlacementOffer
from app.offers.states import OfferState
from app.schools.models import LegalGuardian, School, SchoolClass, SchoolWeek, Student
from app.settings import Settings
from app.wishes.models import InterestProfile, Wish, WishList, WishListState
from tests.conftest import Templates
from tests.world import World


def counts() -> dict[str, int]:
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in db.metadata.sorted_tables
    }


def weeks_of_school() -> dict[int, set[date]]:
    found: dict[int, set[date]] = {}
    for week in db.session.scalars(select(SchoolWeek)):
        found.setdefault(week.school_id, set()).add(week.monday)
    return found


def application(folder: Path) -> Flask:
    url = f"sqlite:///{folder / 'passerelle.db'}"
    return create_app(Settings(environment="test", instance=folder, database_url=url, jobs="off", tiles_url=""))


@pytest.fixture(scope="module")
def loaded_folder(sqlite_templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the demo in it, loaded once and copied for each test."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_templates.empty, folder / "passerelle.db")
    app = application(folder)
    with app.app_context():
        assert loading.load().created
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture
def demo(loaded_folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """The demo, in the context of its own application."""
    shutil.copytree(loaded_folder, tmp_path / "demo")
    app = application(tmp_path / "demo")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_facts_are_the_real_ones() -> None:
    schools, communes = sources.schools(), {c.insee for c in sources.communes()}
    assert len(schools) == len(communes) == 14
    assert sum(school.pupils_3e for school in schools) == 1722
    for school in schools:
        assert parse_uai(school.uai) == school.uai
        assert school.commune_insee in communes


def test_the_demo_is_what_the_readme_says(demo: Flask) -> None:
    rows = counts()
    assert rows["student"] == DEFAULT_STUDENTS
    assert rows["host_organization"] >= 90
    published = db.session.scalars(select(PlacementOffer).where(PlacementOffer.state == OfferState.PUBLISHED)).all()
    assert len(published) >= 180
    assert {state for (state,) in db.session.execute(select(PlacementOffer.state))} >= {
        OfferState.SUBMITTED,
        OfferState.SENT_BACK,
        OfferState.DRAFT,
    }
    roles = Counter(role for (role,) in db.session.execute(select(User.role)))
    assert roles[Role.HEAD] == 14
    assert roles[Role.HOST] == rows["host_organization"]
    assert roles[Role.ADMIN] == roles[Role.OBSERVER] == 1
    assert roles[Role.TEACHER] == rows["school_class"]
    states = Counter(state for (state,) in db.session.execute(select(WishList.state)))
    assert states[WishListState.SUBMITTED] > 0.7 * DEFAULT_STUDENTS
    assert rows["interest_profile"] > rows["wish_list"] > states[WishListState.SUBMITTED]
    assert rows["interest_profile"] < DEFAULT_STUDENTS
    without_mail = db.session.scalar(select(func.count()).where(LegalGuardian.email.is_(None))) or 0
    assert 0 < without_mail < rows["legal_guardian"] / 2


def test_a_second_load_changes_nothing(demo: Flask) -> None:
    before = counts()
    again = loading.load(full=True)
    assert not again.created
    assert again.students == DEFAULT_STUDENTS
    assert counts() == before


def test_two_machines_get_the_same_people() -> None:
    first, second = people.Cast("class", "0622795B"), people.Cast("class", "0622795B")
    assert [first.person() for _ in range(30)] == [second.person() for _ in range(30)]
    assert people.card_code("RABELA3A", "Lina", "Wojcik", 8) == people.card_code("RABELA3A", "Lina", "Wojcik", 8)


def test_full_brings_every_student_of_3e(context: Flask) -> None:
    schools = [School(uai=facts.uai) for facts in sources.schools()]
    full = {count.school.uai: count.students for count in headcounts(schools, full=True)}
    assert full == {facts.uai: facts.pupils_3e for facts in sources.schools()}
    default = {count.school.uai: count.students for count in headcounts(schools, full=False)}
    assert sum(default.values()) == DEFAULT_STUDENTS
    for uai, number in full.items():
        assert abs(default[uai] - number * DEFAULT_STUDENTS / 1722) < 1


def test_every_wish_is_one_the_student_could_make(demo: Flask) -> None:
    weeks = weeks_of_school()
    lists = db.session.scalars(
        select(WishList).options(
            joinedload(WishList.student).joinedload(Student.school_class),
            selectinload(WishList.wishes)
            .joinedload(Wish.offer)
            .options(
                selectinload(PlacementOffer.slots),
                joinedload(PlacementOffer.organization),
                joinedload(PlacementOffer.site),
            ),
        )
    ).all()
    profiles = {
        profile.student_id: profile
        for profile in db.session.scalars(select(InterestProfile).options(joinedload(InterestProfile.commune)))
    }
    for wish_list in lists:
        school_class, profile = wish_list.student.school_class, profiles[wish_list.student_id]
        assert [wish.rank for wish in wish_list.wishes] == list(range(1, len(wish_list.wishes) + 1))
        assert len(wish_list.wishes) <= 6
        assert (wish_list.submitted_at is not None) == (wish_list.state is WishListState.SUBMITTED)
        for wish in wish_list.wishes:
            offer = wish.offer
            assert offer.is_public
            assert school_class.level in offer.level_list
            assert weeks[school_class.school_id] & {slot.monday for slot in offer.slots}
            if profile.max_km is not None:
                assert profile.commune is not None
                assert road_km(profile.commune.point, offer.site.point) <= profile.max_km
    wanted = Counter(wish.offer_id for wish_list in lists for wish in wish_list.wishes)
    assert len(wanted) > 120, "wishes are spread over the territory"
    places = {
        offer.id: sum(slot.capacity for slot in offer.slots)
        for offer in db.session.scalars(select(PlacementOffer).options(selectinload(PlacementOffer.slots)))
    }
    assert sum(1 for offer_id, n in wanted.items() if n > places[offer_id]) > 30, "popular offers are oversubscribed"


def test_weeks_leave_about_enough_room(demo: Flask) -> None:
    """Students shared evenly among their school's weeks never exceed the places by half."""
    campaign = guests.campaign()
    students = Counter(
        db.session.scalars(select(SchoolClass.school_id).join(Student, Student.class_id == SchoolClass.id)).all()
    )
    asked: Counter[date] = Counter()
    for school_id, mondays in weeks_of_school().items():
        assert 1 <= len(mondays) <= 2
        assert mondays <= {week.monday for week in campaign.weeks}
        for monday in mondays:
            asked[monday] += students[school_id] / len(mondays)  # type: ignore[assignment]  # halves of students
    public = db.session.scalars(select(PlacementOffer).where(PlacementOffer.campaign_id == campaign.id)).all()
    for monday, number in asked.items():
        places = sum(s.capacity for offer in public if offer.is_public for s in offer.slots if s.monday == monday)
        assert number <= 1.5 * places


def test_structures_are_fictional_and_their_numbers_right(demo: Flask) -> None:
    for record in sources.organizations():
        assert record["siren"].startswith("999")
        assert parse_siren(record["siren"]) == record["siren"]
        assert all(parse_siret(site["siret"]) == site["siret"] for site in record["sites"])
        assert record["contact"]["email"].endswith(".example")
    for user in db.session.scalars(select(User).where(User.email.is_not(None))):
        assert user.email is not None
        assert user.email.endswith(".example"), "no real mailbox can ever be written to"


def test_unverified_structures_show_nothing(demo: Flask) -> None:
    offers = db.session.scalars(select(PlacementOffer).options(joinedload(PlacementOffer.organization))).all()
    waiting = [offer for offer in offers if offer.organization.state is HostState.REGISTERED]
    assert waiting
    assert {offer.state for offer in waiting} == {OfferState.SUBMITTED}


def test_last_year_can_be_taken_up_again(demo: Flask) -> None:
    current = guests.campaign()
    assert current.phase is Phase.WISHES
    past = db.session.scalars(select(Campaign).where(Campaign.phase == Phase.CLOSED)).one()
    assert past.publish_on < current.offers_open_on
    offers = db.session.scalars(select(PlacementOffer).where(PlacementOffer.campaign_id == past.id)).all()
    assert {offer.state for offer in offers} == {OfferState.CLOSED}
    assert len({offer.organization_id for offer in offers}) >= 3
    assert campaign_queries.current(guests.coordinator()) == current


def test_accounts_of_the_table_open_the_door(demo: Flask) -> None:
    seen = set()
    for line in guests.lines():
        user = (
            accounts.sign_in_with_password(line.identifier, line.secret, address="127.0.0.1")
            if "@" in line.identifier
            else accounts.sign_in_with_card(line.identifier, line.secret, address="127.0.0.1")
        )
        seen.add(user.role)
    assert seen == set(Role) - {Role.GUARDIAN}
    assert people.PASSWORD in guests.table()


def test_who_coordinates_is_shown_the_code_and_enters(demo: Flask) -> None:
    demo.config["WTF_CSRF_ENABLED"] = False
    demo.config["SETTINGS"].demo = True
    for email, home in ((loading.COORDINATORS[0], "/tableau-de-bord"), (loading.ADMIN, "/territoires")):
        client = demo.test_client()
        answer = client.post("/connexion/adresse", data={"email": email, "password": people.PASSWORD})
        assert answer.location == "/connexion/code"
        shown = re.search(r"data-demo-code>(\d{6})<", client.get("/connexion/code").text)
        assert shown is not None
        assert client.post("/connexion/code", data={"code": shown[1]}).location == "/"
        assert client.get("/").location == home


def test_a_remade_card_is_not_shown(demo: Flask) -> None:
    line = next(line for line in guests.lines() if "@" not in line.identifier)
    user = accounts.sign_in_with_card(line.identifier, line.secret, address="127.0.0.1")
    accounts.issue_card_code(user, line.identifier)
    db.session.commit()
    assert line.secret not in guests.table()


def test_the_territory_alone_holds_nobody(context: Flask) -> None:
    loaded = loading.load(territory_only=True)
    rows = {name: number for name, number in counts().items() if number}
    assert rows == {"territory": 1, "commune": 14, "school": 14}
    assert not db.session.scalars(select(Territory)).one().is_demo
    assert not loading.load(territory_only=True).created
    assert loaded.created


def test_the_demo_never_enters_a_real_territory(context: Flask) -> None:
    loading.load(territory_only=True)
    with pytest.raises(Conflict):
        loading.load()
    assert counts()["student"] == 0


def test_the_demo_never_joins_other_territories(app: Flask, world: World) -> None:
    with app.app_context():
        with pytest.raises(Conflict):
            loading.load()
        assert loading.load(territory_only=True).created


@pytest.mark.both_engines
def test_production_must_say_that_it_is_a_demo(context: Flask) -> None:
    secret = "x" * 40
    context.config["SETTINGS"] = Settings(environment="production", secret_key=secret, demo=False)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        loading.load()
    context.config["SETTINGS"] = Settings(environment="production", secret_key=secret, demo=True)  # type: ignore[arg-type]
    assert loading.load().created


def test_an_administrator_already_there_gets_no_twin(context: Flask) -> None:
    accounts.create_admin("claire@exemple.example", "Claire Morel", "une phrase longue et variée")
    loading.load()
    admins = db.session.scalars(select(User.email).where(User.role == Role.ADMIN)).all()
    assert admins == ["claire@exemple.example"]


@pytest.mark.parametrize(
    "today",
    [date(2026, 11, 22), date(2026, 9, 20), date(2026, 12, 20), date(2027, 3, 8), date(2027, 6, 20), date(2031, 1, 5)],
    ids=str,
)
def test_whenever_it_is_loaded_the_wishes_are_open(today: date) -> None:
    calendar = calendar_for(today, loading.is_stage_week)
    assert calendar.wishes_open_on <= today <= calendar.wishes_close_on < calendar.publish_on < calendar.mondays[0]
    assert today + timedelta(days=7) <= calendar.wishes_close_on
    assert len(set(calendar.mondays)) == len(WRITTEN)
    assert all(monday.weekday() == 0 and loading.is_stage_week(monday) for monday in calendar.mondays)
    first, last = campaign_rules.school_year_bounds(calendar.school_year)
    assert first <= calendar.mondays[0] <= calendar.mondays[-1] <= last + timedelta(days=7)
    before = year_before(calendar, loading.is_stage_week)
    assert before.school_year < calendar.school_year
    assert before.offers_open_on <= before.wishes_open_on < before.wishes_close_on <= before.publish_on


def test_in_autumn_2026_the_weeks_are_those_of_the_territory() -> None:
    assert calendar_for(date(2026, 11, 22), loading.is_stage_week).mondays == WRITTEN


def test_choices_follow_what_was_said() -> None:
    def offer(number: int, text: str, **more: object) -> tastes.Shown:
        facts: dict[str, object] = {
            "id": number,
            "sector": "SUPPORT",
            "stems": tastes.stems(text),
            "trade": frozenset(),
            "conditions": frozenset(),
            "levels": frozenset({"3e"}),
            "weeks": frozenset({WRITTEN[1]}),
            "point": Point(50.41, 2.95),
            "appeal": 0.0,
        }
        return tastes.Shown(**(facts | more))  # type: ignore[arg-type]

    shelf = tastes.Shelf(
        [
            offer(1, "des vélos à réparer", trade=tastes.stems("mécanique vélo"), sector="MOBILITE"),
            offer(2, "des comptes à tenir"),
            offer(3, "des vélos aussi", weeks=frozenset({WRITTEN[3]}), sector="MOBILITE"),
            offer(4, "des vélos loin", point=Point(50.9, 2.95), sector="MOBILITE"),
            offer(5, "des vélos en seconde", levels=frozenset({"2de"}), sector="MOBILITE"),
            *[offer(number, "autre chose") for number in range(10, 30)],
        ]
    )
    said = sources.Words("la mécanique de mon vélo", "", ("19",), (), ())
    chosen = shelf.choose(
        said,
        home=Point(50.41, 2.95),
        max_km=10,
        level="3e",
        weeks=[WRITTEN[1]],
        number=30,
        rng=people.stream("test"),
    )
    assert chosen[0] == 1
    assert not {3, 4, 5} & set(chosen)


def test_no_moment_lies_in_the_future(demo: Flask) -> None:
    now = clock.now()
    assert all(moment <= now for moment in db.session.scalars(select(PlacementOffer.created_at)))
    assert all(moment is None or moment <= now for moment in db.session.scalars(select(WishList.submitted_at)))

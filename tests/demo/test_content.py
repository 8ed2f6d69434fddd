"""The fictional structures and offers of the demo: lawful, complete, balanced, and each written on its own."""

import json
import math
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from stdnum import luhn
from stdnum.fr import siren, siret

from app.demo import sources
from app.hosts.kinds import EssFamily, HostKind
from app.hosts.rules import LEGAL_FORMS
from app.occupations import reference
from app.offers.rules import LIMITS
from app.regulations.rules import Schedule, check, ordinary_student

DATA = Path(sources.__file__).parent / "data"
SHINGLE = 8
MONDAYS = {"2026-12-14", "2027-01-25", "2027-02-01", "2027-02-08"}
ORGANIZATION_FIELDS = {
    *("key", "name", "siren", "legal_form", "family", "kind", "mission", "ess_sentence"),
    *("employees", "contact", "sites"),
}
SITE_FIELDS = {"name", "siret", "address", "postcode", "commune_insee", "lat", "lon", "access"}
OFFER_FIELDS = {
    *("organization", "site", "title", "description", "sector", "occupations", "conditions", "levels"),
    *("weeks", "hours", "lunch", "dress", "tutor", "state"),
}
KIND_FORMS = {
    "aci": {"9220", "9221"},
    "ai": {"9222"},
    "mutuelle": {"8210", "6411"},
    "fondation": {"9300"},
    "scop": {"5458", "5558", "5710"},
    "scic": {"5460", "5560", "5710"},
}
# Masculine or feminine words that would speak to half of the readers only.
GENDERED = re.compile(
    r"\btu (?:es|seras|restes|te sens|arrives) (?:\w+é|\w+ée|prêt|prête|seul|seule|assis|assise|content|contente)\b"
)
FORBIDDEN = re.compile(r"\bau bar\b|tu (?:conduis|soudes|tronçonnes)|tu montes sur|pyrograv|tu tonds", re.IGNORECASE)

Record = dict[str, Any]


def read(name: str) -> list[Record]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def organizations() -> list[Record]:
    return read("organizations.jsonl")


@pytest.fixture(scope="module")
def offers() -> list[Record]:
    return read("offers.jsonl")


@pytest.fixture(scope="module")
def texts(organizations: list[Record], offers: list[Record]) -> list[str]:
    """Every French sentence of both files."""
    found = []
    for o in organizations:
        found += [o["name"], o["mission"], o["ess_sentence"], o["contact"]["role"]]
        found += [site[field] for site in o["sites"] for field in ("name", "address", "access")]
    for offer in offers:
        found += [offer["title"], offer["description"], offer["lunch"], offer["dress"], offer["tutor"]["role"]]
        found.append(offer.get("sent_back_reason", ""))
    return found


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def repeated(values: list[Any]) -> list[Any]:
    return [value for value, times in Counter(values).items() if times > 1]


def kilometres(lat: float, lon: float, commune: sources.CommuneFacts) -> float:
    east = (lon - commune.lon) * math.cos(math.radians(commune.lat))
    return 111.2 * math.hypot(lat - commune.lat, east)


# --- structures ------------------------------------------------------------------------------------------------


def test_structures_have_every_field(organizations: list[Record]) -> None:
    assert len(organizations) >= 95
    for o in organizations:
        assert set(o) == ORGANIZATION_FIELDS, o["key"]
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", o["key"])
        assert 1 <= o["employees"] <= 500
        assert 1 <= len(o["sites"]) <= 3
        assert all(set(site) == SITE_FIELDS for site in o["sites"]), o["key"]


def test_structures_are_told_apart(organizations: list[Record]) -> None:
    for field in ("key", "name", "siren", "mission", "ess_sentence"):
        assert repeated([o[field] for o in organizations]) == [], field
    sites = [site for o in organizations for site in o["sites"]]
    for field in ("siret", "address", "access"):
        assert repeated([site[field] for site in sites]) == [], field
    assert repeated([(site["lat"], site["lon"]) for site in sites]) == []


def test_numbers_are_valid_and_belong_to_nobody(organizations: list[Record]) -> None:
    for o in organizations:
        assert o["siren"].startswith("999")
        assert siren.is_valid(o["siren"]), o["key"]
        for site in o["sites"]:
            assert siret.is_valid(site["siret"])
            assert luhn.is_valid(site["siret"])
            assert site["siret"].startswith(o["siren"])


def test_people_cannot_be_reached(organizations: list[Record]) -> None:
    """Only numbers that Arcep keeps for fiction, and the reserved domain of RFC 2606."""
    for o in organizations:
        assert re.fullmatch(r"03 53 01 \d\d \d\d", o["contact"]["phone"]), o["key"]
        assert re.fullmatch(r"[a-z.-]+@[a-z0-9-]+\.example", o["contact"]["email"]), o["key"]
    assert repeated([o["contact"]["email"] for o in organizations]) == []
    assert repeated([o["contact"]["phone"] for o in organizations]) == []


def test_family_kind_and_legal_form_agree(organizations: list[Record]) -> None:
    for o in organizations:
        assert EssFamily(o["family"]) in LEGAL_FORMS[o["legal_form"]][1], o["key"]
        assert o["legal_form"] in KIND_FORMS.get(o["kind"], {o["legal_form"]}), o["key"]
    assert {o["kind"] for o in organizations} == {kind.value for kind in HostKind}
    families = Counter(o["family"] for o in organizations)
    assert set(families) == {family.value for family in EssFamily} - {"public", "other"}
    assert min(families.values()) >= 3


def test_every_commune_has_structures_in_proportion(organizations: list[Record]) -> None:
    communes = {commune.insee: commune for commune in sources.communes()}
    sites = Counter(site["commune_insee"] for o in organizations for site in o["sites"])
    assert set(sites) == set(communes)
    inhabitants = sum(commune.inhabitants for commune in communes.values())
    for insee, commune in communes.items():
        fair = sites.total() * commune.inhabitants / inhabitants
        assert abs(sites[insee] - fair) <= 3, f"{commune.name}: {sites[insee]} sites for {fair:.1f}"


def test_sites_stand_in_their_commune(organizations: list[Record]) -> None:
    communes = {commune.insee: commune for commune in sources.communes()}
    for o in organizations:
        for site in o["sites"]:
            commune = communes[site["commune_insee"]]
            assert site["postcode"] == commune.postcode
            assert kilometres(site["lat"], site["lon"], commune) <= 1.25, o["key"]


def test_one_plain_sentence_says_what_is_ess(organizations: list[Record]) -> None:
    for o in organizations:
        sentence = o["ess_sentence"]
        assert sentence.endswith("."), o["key"]
        assert not re.search(r"[.?] ", sentence), o["key"]
        assert 60 <= len(sentence) <= 200, (o["key"], len(sentence))
        assert len(re.findall(r"\.(?: |$)", o["mission"])) in (2, 3), o["key"]


# --- offers ----------------------------------------------------------------------------------------------------


def test_offers_have_every_field(organizations: list[Record], offers: list[Record]) -> None:
    sites = {o["key"]: len(o["sites"]) for o in organizations}
    assert len(offers) >= 205
    for offer in offers:
        expected = OFFER_FIELDS | ({"sent_back_reason"} if offer["state"] == "sent_back" else set())
        assert set(offer) == expected, offer["title"]
        assert 0 <= offer["site"] < sites[offer["organization"]], offer["title"]
        assert offer["tutor"]["name"]
        assert offer["tutor"]["role"]
        assert offer["lunch"].endswith(".")
        assert offer["dress"].endswith(".")


def test_every_structure_offers_one_to_four(organizations: list[Record], offers: list[Record]) -> None:
    counts = Counter(offer["organization"] for offer in offers)
    assert set(counts) == {o["key"] for o in organizations}
    assert max(counts.values()) <= 4
    used = {(offer["organization"], offer["site"]) for offer in offers}
    assert used == {(o["key"], index) for o in organizations for index in range(len(o["sites"]))}


def test_codes_are_those_of_the_reference_tables(offers: list[Record]) -> None:
    occupations, conditions = reference.occupations(), reference.conditions()
    for offer in offers:
        assert 1 <= len(offer["occupations"]) <= 3
        assert set(offer["occupations"]) <= set(occupations), offer["title"]
        assert 2 <= len(offer["conditions"]) <= 6
        assert set(offer["conditions"]) <= set(conditions), offer["title"]
        assert repeated(offer["occupations"]) == repeated(offer["conditions"]) == []
        assert offer["levels"] in (["3e"], ["4e", "3e"])
    assert {offer["sector"] for offer in offers} == set(reference.sectors())
    assert {code for offer in offers for code in offer["occupations"]} == set(occupations)
    assert {code for offer in offers for code in offer["conditions"]} == set(conditions)


def test_hours_are_lawful_under_fifteen(offers: list[Record]) -> None:
    for offer in offers:
        hours = sources.week_hours(offer)
        for level in offer["levels"]:
            for monday in offer["weeks"]:
                schedule = Schedule.for_week(date.fromisoformat(monday), hours)
                assert check(schedule, ordinary_student(level, schedule.dates[0])) == (), offer["title"]
        assert hours.minutes <= 30 * 60


def test_places_are_enough_and_small(offers: list[Record]) -> None:
    total: Counter[str] = Counter()
    for offer in offers:
        assert offer["weeks"]
        assert set(offer["weeks"]) <= MONDAYS, offer["title"]
        assert all(1 <= places <= 3 for places in offer["weeks"].values()), offer["title"]
        total.update(offer["weeks"])
    assert all(date.fromisoformat(monday).weekday() == 0 for monday in MONDAYS)
    assert 560 <= total.total() <= 640
    assert set(total) == MONDAYS
    ones = sum(places == 1 for offer in offers for places in offer["weeks"].values())
    assert ones > 0.7 * sum(len(offer["weeks"]) for offer in offers)


def test_most_offers_are_published(offers: list[Record]) -> None:
    states = Counter(offer["state"] for offer in offers)
    assert set(states) == {"published", "submitted", "draft", "sent_back"}
    assert 6 <= states["submitted"] <= 10
    assert 3 <= states["draft"] <= 5
    assert 2 <= states["sent_back"] <= 4
    assert all(len(offer["sent_back_reason"]) > 40 for offer in offers if offer["state"] == "sent_back")


# --- the texts -------------------------------------------------------------------------------------------------


def test_descriptions_have_sixty_to_a_hundred_and_twenty_words(offers: list[Record]) -> None:
    for offer in offers:
        length = len(re.findall(r"\w+(?:[’-]\w+)*", offer["description"]))
        assert 60 <= length <= 120, (offer["title"], length)
        assert all(len(offer[field]) <= LIMITS[field] for field in ("title", "description", "lunch", "dress"))
        assert re.search(r"\b(tu|te|t’|toi|ton|ta|tes)", offer["description"].lower()), offer["title"]


def test_nothing_is_written_twice(offers: list[Record]) -> None:
    """No run of eight words in two descriptions; no title, lunch or dress sentence used again."""
    for field in ("title", "description", "lunch", "dress"):
        assert repeated([offer[field].lower() for offer in offers]) == [], field
    owners = defaultdict(set)
    for offer in offers:
        run = words(offer["description"])
        for start in range(len(run) - SHINGLE + 1):
            owners[tuple(run[start : start + SHINGLE])].add(offer["title"])
    shared = {" ".join(shingle): titles for shingle, titles in owners.items() if len(titles) > 1}
    assert shared == {}


def test_descriptions_do_not_start_alike(offers: list[Record]) -> None:
    assert repeated([tuple(words(offer["description"])[:3]) for offer in offers]) == []


def test_typography_is_french(texts: list[str]) -> None:
    for text in texts:
        assert "'" not in text, text
        assert "!" not in text, text
        assert "  " not in text, text
        assert text == text.strip()
        assert "·" not in text, text
        assert not re.search(r"[^\s][;:?»](?:\s|$)|«[^ ]", text), text
        assert not re.search(r"\w\(e\)|\b[A-ZÉÈÀ]{6,}\b", text), text


def test_words_suit_every_student_and_the_law(offers: list[Record]) -> None:
    for offer in offers:
        text = " ".join((offer["title"], offer["description"], offer["lunch"], offer["dress"]))
        assert not GENDERED.search(text.lower()), offer["title"]
        assert not FORBIDDEN.search(text), offer["title"]

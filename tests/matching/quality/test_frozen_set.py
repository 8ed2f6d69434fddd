"""The graded sets were frozen before tuning; a changed label means a new set and new figures."""

import hashlib
from pathlib import Path

FROZEN = {
    "offers.jsonl": "fcddf856bdc016667c19352237ccaf11870c69f27d1dfb7918feaf4ccc9824cc",
    "pupils.jsonl": "de13441700e67a0293634045804fe19d64e8f004e2310023730304f0687c4f34",
    "second/offers.jsonl": "0ee2b245f531e51b63d85ec895295c047e9d4d2c7c5c83001ca0c895bdd4aa52",
    "second/pupils.jsonl": "13f654702516bda5e1f4ef4f0d38f8d85aee51a6664103b913e2a466dee7d9cf",
    "second/refusals.jsonl": "aef30fc87fd033f4b1699924edb3fa8dbe748b206d1d25e5a8c9c9afc9eea50f",
}


def test_the_sets_are_the_ones_frozen_before_tuning():
    here = Path(__file__).parent
    assert {name: hashlib.sha256((here / name).read_bytes()).hexdigest() for name in FROZEN} == FROZEN

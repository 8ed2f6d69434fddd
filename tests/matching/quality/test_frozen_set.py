"""The development set was frozen before tuning; a changed label means a new set and new figures."""

import hashlib
from pathlib import Path

FROZEN = {
    "offers.jsonl": "fcddf856bdc016667c19352237ccaf11870c69f27d1dfb7918feaf4ccc9824cc",
    "pupils.jsonl": "de13441700e67a0293634045804fe19d64e8f004e2310023730304f0687c4f34",
}


def test_the_development_set_is_the_one_frozen_before_tuning():
    here = Path(__file__).parent
    assert {name: hashlib.sha256((here / name).read_bytes()).hexdigest() for name in FROZEN} == FROZEN

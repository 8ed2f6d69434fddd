"""What is taken out of the texts of others: a person's name and numbers, in the ways people write them."""

from __future__ import annotations

import pytest

from app.kernel.holdings import ERASED, Subject, SubjectKind

PARENT = Subject(SubjectKind.GUARDIAN, 1, 1, full_names=("Żaneta Kowalczyk",), phones=("06 98 76 54 32",))


@pytest.mark.parametrize(
    "written",
    [
        "06 98 76 54 32",
        "0698765432",
        "06.98.76.54.32",
        "06-98-76-54-32",
        "+33 6 98 76 54 32",
        "+33698765432",
        "0033 6 98 76 54 32",
        "+33 (0)6 98 76 54 32",
        "06\u202f98\u00a076 54 32",
        "żaneta kowalczyk",
        "KOWALCZYK Żaneta",
        "Żaneta\u00a0Kowalczyk",
    ],
)
def test_a_parent_leaves_a_note(written: str) -> None:
    assert PARENT.redact(f"Joindre {written}, le soir") == f"Joindre {ERASED}, le soir"


@pytest.mark.parametrize("other", ["06 98 76 54 33", "06987654321", "10698765432", "Kowalczyk", "Żaneta Kowalczykowa"])
def test_another_stays(other: str) -> None:
    assert PARENT.redact(f"Joindre {other}") == f"Joindre {other}"


def test_a_number_typed_abroad_is_the_same() -> None:
    abroad = Subject(SubjectKind.CONTACT, 1, 1, phones=("+33 6 98 76 54 32",))
    assert abroad.redact({"note": ["06 98 76 54 32", "112"]}) == {"note": [ERASED, "112"]}

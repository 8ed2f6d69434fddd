"""100,000 schedules, two readings of the law. `make schedules` runs them all; an ordinary run, a sample."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.regulations.rules import Days, Finding, Minutes, check
from tests.regulations.generated import SIZE, case_from
from tests.regulations.oracle import verdicts

EXAMPLES = int(os.environ.get("SCHEDULES", "3000"))
_FIGURES = {
    ("HRS-1", "long"): "worked",
    ("HRS-2", "long"): "worked",
    ("HRS-3", "stretch"): "worked",
    ("HRS-3", "pause"): "pause",
    ("HRS-5", "short"): "rest",
    ("HRS-7", "short"): "worked",
    ("CAL-2", "week"): "days",
    ("CAL-2", "total"): "days",
    ("CAL-2", "short"): "days",
    ("LVL-2", "partial"): "days",
}


def figure(finding: Finding) -> int:
    name = _FIGURES.get((finding.rule, finding.case))
    if name is None:
        return 0
    value = finding.figures[name]
    assert isinstance(value, Minutes | Days)
    return value.value


@pytest.mark.timeout(3600)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.binary(min_size=SIZE, max_size=SIZE))
def test_the_engine_and_the_table_agree(data: bytes) -> None:
    case = case_from(data)
    findings = check(case.schedule, case.subject, case.context)
    said = [((f.rule, f.case, f.day), figure(f)) for f in findings]
    assert sorted(said, key=repr) == sorted(verdicts(case.schedule, case.subject, case.context), key=repr)

"""Rules are dated data: next year's text is one more version; nonsense is refused with a sentence."""

from __future__ import annotations

import io
from datetime import date, timedelta
from itertools import pairwise

import pytest

from app.regulations import catalogue, extraction
from app.regulations.catalogue import SHAPES, Catalogue, CatalogueError, read
from app.regulations.rules import Context, Interval, Schedule, Severity, Subject, WeekHours, check

HEAD = 'title = "Nuit"\nfield = "schedule"\n'
CASES = """
[rule.cases.early]
articles = ["L3163-1"]
sentence = "Pas avant %(limit)s."
[rule.cases.late]
articles = ["L3163-1"]
sentence = "Pas après %(limit)s."
"""


def night(latest: str = "20:00:00", since: str = "2019-01-01", until: str = "", severity: str = "block") -> str:
    end = f"valid_until = {until}\n" if until else ""
    return (
        f'[[rule]]\nid = "HRS-4"\n{HEAD}severity = "{severity}"\nvalid_from = {since}\n{end}'
        f"[[rule.bands]]\nlimits = {{ earliest = 06:00:00, latest = {latest} }}\n{CASES}"
    )


def with_band(more: str, below: str = "") -> str:
    """One more band, until 22 h."""
    band = f"[[rule.bands]]\n{more}\nlimits = {{ earliest = 06:00:00, latest = 22:00:00 }}\n[rule.cases.early]"
    return night().replace("limits =", f"{below}limits =", 1).replace("[rule.cases.early]", band)


class TestNextYear:
    """The evening moves to 19 h on 1 February 2027: one more version, no line of code."""

    rules = read({"night.toml": night(until="2027-01-31") + night("19:00:00", since="2027-02-01", severity="warn")})
    evening = WeekHours.uniform([Interval.at("16:00", "19:30")], [0])

    def found(self, monday: date, on: date | None = None) -> list[Severity]:
        schedule = Schedule.for_week(monday, self.evening)
        return [f.severity for f in check(schedule, Subject(None, "3e"), rules=self.rules, on=on)]

    def test_each_day_is_read_with_the_text_of_that_day(self) -> None:
        assert self.found(date(2027, 1, 25)) == []
        assert self.found(date(2027, 2, 1)) == [Severity.WARN]

    def test_the_texts_of_one_date_may_be_asked_for(self) -> None:
        assert self.found(date(2027, 2, 1), on=date(2027, 1, 31)) == []
        assert self.found(date(2027, 1, 25), on=date(2027, 2, 1)) == [Severity.WARN]

    def test_before_the_first_text_and_after_the_last_there_is_no_rule(self) -> None:
        assert self.rules.on(date(2018, 12, 31)) == {}
        ended = read({"night.toml": night(until="2027-01-31")})
        assert set(ended.on(date(2027, 1, 31))) == {"HRS-4"}
        assert ended.on(date(2027, 2, 1)) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[rule", "night.toml"),
        (night().replace("HRS-4", "HRS-9"), "the engine knows no rule HRS-9"),
        (night(until="2026-12-31") + night(since="2026-12-31"), "two versions are in force on 2026-12-31"),
        (night() + night(since="2027-01-01"), "two versions are in force on 2027-01-01"),
        (night(until="2026-12-30") + night(since="2027-01-01"), "no version between 2026-12-30 and 2027-01-01"),
        (night(until="2018-12-31"), "valid_until comes before valid_from"),
        (night().replace("%(limit)s", "%(hour)s", 1), "figures that the engine has not: ['hour']"),
        (night().replace("[rule.cases.late]", "[rule.cases.tard]"), "case 'tard' is unknown"),
        (night()[: night().index("[rule.cases.late]")], "cases without a sentence: ['late']"),
        (night().replace("latest = 20:00:00", "latest = 20"), "limit 'latest' must be a time"),
        (night().replace("latest =", "last ="), "limits ['earliest', 'last']"),
        (night().replace("limits =", "below = 16\nlimits ="), "the bands do not cover every age"),
        (night().replace("limits =", 'levels = ["3e"]\nlimits ='), "no band holds for everybody"),
        (with_band("from = 16", below="below = 15\n"), "a gap between 15 and 16 years"),
        (with_band('switch = "x"'), "the switch 'x' is not declared"),
        (night(severity="perhaps"), "severity"),
        (night().replace('title = "Nuit"', 'title = "Nuit"\nfine = 750'), "fine: Extra inputs"),
        (night().replace('articles = ["L3163-1"]', "articles = []", 1), "articles"),
    ],
)
def test_nonsense_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(CatalogueError) as refusal:
        read({"night.toml": text})
    assert words in str(refusal.value)


def test_a_refusal_names_the_rule_and_its_version() -> None:
    with pytest.raises(CatalogueError, match=r"night\.toml: HRS-4, from 2027-01-01.*severity"):
        read({"night.toml": night(until="2026-12-31") + night(since="2027-01-01", severity="perhaps")})


class TestTheProduct:
    rules = catalogue.current()

    def test_every_rule_which_the_engine_reads_is_in_force(self) -> None:
        for day in (date(2026, 9, 1), date(2027, 6, 30), date(2035, 1, 1)):
            assert set(self.rules.on(day)) == set(SHAPES)

    @pytest.mark.parametrize("rule", catalogue.current().rules, ids=lambda rule: rule.id)
    def test_a_younger_student_is_never_less_protected(self, rule: catalogue.Rule) -> None:
        """So that a student whose age is unknown may be read as the youngest."""
        protective = {"HRS-1": -1, "HRS-2": -1, "HRS-5": 1}
        for switches in (frozenset[str](), self.rules.default_switches, frozenset(self.rules.switches)):
            for level in ("4e", "3e", "2de"):
                bands = [rule.band(age, level, switches) for age in (None, 13, 14, 15, 16, 17)] if rule.bands else []
                for younger, older in pairwise(bands):
                    if rule.id in protective:
                        assert protective[rule.id] * younger["minutes"] >= protective[rule.id] * older["minutes"]
                    elif rule.id == "HRS-4":
                        assert younger["latest"] <= older["latest"]
                        assert younger["earliest"] >= older["earliest"]
                    else:
                        assert younger == older

    def test_sentences_end_as_sentences_and_keep_french_signs(self) -> None:
        for rule in self.rules.rules:
            for case in rule.cases.values():
                assert case.sentence.endswith("."), rule.id
                assert "'" not in case.sentence, rule.id
                assert "!" not in case.sentence, rule.id

    def test_thirty_hours_below_fifteen_hold_unless_switched_off(self) -> None:
        assert self.rules.default_switches == {"thirty_hours_below_15"}

    def test_a_switch_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(CatalogueError, match="nine_hours"):
            check(Schedule(), Subject(None, "3e"), Context(switches=frozenset({"nine_hours"})))

    def test_sentences_are_extracted_for_translators(self) -> None:
        text = '[[rule]]\nid = "X"\n[rule.cases.long]\narticles = ["a"]\nsentence = "Trop long : %(limit)s."\n'
        assert list(extraction.sentences(io.BytesIO(text.encode()), (), (), {})) == [
            (5, "gettext", "Trop long : %(limit)s.", ["X long"])
        ]


def test_a_catalogue_knows_where_it_changes() -> None:
    rules = read({"a": night(until="2026-12-31"), "b": night("19:00:00", since="2027-01-01")})
    assert isinstance(rules, Catalogue)
    days = [date(2026, 12, 31) + timedelta(days=n) for n in range(2)]
    assert [rules.on(day)["HRS-4"].band(None, "3e", frozenset())["latest"] for day in days] == [1200, 1140]

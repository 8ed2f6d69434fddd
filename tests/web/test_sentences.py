"""Every sentence that a family may meet, in every language, with its names, its numbers and its plurals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from flask import Flask
from flask_babel import ngettext

from app.web.languages import LANGUAGES, speaking
from scripts import sentences

OTHERS = [code for code in LANGUAGES if code != "fr"]
FOREIGN = [code for code in OTHERS if not code.startswith("fr")]

# The same word, or no word at all.
SAME = {" · Passerelle", "Passerelle", "Menu", "%(start)s – %(end)s"}
SAME_IN = {"pt": {"Menu principal"}, "it": {"No"}}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")


@pytest.fixture(scope="module")
def french() -> dict[sentences.Sentence, list[str]]:
    return sentences.sentences()


def _pairs(message: Message) -> Iterator[tuple[str, str]]:
    """(French, translation) of a message; of a plural, each form with the French that it stands for."""
    if isinstance(message.id, str):
        yield message.id, str(message.string)
    else:
        yield from ((message.id[min(n, 1)], form) for n, form in enumerate(message.string))


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_there(code: str, french: dict[sentences.Sentence, list[str]]) -> None:
    catalog = sentences.read(code)
    assert [m.id for m in catalog if m.id] == list(french), "run `make sentences`"
    assert sentences.missing(catalog) == []


@pytest.mark.parametrize("code", OTHERS)
def test_the_file_is_what_the_script_writes(code: str) -> None:
    assert sentences.path_of(code).read_bytes() == sentences.written(code, sentences.updated(code))


@pytest.mark.parametrize("code", OTHERS)
def test_names_and_numbers_stay_in_place(code: str) -> None:
    wrong = []
    for message in sentences.read(code):
        for said, translated in _pairs(message) if message.id else ():
            wanted, given = set(_PLACEHOLDER.findall(said)), set(_PLACEHOLDER.findall(translated))
            # « un », « deux » : the form of a plural may say the number in letters.
            if given - wanted - {"num"} or (wanted - given) - ({"num"} if isinstance(message.id, tuple) else set()):
                wrong.append((said, translated))
    assert wrong == []


@pytest.mark.parametrize("code", FOREIGN)
def test_nothing_is_left_in_french(code: str) -> None:
    left = [
        said
        for message in sentences.read(code)
        for said, translated in (_pairs(message) if message.id else ())
        if translated == said and said not in SAME | SAME_IN.get(code, set())
    ]
    assert left == []


def test_easy_french_is_easy() -> None:
    """Short sentences, no « ne … que », no semicolon; and most of it was written again."""
    catalog = sentences.read("fr-facile")
    texts = [(str(m.id), str(m.string)) for m in catalog if isinstance(m.id, str) and m.id]
    long = [
        sentence
        for _said, text in texts
        for sentence in re.split(r"[.?:]\s", re.sub(r"%\(\w+\)s", "X", text))
        if len(sentence.split()) > 15
    ]
    assert long == []
    assert not [text for _said, text in texts if re.search(r"\b(ne|n’)\b.*\bque\b|;", text)]
    assert sum(said != text for said, text in texts) > len(texts) / 2


@pytest.mark.parametrize(("code", "forms"), [("en", 2), ("it", 2), ("pt", 2), ("fr-facile", 2), ("pl", 3), ("ar", 6)])
def test_plurals_have_their_forms(app: Flask, code: str, forms: int) -> None:
    catalog = sentences.read(code)
    assert catalog.num_plurals == forms
    assert all(len(m.string) == forms for m in catalog if isinstance(m.id, tuple))
    with app.app_context(), speaking(code):
        said = {n: ngettext("Une nouvelle", "%(num)s nouvelles de Passerelle", n) for n in (1, 2, 3, 11)}
    assert len(set(said.values())) == 4
    assert "11" in said[11]

"""The languages in which a family may read: French first, easy French, and five others, one of them right to left.

The sentences are in `app/translations/<code>.po`, read as they are: there is no compiled file to forget. A sentence
that a language does not have yet appears in French.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, force_locale, get_domain, get_locale

FOLDER = Path(__file__).resolve().parent.parent / "translations"


@dataclass(frozen=True, slots=True)
class Language:
    """`name` in its own words; `locale` writes its dates and numbers."""

    code: str
    name: str
    locale: str


FRENCH = Language("fr", "Français", "fr")
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        FRENCH,
        Language("fr-facile", "Français facile", "fr"),
        Language("en", "English", "en_GB"),
        Language("ar", "العربية", "ar_MA"),
        Language("pl", "Polski", "pl"),
        Language("it", "Italiano", "it"),
        Language("pt", "Português", "pt_PT"),
    )
}


class _Catalogue(Domain):
    """Flask-Babel's domain for one language."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    def get_translations(self) -> NullTranslations:
        return catalogue(self.code)


@cache
def catalogue(code: str) -> NullTranslations:
    """The sentences of a language; French is the source and has none."""
    path = FOLDER / f"{code}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        sentences = read_po(file, locale=LANGUAGES[code].locale)
    compiled = BytesIO()
    write_mo(compiled, sentences)
    compiled.seek(0)
    return Translations(compiled)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """What is written inside is in this language; an unknown code means French. Needs an application context."""
    language = LANGUAGES.get(code, FRENCH)
    before = get_domain()
    with force_locale(language.locale):
        _Catalogue(language.code).as_default()
        try:
            yield
        finally:
            before.as_default()


def tag() -> str:
    """The `lang` attribute of the page being written."""
    return str(get_locale() or FRENCH.locale).replace("_", "-")


def direction() -> str:
    locale = get_locale()
    return locale.text_direction if locale else "ltr"

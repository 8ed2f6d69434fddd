"""The languages in which a family may read: French first, easy French, and five others, one of them right to left.

The sentences are in `app/translations/<code>.po`, read as they are: there is no compiled file to forget. A sentence
that a language does not have yet appears in French. `scripts/sentences.py` keeps the files in line with the pages.

`speaking(code)` is for what is written for somebody else (a mail, a document); `listen(code)` is for who is asking: the
page, its refusals and its flashes follow until the request ends. `?langue=pl` shows any such page once in Polish.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Domain, force_locale, get_domain, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from app.web.elision import elided

FOLDER = Path(__file__).resolve().parent.parent / "translations"


@dataclass(frozen=True, slots=True)
class Language:
    """`name` in its own words; `locale` writes its dates and numbers."""

    code: str
    name: str
    locale: str

    @property
    def tag(self) -> str:
        return self.locale.partition("_")[0]


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

    def gettext(self, string: str, **variables: Any) -> str:
        sentence = self.get_translations().ugettext(string)
        return _said(sentence, variables) % isolated(variables) if variables else sentence

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        variables = {"num": num, **variables}
        return _said(self.get_translations().ungettext(singular, plural, num), variables) % isolated(variables)


def _said(sentence: str, variables: dict[str, Any]) -> str:
    """The sentence as it sounds before these values: « d’Enzo » in French, and as it is written elsewhere."""
    return elided(sentence, variables) if tag() == FRENCH.tag else sentence


@pass_context
def _gettext(context: Context, string: str, **variables: Any) -> str:
    """`_(…)` of templates."""
    return _filled(context, get_domain().get_translations().ugettext(string), variables)


@pass_context
def _ngettext(context: Context, singular: str, plural: str, num: int, **variables: Any) -> str:
    variables = {"num": num, **variables}
    return _filled(context, get_domain().get_translations().ungettext(singular, plural, num), variables)


def _filled(context: Context, sentence: str, variables: dict[str, Any]) -> str:
    said = _said(sentence, variables)
    if context.eval_ctx.autoescape:
        said = Markup(said)  # noqa: S704  # nosec B704  # a sentence of ours; Markup escapes the values that fill it
    return said % variables


def isolated(variables: dict[str, Any]) -> dict[str, Any]:
    """Values as they stand in a sentence: from right to left, a Latin name or a telephone number keeps its own order.

    The signs are Unicode's "first strong isolate". An address of the web is left bare: it would be followed with them.
    """
    if direction() == "ltr":
        return variables
    return {
        name: f"\u2068{value}\u2069" if isinstance(value, str) and "://" not in value else value
        for name, value in variables.items()
    }


class _French(NullTranslations):
    """The source has no catalogue; only its plural is not English: « 0 élève », « 1 élève », « 2 élèves »."""

    def ungettext(self, msgid1: str, msgid2: str, num: int) -> str:
        # A singular that does not say its number (« une structure ») means one.
        return msgid1 if num == 1 or (num == 0 and "%(num)" in msgid1) else msgid2


@cache
def catalogue(code: str) -> NullTranslations:
    """The sentences of a language; French is the source and has none."""
    path = FOLDER / f"{code}.po"
    if not path.exists():
        return _French()
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


def current() -> str:
    """The code of the language being spoken."""
    domain = get_domain()
    return domain.code if isinstance(domain, _Catalogue) else FRENCH.code


@dataclass(frozen=True, slots=True)
class Switch:
    """The choice of a language at the top of a page: stored by a POST to `action`, or shown once by `?langue=`."""

    action: str | None
    here: str
    languages: tuple[Language, ...] = tuple(LANGUAGES.values())


def asked() -> str | None:
    """The language that the address asks for, if there is one of that code."""
    code = request.args.get("langue", "") if has_request_context() else ""
    return code if code in LANGUAGES else None


def listen(code: str | None = None, *, action: str | None = None) -> None:
    """From here to the end of the request, speak as asked, else this language; and offer the others.

    `action` is where a choice is stored. Without it, the language asked for follows the links of the same room.
    """
    _fall_silent()
    stack = ExitStack()
    stack.enter_context(speaking(asked() or code or FRENCH.code))
    g.spoken = stack
    g.language_switch = Switch(action, request.path)


def _fall_silent(_error: BaseException | None = None) -> None:
    stack: ExitStack | None = g.pop("spoken", None)
    g.pop("language_switch", None)
    if stack is not None:
        stack.close()


def _keep_asked(endpoint: str, values: dict[str, Any]) -> None:
    switch: Switch | None = g.get("language_switch")
    if switch and switch.action is None and asked() and endpoint.split(".")[0] == request.blueprint:
        values.setdefault("langue", asked())


def install(app: Flask) -> None:
    app.extensions["babel"].instance.domain_instance = _Catalogue(FRENCH.code)
    app.jinja_env.globals.update(gettext=_gettext, ngettext=_ngettext)
    app.teardown_request(_fall_silent)
    app.url_default_functions.setdefault(None, []).append(_keep_asked)


def tag() -> str:
    """The `lang` attribute of the page being written."""
    return str(get_locale() or FRENCH.locale).replace("_", "-")


def direction() -> str:
    locale = get_locale()
    return locale.text_direction if locale else "ltr"

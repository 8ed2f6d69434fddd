"""The sentences that a family may meet, and how many of them each language has: `make sentences`.

Reads the pages, mails and refusals listed below, and brings `app/translations/<code>.po` in line with them: a new
sentence comes in empty, one that is gone is kept as obsolete, the order follows the list, and no line number is kept.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from app.web.languages import FOLDER, FRENCH, LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "_l", "gettext", "lazy_gettext")),
    "ngettext": (1, 2),
}
_OPTIONS = {
    "extensions": "app.web.typography.FrenchTypography",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}

# A file, or « file::name, name »: only what stands in these functions, classes or constants.
FAMILY = (
    "app/templates/layouts/base.html",
    "app/templates/components/languages.html",
    "app/templates/components/form.html::_error_items, error_summary, _errors, _label_text, field, reread",
    "app/web/forms.py::Discreet",
    "app/templates/components/actions.html::print_button",
    "app/regulations/words.py",
    "app/web/wording.py::_between, moment, topics",
    "app/templates/placements/family.html",
    "app/templates/placements/_answer.html",
    "app/templates/placements/_facts.html",
    "app/templates/placements/code.html",
    "app/templates/placements/code_answer.html",
    "app/templates/placements/_family_letter.html",
    "app/templates/placements/link_expired.html",
    "app/templates/placements/link_sent.html",
    "app/placements/views/answering.py::give, _family_guest, answer_as_family",
    "app/placements/views/codes.py",
    "app/placements/services/answering.py::_demand_voice, _demand_time",
    "app/placements/services/moving.py::demanded_reason, take_seat_again",
    "app/placements/forms.py::_YES_OR_NO, AnswerForm, CodeForm",
    "app/templates/agreements/sign.html",
    "app/templates/agreements/_in_short.html",
    "app/templates/agreements/_signing_help.html",
    "app/templates/agreements/_who_signed.html",
    "app/templates/agreements/sign_code.html",
    "app/templates/agreements/sign_done.html",
    "app/templates/agreements/sign_closed.html",
    "app/templates/agreements/sign_renewed.html",
    "app/templates/agreements/sign_decline.html",
    "app/templates/agreements/sign_not_me.html",
    "app/templates/agreements/sign_lost.html",
    "app/templates/agreements/sign_lost_sent.html",
    "app/templates/agreements/sign_paper.html",
    "app/templates/agreements/_paper_steps.html",
    "app/templates/agreements/_paper_form.html",
    "app/templates/agreements/part.html",
    "app/templates/agreements/part_done.html",
    "app/agreements/wording.py::role_of, state_of",
    "app/agreements/forms_signing.py::ConsentForm, CodeForm, ReasonForm, LostLinkForm, PaperForm",
    "app/agreements/views/signing.py",
    "app/agreements/views/signing_document.py",
    "app/agreements/views/signing_status.py::_brought",
    "app/agreements/codes.py",
    "app/agreements/uploads.py",
    "app/agreements/services/signing.py::Changed, hold, demand_signable, ask_code, sign, demand_authority, take_note",
    "app/agreements/services/objecting.py",
    "app/agreements/services/papering.py::record, _check_mark",
    "app/agreements/services/asking.py::text_now, renew",
    "app/agreements/rules.py",
    "app/agreements/services/preparing.py::complete_part, demand_part, _hold, _write",
    "app/agreements/fields.py::_FAMILY_ROWS, TITLES, NO_WAY_TO_REACH_FAMILY",
    "app/agreements/views/completing.py::_by_token, _save",
    "app/schools/services/families.py",
    "app/schools/presenting.py::_slip",
    "app/schools/views/families.py::_behind",
    "app/templates/schools/family.html",
    "app/templates/placements/_family_piece.html",
    "app/web/rendering.py::_footer",
    "app/templates/privacy/family.html",
    "app/templates/privacy/_family_link.html",
    "app/templates/privacy/_requests.html",
    "app/privacy/states.py::LABELS",
    "app/privacy/forms.py::AskForm",
    "app/privacy/views/own.py::_to_adult, _family, ask_as_family",
    "app/privacy/services/asking.py::ask, Family, fetched_by_family, _demand_own",
    "app/web/forms.py::required, at_most, email, telephone, NO_DATE",
    "app/web/errors.py",
    "app/templates/errors/error.html",
    "app/access/actor.py",
    "app/accounts/throttling.py",
    "app/kernel/errors.py",
    "app/templates/emails/layout.html",
    "app/templates/emails/parts.html",
    *(
        f"app/templates/emails/{kind}/{file}"
        for kind in (
            "placement_family",
            "placement_week_family",
            "placement_reminder_family",
            "placement_undone_family",
            "placement_link_family",
            "repair_family",
            "privacy_told",
            "privacy_erased",
            "agreement_to_complete",
            "agreement_link",
            "agreement_code",
            "agreement_receipt",
            "agreement_paper",
            "agreement_completed",
            "agreement_voided",
            "digest",
        )
        for file in ("subject.txt", "body.txt", "body.html")
    ),
    "app/templates/messaging/digest.html",
    "app/agreements/emails_signing.py::link_text, code_text",
)

Sentence = str | tuple[str, str]


def sentences() -> dict[Sentence, list[str]]:
    """Each sentence of the family, with the files that say it, in the order of the list."""
    found: dict[Sentence, list[str]] = {}
    for source in FAMILY:
        path, _colon, names = source.partition("::")
        for sentence in _of_file(path, tuple(name.strip() for name in names.split(",") if name)):
            places = found.setdefault(sentence, [])
            if path not in places:
                places.append(path)
    return found


def _of_file(path: str, names: tuple[str, ...]) -> Iterator[Sentence]:
    method = "python" if path.endswith(".py") else "jinja2"
    lines = _lines_of(path, names) if names else None
    rows = extract_from_file(method, ROOT / path, keywords=_KEYWORDS, options=_OPTIONS if method == "jinja2" else None)
    for number, message, _comments, _context in rows:
        if lines is None or number in lines:
            yield message if isinstance(message, str) else (message[0], message[1])


def _lines_of(path: str, names: tuple[str, ...]) -> set[int]:
    """The lines of these top-level functions, classes or constants; of a template, of these macros."""
    text = (ROOT / path).read_text(encoding="utf-8")
    spans = dict(_macros(text) if path.endswith(".html") else _definitions(text))
    missing = set(names) - set(spans)
    if missing:
        raise LookupError(f"{path} has no {', '.join(sorted(missing))}")
    return {number for name in names for number in spans[name]}


def _definitions(text: str) -> Iterator[tuple[str, range]]:
    for node in ast.parse(text).body:
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, lines
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((target.id, lines) for target in targets if isinstance(target, ast.Name))


def _macros(text: str) -> Iterator[tuple[str, range]]:
    name, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("{% macro "):
            name, first = line.removeprefix("{% macro ").partition("(")[0], number
        elif name and "endmacro" in line:
            yield name, range(first, number + 1)
            name = ""


def path_of(code: str) -> Path:
    return FOLDER / f"{code}.po"


def read(code: str) -> Catalog:
    """The sentences of a language, as they are."""
    path = path_of(code)
    if not path.exists():
        return Catalog(locale=LANGUAGES[code].locale)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGES[code].locale)


def updated(code: str) -> Catalog:
    """The same, with exactly today's sentences; the others become obsolete and keep their translation."""
    before, found = read(code), sentences()
    after = Catalog(locale=LANGUAGES[code].locale, fuzzy=False)
    for sentence, places in found.items():
        known = before.get(sentence if isinstance(sentence, str) else sentence[0])
        after.add(sentence, known.string if known else "", locations=[(place, 1) for place in places])
    gone = [m for m in [*before, *before.obsolete.values()] if m.id and m.string and m.id not in found]
    after.obsolete = {_key(message): message for message in gone}
    return after


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def written(code: str, catalog: Catalog) -> bytes:
    """The file, with a header that says nothing of the day it was written: the same sentences make the same bytes."""
    header = (
        f"# Passerelle: what a family reads, in {LANGUAGES[code].name}.\n"
        'msgid ""\nmsgstr ""\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {LANGUAGES[code].locale}\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    body = BytesIO()
    write_po(body, catalog, width=0, include_lineno=False, omit_header=True)
    return header.encode() + body.getvalue()


def missing(catalog: Catalog) -> list[Sentence]:
    """The sentences without translation (for a plural: without one of its forms)."""
    return [
        message.id
        for message in catalog
        if message.id and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]


def main() -> int:
    """Bring the files in line, and say how far each language is; 1 when a sentence has no translation."""
    total, incomplete = len(sentences()), 0
    for code, language in LANGUAGES.items():
        if code == FRENCH.code:
            continue
        catalog = updated(code)
        path_of(code).write_bytes(written(code, catalog))
        lacking = missing(catalog)
        incomplete += bool(lacking)
        print(f"{code:<10} {total - len(lacking):>4}/{total}  {language.name}")
        for sentence in lacking[:10]:
            print(f"           {sentence if isinstance(sentence, str) else sentence[0]}")
    return 1 if incomplete else 0


if __name__ == "__main__":
    sys.exit(main())

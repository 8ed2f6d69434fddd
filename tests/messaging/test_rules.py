from __future__ import annotations

from datetime import timedelta

import pytest

from app.messaging.rules import RETRY_AFTER, Message, retry_delay, without_secrets


def message(**changes: str) -> Message:
    values = {"kind": "k", "to_email": "a@b.fr", "to_name": "A", "subject": "S", "text": "t", "html": "h"}
    return Message(**{**values, "dedupe_key": "d", **changes})


def test_a_header_cannot_be_smuggled_into_a_subject() -> None:
    assert message(subject="Bonjour\r\nBcc: x@y.fr").subject == "Bonjour Bcc: x@y.fr"


def test_control_signs_and_lone_surrogates_disappear() -> None:
    assert message(text="a\x00b\ud800c").text == "abc"


def test_a_long_subject_is_cut_to_its_column() -> None:
    assert len(message(subject="é" * 500).subject) == 200


@pytest.mark.parametrize("name", ["to_email", "dedupe_key"])
def test_a_message_needs_an_address_and_a_key(name: str) -> None:
    with pytest.raises(ValueError):
        message(**{name: ""})


def test_delays_grow_then_end() -> None:
    delays = [retry_delay(n) for n in range(1, len(RETRY_AFTER) + 1)]
    assert delays == sorted(delays, key=lambda d: d or timedelta(0))
    assert retry_delay(len(RETRY_AFTER) + 1) is None


def test_the_end_of_links_is_hidden() -> None:
    assert without_secrets("Ouvrez https://x.fr/famille/abc.def-g puis https://x.fr.") == (
        "Ouvrez https://x.fr/… puis https://x.fr."
    )

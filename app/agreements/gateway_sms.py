"""Text messages: a log file by default, any provider with an HTTP address by settings."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from app.kernel import clock
from app.settings import Settings

TIMEOUT_SECONDS = 10


class NotSent(Exception):
    """The provider cannot be reached, or says no."""


def mobile(phone: str) -> str | None:
    """The number as providers want it (+33612345678) when it can receive a text message, else None."""
    digits = re.sub(r"[\s.\-()/\u00a0\u202f]", "", phone)
    if re.fullmatch(r"0[67]\d{8}", digits):
        return f"+33{digits[1:]}"
    digits = re.sub(r"^00", "+", digits)
    if re.fullmatch(r"\+33[67]\d{8}", digits):
        return digits
    return digits if re.fullmatch(r"\+(?!33)[1-9]\d{7,14}", digits) else None


def reaches_people(settings: Settings) -> bool:
    """Whether a message arrives: in production a log file is nobody's telephone."""
    return settings.sms == "http" or settings.environment != "production"


def send(settings: Settings, to: str, text: str) -> None:
    """Hand one message over; raises `NotSent`. Spoken to the network: never call it inside a transaction."""
    if settings.sms == "http":
        _post(settings, to, text)
        return
    line = json.dumps({"at": clock.now().isoformat(), "to": to, "text": text}, ensure_ascii=False)
    with (settings.instance / "sms.log").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _post(settings: Settings, to: str, text: str) -> None:
    secret = settings.sms_secret.get_secret_value() if settings.sms_secret else ""
    values = {"to": to, "text": text, "secret": secret}
    headers = {name: _filled(value, values, str) for name, value in settings.sms_headers.items()}
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    url = _filled(settings.sms_url, values, lambda value: quote(value, safe=""))
    if urlsplit(url).scheme not in {"https", "http"}:
        raise NotSent("PASSERELLE_SMS_URL is not an address")
    body = _filled(settings.sms_body, values, _in_json if "json" in kind else quote_plus).encode()
    request = urllib.request.Request(  # noqa: S310  # the scheme was just checked
        url, data=body if settings.sms_method != "GET" else None, headers=headers, method=settings.sms_method
    )
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(2048)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise NotSent(type(error).__name__) from error


def _filled(template: str, values: dict[str, str], quoted: Callable[[str], str]) -> str:
    """`template` with {to}, {text} and {secret} in their place, in one pass: a text cannot smuggle a marker in."""
    return re.sub(r"\{(to|text|secret)\}", lambda found: quoted(values[found[1]]), template)


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


class _Straight(urllib.request.HTTPRedirectHandler):
    """A redirected order would be sent again as a GET, to somebody else: it is an error."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Straight)

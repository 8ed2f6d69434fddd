"""A mail is three templates: `emails/<name>/subject.txt`, `body.txt`, `body.html`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext, ngettext

from app.messaging.rules import Message
from app.settings import Settings
from app.web import languages
from app.web.languages import FRENCH


def page_url(endpoint: str, **values: Any) -> str:
    """The absolute address of a page, from `settings.public_url`.

    Never from the request: mails are also written outside any, and a forged Host header must not reach a mailbox.
    """
    settings: Settings = current_app.config["SETTINGS"]
    parts = urlsplit(settings.public_url)
    adapter = current_app.url_map.bind(
        parts.netloc, script_name=parts.path.rstrip("/") or "/", url_scheme=parts.scheme or "http"
    )
    return adapter.build(endpoint, values, force_external=True)


def build(
    name: str,
    *,
    to_email: str,
    to_name: str,
    dedupe_key: str,
    territory_id: int | None = None,
    language: str = FRENCH.code,
    **context: Any,
) -> Message:
    """Mail `name`, written for one person in their language, whatever the language of the page that causes it.

    Templates get `context`, `to_name`, `page_url(endpoint, …)`, `lang`, `direction` and `_`.
    """
    settings: Settings = current_app.config["SETTINGS"]
    values = {
        "page_url": page_url,
        "public_url": settings.public_url,
        "demo": settings.demo,
        "to_name": to_name,
        "_": gettext,
        "ngettext": ngettext,
        **context,
    }

    def text_of(file: str) -> str:
        return current_app.jinja_env.get_template(f"emails/{name}/{file}").render(values)

    with languages.speaking(language):
        values |= {"lang": languages.tag(), "direction": languages.direction()}
        subject, text, html = text_of("subject.txt"), text_of("body.txt"), text_of("body.html")
    return Message(
        kind=name,
        to_email=to_email,
        to_name=to_name,
        subject=subject,
        text=text.strip() + "\n",
        html=html,
        dedupe_key=dedupe_key,
        territory_id=territory_id,
        url=str(context.get("url") or ""),
        language=language,
    )

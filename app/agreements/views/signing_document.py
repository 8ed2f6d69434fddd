"""The document that people sign, as a page shows it and as it is handed out."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from app.agreements import presenting, queries, storage, versions
from app.agreements.models import Agreement
from app.kernel.errors import Hidden
from app.web import languages


def document_of(agreement: Agreement) -> dict[str, Any]:
    """What the page shows of the document: everything that it says, with the articles of its model."""
    model = versions.load("convention", agreement.template_version)
    return {**presenting.document(agreement), "articles": model.texts.get("articles", [])}


def paper_of(agreement: Agreement) -> Markup:
    """The document as people read it before they sign: in French, the language of the act, whatever the page's."""
    with languages.speaking(languages.FRENCH.code):
        html = render_template("agreements/_document.html", document=document_of(agreement))
        return Markup(html)  # noqa: S704  # nosec B704  # a rendered template


def send_pdf(agreement: Agreement) -> Response:
    """The stored document, checked byte for byte before it leaves."""
    final = queries.by_reference(agreement.reference)
    document = final and (final.signed_pdf or final.pdf)
    if not document:
        raise Hidden(_("Cette convention n’a pas encore de document."))
    answer = Response(storage.read(document), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="convention-{agreement.reference}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer

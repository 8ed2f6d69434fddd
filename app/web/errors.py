"""Error pages for people. A refusal of the house carries its own sentence; nothing technical is ever shown."""

from __future__ import annotations

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.kernel.database import db
from app.kernel.errors import DomainError
from app.web.logs import log


def install(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _page(status: int, title: str, message: str) -> ResponseReturnValue:
    return (
        render_template(
            "errors/error.html", status=status, title=title, message=message, request_id=g.get("request_id")
        ),
        status,
    )


def _titles() -> dict[int, str]:
    return {
        400: _("La demande n’est pas complète"),
        401: _("Connectez-vous pour continuer"),
        403: _("Cette page n’est pas pour vous"),
        404: _("Cette page n’existe pas"),
        405: _("Cette page ne s’ouvre pas ainsi"),
        409: _("Les choses ont changé entre-temps"),
        413: _("L’envoi est trop lourd"),
        422: _("Quelque chose est à corriger"),
        429: _("Trop d’essais"),
        500: _("La panne vient de chez nous"),
    }


def _messages() -> dict[int, str]:
    return {
        400: _("Revenez à la page précédente, rechargez-la et recommencez. Rien n’a été enregistré."),
        401: _("Votre session est terminée. Connectez-vous et recommencez."),
        403: _("Votre compte ne donne pas accès à cette page."),
        404: _("L’adresse est peut-être mal recopiée, ou la page n’est pas pour votre compte."),
        405: _("Revenez à la page précédente et servez-vous de ses boutons."),
        413: _(
            "Envoyez un texte plus court ou un fichier de moins de %(most)s Mo.",
            most=(request.max_content_length or 0) // 1024**2,
        ),
        422: _("Relisez le formulaire : une réponse n’a pas pu être comprise."),
        429: _("Attendez quelques minutes, puis recommencez."),
        500: _("Notre équipe est prévenue. Ce que vous aviez enregistré avant est intact. Recommencez dans un moment."),
    }


def _domain(error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    return _page(error.status, _titles()[error.status], error.message)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        _("La page est restée ouverte trop longtemps"),
        _("Par sécurité, rien n’a été enregistré. Revenez en arrière, rechargez la page et envoyez à nouveau."),
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    known = error.code if error.code in _titles() else 400
    return _page(error.code, _titles()[known], _messages()[known])


def _unexpected(error: Exception) -> ResponseReturnValue:
    from flask import current_app

    db.session.rollback()
    log.exception("unexpected", id=g.get("request_id"), route=str(request.url_rule or "unknown"))
    if current_app.testing:
        raise error
    return _page(500, _titles()[500], _messages()[500])

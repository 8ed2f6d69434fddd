"""Forms: holding a file back, and saying why an archived agreement is opened."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from app.privacy.services.keeping import MAX_REASON
from app.web.forms import NO_DATE, Form, FrenchDateField, at_most, clean, discreet, required


class HoldForm(Form):
    reason = TextAreaField(
        _l("Pourquoi garder ce dossier"),
        [required(_l("Dites pourquoi.")), at_most(MAX_REASON), discreet()],
        filters=[clean],
    )
    until = FrenchDateField(_l("Jusqu’à quel jour"), [required(NO_DATE)])


class OpenForm(Form):
    reason = TextAreaField(
        _l("Pourquoi l’ouvrir"), [required(_l("Dites pourquoi.")), at_most(MAX_REASON), discreet()], filters=[clean]
    )

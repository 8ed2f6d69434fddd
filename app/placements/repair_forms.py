"""The form by which a coordinator accepts a repair."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import AnyOf

from app.placements.repair_rules import Choice
from app.placements.rules import MAX_REASON
from app.web.forms import Form, at_most, clean, discreet


class AcceptForm(Form):
    choice = HiddenField(validators=[AnyOf([choice.value for choice in Choice], _l("Choisissez un plan."))])
    digest = HiddenField(validators=[at_most(64)])
    reason = TextAreaField(_l("La raison, en une phrase"), [at_most(MAX_REASON), discreet()], filters=[clean])

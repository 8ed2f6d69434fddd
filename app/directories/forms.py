"""The file to import, and what only a person can say of it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, SelectField, StringField, validators

from app.directories.reading import Options
from app.directories.records import LABELS, Family
from app.directories.sources import Source
from app.web.forms import Form, at_most, one_line

AUTO = "auto"


class DirectoryForm(Form):
    file = FileField(_l("Le fichier, tel qu’il est publié"))
    family = SelectField(_l("Genre de fichier"), default=AUTO)
    group = StringField(_l("Votre intercommunalité"), filters=[one_line], validators=[at_most(80)])
    with_lycees = BooleanField(_l("Reprendre aussi les lycées"))
    taken_for_ess = BooleanField(_l("Toutes les structures de ce fichier sont de l’ESS"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.family.choices = [
            (AUTO, str(_l("Reconnaître tout seul"))),
            *((family.value, str(label)) for family, label in LABELS.items()),
        ]

    def validate_file(self, field: Any) -> None:
        if not getattr(field.data, "filename", ""):
            raise validators.ValidationError(str(_l("Choisissez un fichier.")))

    def to_source(self) -> Source:
        return Source.of_bytes(self.file.data.filename, self.file.data.read())

    def to_options(self) -> Options:
        written = self.family.data or AUTO
        return Options(
            family=None if written == AUTO else Family(written),
            group=self.group.data or "",
            with_lycees=self.with_lycees.data,
            taken_for_ess=self.taken_for_ess.data,
        )

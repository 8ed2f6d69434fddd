"""Forms of schools, classes and students."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    EmailField,
    FloatField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)

from app.campaigns.models import Campaign, Commune
from app.kernel.identifiers import parse_phone, parse_uai
from app.schools.models import School, SchoolClass, SchoolStaff, StaffRole, Student
from app.schools.rules import (
    MAX_GUARDIANS,
    MAX_NAME,
    MAX_PASTED_LINES,
    ClassDraft,
    GuardianDraft,
    SchoolDraft,
    StudentDraft,
    StudentFile,
    name_problem,
)
from app.web.forms import Form, FrenchDateField, at_most, clean, email, one_line, required, telephone
from app.web.languages import LANGUAGES

STAFF_ROLES = {StaffRole.TEACHER: _l("Professeur"), StaffRole.HEAD: _l("Direction du collège")}


def optional_int(value: Any) -> int | None:
    """For selects whose empty choice means nothing chosen."""
    return int(value) if value not in (None, "", "None") else None


class CoordinateField(FloatField):  # type: ignore[misc]  # WTForms' generics are not subscriptable here
    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip().replace(",", ".")
        try:
            self.data = float(text) if text else None
        except ValueError:
            self.data = None
            raise ValueError(str(_l("Écrivez un nombre, par exemple 50,412."))) from None


def _within(low: float, high: float) -> Callable[[Any, Any], None]:
    """Refuse a coordinate outside metropolitan France (NaN and infinity included); an empty one is fine."""

    def check(_form: Any, field: Any) -> None:
        if field.data is not None and not low <= field.data <= high:
            raise validators.ValidationError(str(_l("Ce point n’est pas en France métropolitaine.")))

    return check


class SchoolForm(Form):
    uai = StringField(
        _l("Code UAI"), [required(_l("Écrivez le code UAI du collège.")), at_most(20)], filters=[one_line]
    )
    name = StringField(_l("Nom du collège"), [required(), at_most(160)], filters=[one_line])
    address = StringField(_l("Adresse"), [at_most(200)], filters=[one_line])
    postcode = StringField(
        _l("Code postal"),
        [validators.Optional(), validators.Regexp(r"\d{5}\Z", message=_l("Un code postal a cinq chiffres."))],
        filters=[one_line],
    )
    commune_id = SelectField(
        _l("Commune"),
        [validators.InputRequired(_l("Choisissez une commune du territoire."))],
        coerce=optional_int,
        validate_choice=False,
    )
    lat = CoordinateField(_l("Latitude"), [_within(41, 51.5)])
    lon = CoordinateField(_l("Longitude"), [_within(-5.5, 10)])
    status = RadioField(
        _l("Statut"), choices=[("public", _l("Public")), ("private", _l("Privé sous contrat"))], default="public"
    )
    priority_education = SelectField(
        _l("Éducation prioritaire"), choices=[("", _l("Non")), ("REP", "REP"), ("REP+", "REP+")], default=""
    )

    phone = StringField(_l("Téléphone du collège"), [at_most(30), telephone()], filters=[one_line])
    email = EmailField(
        _l("Adresse e-mail du collège"), [validators.Optional(), at_most(254), email()], filters=[one_line]
    )
    board_approval_on = FrenchDateField(
        _l("Vote de la convention type par le conseil d’administration"), [validators.Optional()]
    )

    @classmethod
    def over(cls, communes: Iterable[Commune], school: School | None = None) -> SchoolForm:
        """The form for a new school, or for `school` when one is given."""
        form = cls(obj=school, data=None if school is None else {"status": "public" if school.is_public else "private"})
        form.commune_id.choices = [("", _l("Choisissez"))] + [(c.id, c.name) for c in communes]
        return form

    def validate_uai(self, field: Any) -> None:
        if parse_uai(field.data or "") is None:
            raise validators.ValidationError(
                str(_l("Ce code UAI n’est pas juste : sept chiffres, puis la lettre qui les vérifie."))
            )

    def validate_lon(self, field: Any) -> None:
        if (field.data is None) != (self.lat.data is None) and not self.lat.errors:
            raise validators.ValidationError(str(_l("Remplissez la latitude et la longitude, ou aucune des deux.")))

    def to_draft(self) -> SchoolDraft:
        return SchoolDraft(
            uai=self.uai.data,
            name=self.name.data,
            address=self.address.data or "",
            postcode=self.postcode.data or "",
            commune_id=self.commune_id.data or 0,
            lat=self.lat.data,
            lon=self.lon.data,
            is_public=self.status.data == "public",
            priority_education=self.priority_education.data,
            phone=parse_phone(self.phone.data or "") or "",
            email=self.email.data or "",
            board_approval_on=self.board_approval_on.data,
        )


class WeeksForm(Form):
    weeks = SelectMultipleField(_l("Semaines de stage"), coerce=str, validate_choice=False)

    @classmethod
    def over(cls, campaign: Campaign, chosen: Iterable[date], label: Any) -> WeeksForm:
        """`label(monday)` writes a week in words."""
        form = cls(data={"weeks": [monday.isoformat() for monday in chosen]})
        form.weeks.choices = [(week.monday.isoformat(), label(week.monday)) for week in campaign.weeks]
        return form

    def validate_weeks(self, field: Any) -> None:
        if set(field.data or ()) - {value for value, _label in field.choices}:
            raise validators.ValidationError(str(_l("Choisissez parmi les semaines de la campagne.")))

    def to_draft(self) -> list[date]:
        return [date.fromisoformat(value) for value in self.weeks.data or []]


class StaffForm(Form):
    name = StringField(_l("Prénom et nom"), [required(), at_most(160)], filters=[one_line])
    email = EmailField(_l("Adresse e-mail professionnelle"), [required(), at_most(254), email()], filters=[one_line])
    role = RadioField(
        _l("Rôle dans ce collège"),
        choices=[(role.value, label) for role, label in STAFF_ROLES.items()],
        default=StaffRole.TEACHER.value,
    )

    def to_role(self) -> StaffRole:
        return StaffRole(self.role.data)


class ClassForm(Form):
    name = StringField(
        _l("Nom de la classe"),
        [required(_l("Écrivez le nom de la classe, par exemple 3e A.")), at_most(20)],
        filters=[one_line],
    )
    level = RadioField(_l("Niveau"), validators=[validators.InputRequired(_l("Choisissez un niveau."))])
    teacher_ids = SelectMultipleField(_l("Qui suit cette classe"), coerce=int)

    @classmethod
    def over(
        cls, campaign: Campaign, staff: Iterable[SchoolStaff], school_class: SchoolClass | None = None
    ) -> ClassForm:
        data: dict[str, Any] = {"level": campaign.level_list[0] if len(campaign.level_list) == 1 else None}
        if school_class is not None:
            data = {
                "name": school_class.name,
                "level": school_class.level,
                "teacher_ids": [t.user_id for t in school_class.teachers],
            }
        form = cls(data=data)
        form.level.choices = [(level, level) for level in campaign.level_list]
        form.teacher_ids.choices = [(m.user_id, m.user.display_name) for m in staff]
        return form

    def to_draft(self) -> ClassDraft:
        return ClassDraft(self.name.data, self.level.data, tuple(self.teacher_ids.data or ()))


_SPOKEN = [(language.code, language.name) for language in LANGUAGES.values()]
_OF_GUARDIAN = ("name", "email", "phone", "language")


class PasteForm(Form):
    names = TextAreaField(
        _l("Liste des élèves"),
        [required(_l("Écrivez au moins un élève, un par ligne.")), at_most(8000)],
        filters=[clean],
    )

    def validate_names(self, field: Any) -> None:
        lines = [line for line in (field.data or "").splitlines() if line.strip()]
        if len(lines) > MAX_PASTED_LINES:
            raise validators.ValidationError(
                str(
                    _l(
                        "La liste a %(found)s lignes ; collez-en %(most)s au plus, le reste ensuite.",
                        found=len(lines),
                        most=MAX_PASTED_LINES,
                    )
                )
            )


class RosterForm(Form):
    files = MultipleFileField(_l("La liste, telle que le collège l’exporte"))

    def validate_files(self, field: Any) -> None:
        if not [file for file in field.data or () if getattr(file, "filename", "")]:
            raise validators.ValidationError(str(_l("Choisissez un fichier.")))

    def to_files(self) -> list[tuple[str, bytes]]:
        return [(file.filename or "", file.read()) for file in self.files.data if file.filename]


class ClassOfListForm(Form):
    into = StringField(
        _l("Classe de ces élèves"),
        [required(_l("Écrivez la classe, par exemple 3e B.")), at_most(20)],
        filters=[one_line],
    )


class PreviewedStudents:
    """The rows of the preview, as they come back: each name may have been corrected, each homonym confirmed or not."""

    def __init__(self, formdata: MultiDict[str, str]) -> None:
        lasts, firsts = formdata.getlist("last_name"), formdata.getlist("first_name")
        seen, kept = formdata.getlist("homonyms_seen"), set(formdata.getlist("keep"))
        self.rows: list[tuple[StudentDraft, bool, str | None]] = []
        for index, (last, first) in enumerate(zip(lasts, firsts, strict=False)):
            number = seen[index] if index < len(seen) else "0"
            number = number if number.isascii() and number.isdigit() else "0"
            draft = StudentDraft(one_line(last) or "", one_line(first) or "", int(number[:4]))
            wanted = str(index) in kept
            problem = name_problem(draft.last_name) or name_problem(draft.first_name) if wanted else None
            self.rows.append((draft, wanted, problem))

    @property
    def is_valid(self) -> bool:
        return not any(problem for _draft, _wanted, problem in self.rows)

    @property
    def wanted(self) -> list[StudentDraft]:
        return [draft for draft, wanted, _problem in self.rows if wanted]


class StudentForm(Form):
    last_name = StringField(_l("Nom"), [required(_l("Écrivez le nom.")), at_most(MAX_NAME)], filters=[one_line])
    first_name = StringField(_l("Prénom"), [required(_l("Écrivez le prénom.")), at_most(MAX_NAME)], filters=[one_line])
    birth_date = FrenchDateField(_l("Date de naissance"), [validators.Optional()])
    guardian_1_name = StringField(_l("Nom du premier responsable légal"), [at_most(160)], filters=[one_line])
    guardian_1_email = EmailField(
        _l("Son adresse e-mail"), [validators.Optional(), at_most(254), email()], filters=[one_line]
    )
    guardian_1_phone = StringField(_l("Son téléphone"), [at_most(30), telephone()], filters=[one_line])
    guardian_1_language = SelectField(_l("La langue de ses messages"), choices=_SPOKEN, default="fr")
    guardian_2_name = StringField(_l("Nom du second responsable légal"), [at_most(160)], filters=[one_line])
    guardian_2_email = EmailField(
        _l("Son adresse e-mail "), [validators.Optional(), at_most(254), email()], filters=[one_line]
    )
    guardian_2_phone = StringField(_l("Son téléphone "), [at_most(30), telephone()], filters=[one_line])
    guardian_2_language = SelectField(_l("La langue de ses messages "), choices=_SPOKEN, default="fr")

    @classmethod
    def over(cls, student: Student) -> StudentForm:
        data: dict[str, Any] = {
            "last_name": student.last_name,
            "first_name": student.first_name,
            "birth_date": student.birth_date,
        }
        for number, guardian in enumerate(student.guardians[:MAX_GUARDIANS], start=1):
            for name in _OF_GUARDIAN:
                data[f"guardian_{number}_{name}"] = getattr(guardian, name) or ""
        return cls(data=data)

    def validate_last_name(self, field: Any) -> None:
        _refuse(name_problem(field.data or ""))

    def validate_first_name(self, field: Any) -> None:
        _refuse(name_problem(field.data or ""))

    def validate_guardian_1_name(self, field: Any) -> None:
        _refuse(_nameless(field.data, self.guardian_1_email.data or self.guardian_1_phone.data))

    def validate_guardian_2_name(self, field: Any) -> None:
        _refuse(_nameless(field.data, self.guardian_2_email.data or self.guardian_2_phone.data))

    def to_file(self) -> StudentFile:
        guardians = (
            GuardianDraft(
                name=self[f"guardian_{number}_name"].data,
                email=self[f"guardian_{number}_email"].data or None,
                phone=parse_phone(self[f"guardian_{number}_phone"].data or "") or "",
                language=self[f"guardian_{number}_language"].data,
            )
            for number in range(1, MAX_GUARDIANS + 1)
            if self[f"guardian_{number}_name"].data
        )
        return StudentFile(self.last_name.data, self.first_name.data, self.birth_date.data, tuple(guardians))


def _refuse(problem: str | None) -> None:
    if problem:
        raise validators.ValidationError(problem)


def _nameless(name: str | None, address: str | None) -> str | None:
    return str(_l("Écrivez aussi le nom de cette personne.")) if address and not name else None

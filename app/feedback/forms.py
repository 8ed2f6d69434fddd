"""Forms after a stage: the student's and the tutor's sixty seconds, the certificate, a day of the diary, the report."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectMultipleField, StringField, TextAreaField

from app.feedback import prompts, rules
from app.feedback.models import StudentFeedback, TutorFeedback
from app.feedback.rules import Again, Recommend, Skill, StudentDraft, TutorDraft, Welcome
from app.feedback.services import CertificateDraft
from app.kernel.discretion import About
from app.occupations import queries as occupations
from app.web.forms import Form, at_most, clean, discreet, one_line
from app.web.wording import day


class StudentForm(Form):
    fit = RadioField(
        _l("Ce stage, c’était fait pour toi ?"),
        choices=[(str(value), label) for value, label in rules.FIT.items()],
        validate_choice=False,
    )
    discovered = SelectMultipleField(_l("Qu’as-tu découvert ?"), coerce=str, validate_choice=False)
    words = TextAreaField(_l("Une phrase de plus, si tu veux"), [at_most(rules.MAX_WORDS)], filters=[clean])
    recommend = RadioField(
        _l("Conseillerais-tu ce stage à un autre élève ?"),
        choices=[(value.value, label) for value, label in rules.RECOMMEND.items()],
        validate_choice=False,
    )
    welcome = RadioField(
        _l("L’accueil était-il bon, et te sentais-tu en sécurité ?"),
        choices=[(value.value, label) for value, label in rules.WELCOME.items()],
        validate_choice=False,
    )
    reread = BooleanField(_l("J’ai relu : ma phrase ne dit rien de privé sur quelqu’un et ne nomme personne."))

    @classmethod
    def over(cls, feedback: StudentFeedback | None, occupation_codes: Sequence[str]) -> StudentForm:
        data: Mapping[str, Any] | None = None
        if feedback is not None:
            data = {
                "fit": str(feedback.fit),
                "discovered": feedback.discovered,
                "words": feedback.words,
                "recommend": feedback.recommend.value,
            }
        form = cls(data=data)
        jobs = [
            (rules.JOB + code, _l("Le métier : %(job)s", job=occupations.label_of(code))) for code in occupation_codes
        ]
        form.discovered.choices = [*jobs, *rules.THINGS.items()]
        return form

    def to_draft(self) -> StudentDraft:
        return StudentDraft(
            fit=_number(self.fit.data),
            discovered=tuple(dict.fromkeys(self.discovered.data or ())),
            words=self.words.data or "",
            recommend=_member(Recommend, self.recommend.data),
            reread=bool(self.reread.data),
        )

    @property
    def wishes_to_be_heard(self) -> bool:
        """Something went wrong: show whom to talk to. This answer goes no further than this request."""
        return _member(Welcome, self.welcome.data) in {Welcome.NOT_ALWAYS, Welcome.NO}


def _levels(skill: Skill) -> RadioField:
    return RadioField(
        rules.SKILLS[skill][0],
        choices=[(str(level), label) for level, label in rules.LEVELS.items()],
        description=rules.SKILLS[skill][1],
        validate_choice=False,
    )


class TutorForm(Form):
    observe = _levels(Skill.OBSERVE)
    communicate = _levels(Skill.COMMUNICATE)
    understand = _levels(Skill.UNDERSTAND)
    engage = _levels(Skill.ENGAGE)
    encouragement = TextAreaField(_l("Une phrase d’encouragement"), [at_most(rules.MAX_WORDS)], filters=[clean])
    again = RadioField(
        _l("Accueilleriez-vous de nouveau un élève ?"),
        choices=[(value.value, label) for value, label in rules.AGAIN.items()],
        validate_choice=False,
    )
    why = TextAreaField(_l("Pourquoi, ou ce qui aiderait"), [at_most(rules.MAX_WORDS)], filters=[clean])
    reread = BooleanField(_l("J’ai relu : ma phrase ne dit rien de privé sur quelqu’un."))

    @classmethod
    def over(cls, feedback: TutorFeedback | None) -> TutorForm:
        if feedback is None:
            return cls()
        skills = {skill.value: str(level or 0) for skill, level in feedback.skills.items()}
        return cls(
            data={
                **skills,
                "encouragement": feedback.encouragement,
                "again": feedback.again.value,
                "why": feedback.why,
            }
        )

    @property
    def skill_fields(self) -> list[Field]:
        return [self[skill.value] for skill in Skill]

    def to_draft(self) -> TutorDraft:
        return TutorDraft(
            skills={skill: _number(self[skill.value].data) for skill in Skill},
            encouragement=self.encouragement.data or "",
            again=_member(Again, self.again.data),
            why=self.why.data or "",
            reread=bool(self.reread.data),
        )


class CertificateForm(Form):
    present = SelectMultipleField(_l("Jours de présence"), coerce=str, validate_choice=False)
    name = StringField(_l("Qui atteste"), [at_most(120)], filters=[one_line])
    title = StringField(_l("Fonction"), [at_most(120)], filters=[one_line])

    @classmethod
    def over(cls, days: Sequence[date], present: Sequence[str], name: str, title: str) -> CertificateForm:
        form = cls(data={"present": list(present), "name": name, "title": title})
        form.present.choices = [(each.isoformat(), day(each)) for each in days]
        return form

    def to_draft(self) -> CertificateDraft:
        present = set()
        for text in self.present.data or ():
            with contextlib.suppress(ValueError):
                present.add(date.fromisoformat(text))
        return CertificateDraft(frozenset(present), self.name.data or "", self.title.data or "")


def page_form(questions: Mapping[str, str], answers: Mapping[str, str]) -> Form:
    """The form of one day of the diary: one text a question."""
    fields = {
        key: TextAreaField(question, [at_most(prompts.MAX_ANSWER)], filters=[clean])
        for key, question in questions.items()
    }
    form: Form = type("PageForm", (Form,), fields)(data=dict(answers))
    return form


def report_form(sections: Mapping[str, str], passages: Sequence[tuple[str, str]]) -> Form:
    """The form of the report; beside each part, the passages of the diary that may be taken into it."""
    fields: dict[str, Field] = {}
    for key, (label, hint) in prompts.SECTIONS.items():
        validators = [at_most(prompts.MAX_SECTION), discreet(About.WISH)]
        fields[key] = TextAreaField(label, validators, filters=[clean], description=hint)
        fields[f"take_{key}"] = SelectMultipleField(
            _l("Reprendre de mon carnet"), choices=list(passages), coerce=str, validate_choice=False
        )
    form: Form = type("ReportForm", (Form,), fields)(data=dict(sections))
    return form


def report_of(form: Form, passages: Mapping[str, str]) -> dict[str, str]:
    """What was typed in each part, and after it the passages ticked for it."""
    sections = {}
    for key in prompts.SECTIONS:
        taken = [passages[name] for name in form[f"take_{key}"].data or () if name in passages]
        sections[key] = "\n\n".join(text for text in (form[key].data or "", *taken) if text)
    return sections


def _number(text: Any) -> int | None:
    try:
        return int(text)
    except (TypeError, ValueError):
        return None


def _member(enum: type[Any], text: Any) -> Any:
    """The member of this value; None when nothing, or nonsense, was sent."""
    try:
        return enum(text)
    except ValueError:
        return None

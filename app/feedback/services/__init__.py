"""The verbs after a stage: answer, ask to talk, hear, attest, keep a diary, write a report."""

from app.feedback.services.answering import answer, answer_as_tutor
from app.feedback.services.asking import ask_tutors, ask_tutors_each_minute
from app.feedback.services.attesting import CertificateDraft, issue
from app.feedback.services.talking import adults_told, ask_to_talk, hear, recall, recall_each_minute
from app.feedback.services.writing import erase, forget, forget_each_minute, write_page, write_report

__all__ = [
    "CertificateDraft",
    "adults_told",
    "answer",
    "answer_as_tutor",
    "ask_to_talk",
    "ask_tutors",
    "ask_tutors_each_minute",
    "erase",
    "forget",
    "forget_each_minute",
    "hear",
    "issue",
    "recall",
    "recall_each_minute",
    "write_page",
    "write_report",
]

"""Agreements, who must sign them, what was signed, and the evidence."""

from app.agreements.models.papers import Agreement, AgreementBatch, AgreementHost, Party, StoredDocument
from app.agreements.models.signing import Evidence, EvidenceRelease, SigningCode, SigningDelegation, SigningLink

__all__ = [
    "Agreement",
    "AgreementBatch",
    "AgreementHost",
    "Evidence",
    "EvidenceRelease",
    "Party",
    "SigningCode",
    "SigningDelegation",
    "SigningLink",
    "StoredDocument",
]

"""Words that a sentence shown to others had better not hold; the agreements read them too, hence the lower floor."""

from __future__ import annotations

from app.kernel.discretion import Found, scan

__all__ = ["Found", "scan"]

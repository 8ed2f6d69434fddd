"""HTTP of the room `feedback`."""

from app.feedback.views import certificates, staff, student, talking, tutor, writings
from app.feedback.views.blueprint import bp

__all__ = ["bp", "certificates", "staff", "student", "talking", "tutor", "writings"]

"""Pages of the room `privacy`; the modules register their views on one blueprint."""

from app.privacy.views import looks
from app.privacy.views.blueprint import bp

__all__ = ["bp", "looks"]

"""Pages of the room `privacy`; the modules register their views on one blueprint."""

from app.privacy.views import answering, looks, own, public
from app.privacy.views.blueprint import bp

__all__ = ["answering", "bp", "looks", "own", "public"]

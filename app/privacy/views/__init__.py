"""Pages of the room `privacy`; the modules register their views on one blueprint."""

from app.privacy.views import answering, archives, looks, own, public, retention
from app.privacy.views.blueprint import bp

__all__ = ["answering", "archives", "bp", "looks", "own", "public", "retention"]

from tests.allocation.conftest import deciding

__all__ = ["deciding"]

"""One installation on each kind of database for all tests here: each test makes shops of its own."""

from tests.web.conftest import tessera

__all__ = ["tessera"]

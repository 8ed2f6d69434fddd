"""The two real identity providers, started once for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from flask import Flask

from app.settings import IdentityProvider
from tests.accounts import providers


@pytest.fixture(scope="session")
def ended() -> Iterator[providers.Ended]:
    """What the portal posts when somebody leaves it."""
    with providers.listening() as heard:
        yield heard


@pytest.fixture(scope="session")
def portal(ended: providers.Ended) -> Iterator[IdentityProvider]:
    if providers.node() is None:
        if os.environ.get("CI"):
            pytest.fail("no Node, or no oidc-provider: npm ci")
        pytest.skip("no Node, or no oidc-provider: run `make test`, which fetches it")
    with providers.portal(ends_at=ended.url) as provider:
        yield provider


@pytest.fixture(scope="session")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with providers.agency(tmp_path_factory.mktemp("agency")) as provider:
        yield provider


@pytest.fixture
def portals(app: Flask, portal: IdentityProvider, agency: IdentityProvider) -> list[IdentityProvider]:
    app.config["SETTINGS"].sso = [portal, agency]
    return [portal, agency]

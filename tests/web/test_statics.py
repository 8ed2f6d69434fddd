"""Styles and scripts travel packed, once; pages never."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

STYLE = "/static/css/tokens.css"
PACKED = {"Accept-Encoding": "gzip, deflate, br"}


def _get(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> TestResponse:
    """The answer, read to its end."""
    answer = client.get(path, headers=headers or {})
    assert answer.data is not None
    answer.close()
    return answer


def test_a_style_travels_packed_and_unpacks_to_itself(client: FlaskClient) -> None:
    plain = _get(client, STYLE)
    packed = _get(client, STYLE, PACKED)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.parametrize("asked", [{}, {"Accept-Encoding": "gzip;q=0"}, PACKED | {"Range": "bytes=0-9"}])
def test_who_cannot_unpack_or_wants_a_part_gets_the_plain_file(client: FlaskClient, asked: dict[str, str]) -> None:
    assert "Content-Encoding" not in _get(client, STYLE, asked).headers


@pytest.mark.parametrize("headers", [{}, PACKED])
def test_an_unchanged_file_is_not_sent_again(client: FlaskClient, headers: dict[str, str]) -> None:
    etag = _get(client, STYLE, headers).headers["ETag"]
    again = _get(client, STYLE, headers | {"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_an_address_names_the_content_and_is_kept_a_year(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = url_for("static", filename="css/tokens.css")
    assert re.fullmatch(STYLE + r"\?v=[0-9a-f]{8}", address)
    kept = _get(client, address)
    assert "immutable" in kept.headers["Cache-Control"]
    assert "Cookie" not in kept.headers.get("Vary", "")  # else every session would ask for it again
    assert "immutable" not in _get(client, STYLE).headers["Cache-Control"]
    assert "immutable" not in _get(client, STYLE + "?v=00000000").headers["Cache-Control"]


def test_a_font_has_one_address_for_the_page_and_for_its_style(app: Flask) -> None:
    with app.test_request_context():
        address = url_for("static", filename="vendor/fonts/atkinson-hyperlegible-next.woff2")
    assert "?" not in address


def test_a_file_that_is_not_there_has_an_address_all_the_same(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = url_for("static", filename="css/nothing.css")
    assert _get(client, address, PACKED).status_code == 404


def test_a_page_is_never_packed(client: FlaskClient) -> None:
    page = client.get("/", headers=PACKED)
    assert page.status_code == 200
    assert "Content-Encoding" not in page.headers

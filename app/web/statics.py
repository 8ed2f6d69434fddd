"""Our styles, scripts and drawings: sent packed, and kept by the browser until they change.

`url_for("static", …)` names the content (`?v=1a2b3c4d`), so that a telephone asks once for each file of each version.
Fonts keep a bare address, for a style names them too, and are kept a month. Pages are never packed: the length of a
packed page tells what it holds (BREACH).
"""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

_PACKED = frozenset({".css", ".js", ".svg"})
_FONT = ".woff2"
_YEAR, _MONTH = 365 * 86_400, 30 * 86_400


class _Sessions(SecureCookieSessionInterface):
    """Files know nothing of sessions: without this, each would be kept for one cookie (`Vary: Cookie`)."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static":
            super().save_session(app, session, response)


def install(app: Flask) -> None:
    app.session_interface = _Sessions()
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def name_the_content(endpoint: str, values: dict[str, Any]) -> None:
        name = values.get("filename")
        if endpoint == "static" and name and not name.endswith(_FONT):
            version = _version(folder / name)
            if version:
                values.setdefault("v", version)

    @app.after_request
    def keep_and_pack(response: Response) -> Response:
        if request.endpoint != "static" or response.status_code not in {200, 304}:
            return response
        path = folder / (request.view_args or {}).get("filename", "")
        if path.suffix == _FONT:
            response.headers["Cache-Control"] = f"public, max-age={_MONTH}"
        elif "v" in request.args and request.args["v"] == _version(path):
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        if path.suffix in _PACKED:
            response.vary.add("Accept-Encoding")
            if response.status_code == 200 and request.accept_encodings["gzip"]:
                _pack(response, path)
        return response


def _pack(response: Response, path: Path) -> None:
    told = path.stat()
    packed = _packed(path, told.st_mtime_ns, told.st_size)
    response.direct_passthrough = False
    response.close()  # the plain file, opened for nothing
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Accept-Ranges", None)
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # the same content, in other bytes


def _version(path: Path) -> str | None:
    """What names this content; None when there is no such file."""
    try:
        told = path.stat()
    except OSError:
        return None
    return _digest(path, told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_at: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


@lru_cache(maxsize=128)
def _packed(path: Path, _changed_at: int, _size: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)

"""Headers: a strict content policy (no inline script, no inline style), no framing, no sniffing, no referrer leak."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response
from werkzeug.routing import IntegerConverter, Map

from app.settings import Settings


class Identifier(IntegerConverter):
    """`<int:…>` no greater than a column holds: an endless number is a page that does not exist, not a failure."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def install(app: Flask) -> None:
    app.url_map.converters["int"] = Identifier
    settings: Settings = app.config["SETTINGS"]
    tiles = urlsplit(settings.tiles_url)
    images = f"'self' data: {tiles.scheme}://{tiles.netloc}" if tiles.netloc else "'self' data:"
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            f"img-src {images}",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if settings.environment == "production":
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if "text/html" in response.content_type:
            headers.setdefault("Cache-Control", "no-store")
        return response

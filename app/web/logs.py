"""Structured logs, one JSON line a request: route pattern, status, time. No name, no address, no query string."""

from __future__ import annotations

import logging
import time
import uuid

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("passerelle")


def install(app: Flask) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if app.testing else logging.INFO),
        cache_logger_on_first_use=True,
    )

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        g.request_id = uuid.uuid4().hex[:12]

    @app.after_request
    def finish(response: Response) -> Response:
        if request.endpoint not in {"static", "pages.healthz", "pages.readyz"}:
            actor = g.get("actor")
            log.info(
                "request",
                id=g.get("request_id"),
                method=request.method,
                route=str(request.url_rule or "unknown"),
                status=response.status_code,
                ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000),
                role=actor.role.value if actor else "signed_out",
            )
        return response

"""The ASGI application: finds the route, checks the caller, and sees to it that every request gets one answer."""

import hmac
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter

from edge import errors
from edge.errors import ClientGone, HttpError
from edge.exchange import Exchange
from edge.settings import EdgeSettings
from mesh import telemetry
from mesh.telemetry import Histogram

PROBES = ("/healthz", "/readyz", "/metrics")  # Asked every few seconds: not in the log.
KEYLESS = ("/healthz", "/readyz", "/", "/static/{name+}")  # What everybody may call.
Handler = Callable[[Exchange], Awaitable[Any]]  # Answers its exchange, returns what to answer as JSON, or raises.
_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?", re.IGNORECASE)

log = structlog.get_logger("edge")
_requests = cache(Counter("tokenloom_edge_requests", "Requests that ended.", ["route", "method", "status"]).labels)
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)
_took = Histogram("tokenloom_edge_request_seconds", "From head to the answer's end.", ["route"], buckets=_BUCKETS)
_seconds = cache(_took.labels)


class App:
    """The edge as an ASGI application."""

    def __init__(self, routes: Mapping[str, Mapping[str, Handler]], api_key: str, settings: EdgeSettings) -> None:
        """`routes` are handlers by path and method; `{a}` in a path is one segment, `{a+}` the rest."""
        self._key = api_key.encode()
        self._origins = {origin.strip() for origin in settings.cors_origins.split(",")} - {""}
        self._max_body_bytes = settings.max_body_bytes
        self._table: list[tuple[re.Pattern[str], str, Mapping[str, Handler]]] = []
        for path, by_method in routes.items():
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", path))
            self._table.append((re.compile(pattern), path, by_method))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        began = time.monotonic()
        exchange = Exchange(scope, receive, send, self._max_body_bytes)
        path, by_method = self._find(exchange)
        traceparent = exchange.headers.get("traceparent", "")
        with telemetry.serve(f"{exchange.method} {path}", traceparent, exchange.request_id) as span:
            try:
                await self._serve(exchange, by_method, keyless=path in KEYLESS)
            except* ClientGone:
                exchange.status = 499  # As nginx logs it; nobody gets it.
            except* Exception as error:
                if exchange.status:  # Too late for a status: the server logs it, and cuts the connection.
                    raise
                await exchange.fail(errors.from_exception(error))
            finally:
                span.set_attribute("http.response.status_code", exchange.status)
                seconds = time.monotonic() - began
                _requests(path, exchange.method, str(exchange.status)).inc()
                _seconds(path).observe(seconds)
                facts = {"route": path, "method": exchange.method, "status": exchange.status, **exchange.notes}
                write = log.debug if path in PROBES else log.info
                write("request", request_id=exchange.request_id, ms=round(seconds * 1000, 1), **facts)

    def _find(self, exchange: Exchange) -> tuple[str, Mapping[str, Handler]]:
        for pattern, path, by_method in self._table:
            if match := pattern.fullmatch(exchange.path):
                exchange.names = match.groupdict()
                return path, by_method
        return "unknown", {}

    async def _serve(self, exchange: Exchange, by_method: Mapping[str, Handler], keyless: bool) -> None:
        if self._is_preflight(exchange):
            await exchange.respond(204, b"")
            return
        self._check(exchange, keyless)
        if not by_method:
            raise HttpError(404, "unknown_url", "Unknown request URL: see /openapi.json for those that exist")
        if (handler := by_method.get("GET" if exchange.method == "HEAD" else exchange.method)) is None:
            allow = ", ".join(sorted(by_method))
            raise HttpError(405, "method_not_allowed", f"Not allowed here; allowed: {allow}", headers={"allow": allow})
        if (answer := await handler(exchange)) is not None:
            await exchange.respond(200, msgspec.json.encode(answer))

    def _check(self, exchange: Exchange, keyless: bool) -> None:
        """Raises a 401 for who lacks the key. Without a key, a 403 for names and pages of others (DNS rebinding)."""
        host, origin = exchange.headers.get("host", ""), exchange.headers.get("origin")
        if self._key:
            scheme, _, key = exchange.headers.get("authorization", "").partition(" ")
            right = hmac.compare_digest(key.strip().encode("latin-1"), self._key) and scheme.lower() == "bearer"
            if not (right or keyless):
                text = "A valid API key is required: Authorization: Bearer KEY"
                raise HttpError(401, "invalid_api_key", text, headers={"www-authenticate": "Bearer"})
        elif not _LOCAL.fullmatch(f"http://{host}"):
            raise HttpError(403, "forbidden_host", "Without an API key, only localhost may be called by name")
        elif origin is not None and origin not in self._origins and not _LOCAL.fullmatch(origin):
            raise HttpError(403, "forbidden_origin", "Pages of this origin may not call this server")

    def _is_preflight(self, exchange: Exchange) -> bool:
        """Adds the headers that let an allowed origin's page read the answer (CORS), or ask for it."""
        origin = exchange.headers.get("origin", "")
        if self._origins:
            exchange.extra.append(("vary", "Origin"))
        if origin not in self._origins:
            return False
        exchange.extra += [("access-control-allow-origin", origin), ("access-control-expose-headers", "x-request-id")]
        preflight = exchange.method == "OPTIONS" and "access-control-request-method" in exchange.headers
        if preflight:
            asked = exchange.headers.get("access-control-request-headers", "")
            exchange.extra += [("access-control-allow-methods", "GET, POST, DELETE"), ("access-control-max-age", "600")]
            exchange.extra += [("access-control-allow-headers", asked)]
        return preflight

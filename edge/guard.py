"""Who may call: the key, or on loopback without one, only pages and names of this machine (DNS rebinding)."""

import hmac
import re

from edge.errors import HttpError
from edge.exchange import Exchange

_LOCAL = r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?"
_LOCAL_HOST = re.compile(_LOCAL, re.IGNORECASE)
_LOCAL_ORIGIN = re.compile(rf"https?://{_LOCAL}", re.IGNORECASE)


class Guard:
    """Checks callers against the key, Host, Origin and the allowed origins (separated by commas)."""

    def __init__(self, api_key: str, cors_origins: str) -> None:
        self._key = api_key.encode()
        self._origins = {origin.strip() for origin in cors_origins.split(",")} - {""}

    def check(self, exchange: Exchange, keyless: bool) -> None:
        """Raises a 401 for a missing or wrong key, a 403 for a foreign Host or Origin. `keyless` routes need no key."""
        host, origin = exchange.headers.get("host", ""), exchange.headers.get("origin")
        if self._key:
            scheme, _, key = exchange.headers.get("authorization", "").partition(" ")
            right = hmac.compare_digest(key.strip().encode("latin-1"), self._key) and scheme.lower() == "bearer"
            if not (right or keyless):
                text = "A valid API key is required: Authorization: Bearer KEY"
                raise HttpError(401, "invalid_api_key", text, headers={"www-authenticate": "Bearer"})
        elif not _LOCAL_HOST.fullmatch(host):
            raise HttpError(403, "forbidden_host", "Without an API key, only localhost may be called by name")
        elif origin is not None and origin not in self._origins and not _LOCAL_ORIGIN.fullmatch(origin):
            raise HttpError(403, "forbidden_origin", "Pages of this origin may not call this server")

    def cors(self, exchange: Exchange) -> bool:
        """Adds the headers that let an allowed origin's page read the answer. True: it was a preflight, answer 204."""
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

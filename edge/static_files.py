"""The chat page's files, read once at start."""

import hashlib
from pathlib import Path

from edge.errors import HttpError
from edge.exchange import Exchange

_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_HEADERS = (
    ("cache-control", "no-cache"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
)


class StaticFiles:
    """Files of one directory, under their paths in it. A file of an unknown type isn't served."""

    def __init__(self, directory: Path) -> None:
        paths = [path for path in directory.rglob("*") if path.suffix in _TYPES]
        self._files = {path.relative_to(directory).as_posix(): (path.suffix, path.read_bytes()) for path in paths}

    async def serve(self, exchange: Exchange) -> None:
        """GET / and /static/{name}: a file, or 304 when the client has it. Raises a 404."""
        name = exchange.names.get("name", "index.html")
        if name not in self._files:
            raise HttpError(404, "not_found", "There is no such file")
        suffix, body = self._files[name]
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        known = etag in exchange.headers.get("if-none-match", "")
        answer = (304, b"") if known else (200, body)
        await exchange.respond(*answer, f"{_TYPES[suffix]}; charset=utf-8", (("etag", etag), *_HEADERS))

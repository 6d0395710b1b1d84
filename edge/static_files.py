"""The chat page's files, read once at start."""

import hashlib
from pathlib import Path

from edge.errors import HttpError
from edge.exchange import Exchange

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class StaticFiles:
    """Files of one directory, under their paths in it. A file of an unknown type isn't served."""

    def __init__(self, directory: Path) -> None:
        paths = [path for path in directory.rglob("*") if path.suffix in _TYPES]
        self._files = {
            path.relative_to(directory).as_posix(): (_TYPES[path.suffix], path.read_bytes()) for path in paths
        }

    async def serve(self, exchange: Exchange) -> None:
        """GET / and /static/{name}: a file, or 304 when the client has it. Raises a 404."""
        name = exchange.names.get("name", "index.html")
        if name not in self._files:
            raise HttpError(404, "not_found", "There is no such file")
        kind, body = self._files[name]
        content_type = f"{kind}; charset=utf-8"
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers = (
            ("etag", etag),
            ("cache-control", "no-cache"),
            ("content-security-policy", CONTENT_SECURITY_POLICY),
            ("referrer-policy", "no-referrer"),
        )
        known = etag in exchange.headers.get("if-none-match", "")
        await exchange.respond(304 if known else 200, b"" if known else body, content_type, headers)

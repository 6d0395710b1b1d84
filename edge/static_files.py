"""The chat page's files, read once at start."""

import hashlib
from pathlib import Path

from edge.errors import HttpError
from edge.exchange import Exchange

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
}


class StaticFiles:
    """Files of one directory, under their paths in it. A file of an unknown type isn't served."""

    def __init__(self, directory: Path) -> None:
        self._files: dict[str, tuple[bytes, str, str]] = {}
        for path in sorted(directory.rglob("*")):
            if path.is_file() and path.suffix in _TYPES:
                body = path.read_bytes()
                etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
                self._files[path.relative_to(directory).as_posix()] = (body, _TYPES[path.suffix], etag)

    async def serve(self, name: str, exchange: Exchange) -> None:
        """Answers with a file, or 304 when the client has it. Raises a 404."""
        if name not in self._files:
            raise HttpError(404, "not_found", "There is no such file")
        body, content_type, etag = self._files[name]
        headers = (
            ("etag", etag),
            ("cache-control", "no-cache"),
            ("content-security-policy", CONTENT_SECURITY_POLICY),
            ("referrer-policy", "no-referrer"),
        )
        if etag in exchange.headers.get("if-none-match", ""):
            await exchange.respond(304, b"", content_type, headers)
        else:
            await exchange.respond(200, body, content_type, headers)

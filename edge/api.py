"""What the edge serves: the table of routes, and the handlers that no other file has."""

import functools
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import msgspec
import prometheus_client

from edge.app import Route
from edge.bodies import ChatRequest, CompletionRequest, ConversationRequest
from edge.conversations import Conversations
from edge.errors import HttpError
from edge.exchange import Exchange
from edge.relay import Relay
from tokenloom.inference.v1 import inference_pb2, inference_pb2_grpc

OPENAPI = Path(__file__).parent / "openapi.json"  # But for the bodies that clients send.
BODIES = (ChatRequest, CompletionRequest, ConversationRequest)
LIST_SECONDS = 2.0
PAGE = Path(__file__).parent / "static"
PAGE_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
PAGE_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


class Api:
    """Handlers. Each answers its exchange, returns what to answer as JSON, or raises."""

    def __init__(self, inference: "inference_pb2_grpc.InferenceServiceAsyncStub") -> None:
        self._inference = inference
        self._started = int(time.time())
        _, bodies = msgspec.json.schema_components(BODIES, ref_template="#/components/schemas/{name}")
        self._openapi: dict[str, Any] = json.loads(OPENAPI.read_bytes())
        self._openapi["components"]["schemas"] |= bodies
        paths = [path for path in PAGE.rglob("*") if path.suffix in PAGE_TYPES]
        self._page = {path.relative_to(PAGE).as_posix(): (path.suffix, path.read_bytes()) for path in paths}

    def routes(self, relay: Relay, conversations: Conversations) -> tuple[Route, ...]:
        """The table of routes; openapi.json describes them."""
        return (
            Route("POST", "/v1/chat/completions", functools.partial(relay.run, ChatRequest)),
            Route("POST", "/v1/completions", functools.partial(relay.run, CompletionRequest)),
            Route("GET", "/v1/models", self.models),
            Route("GET", "/v1/models/{id+}", self.model),
            Route("POST", "/chat", conversations.create),
            Route("POST", "/chat/{id}/completion", functools.partial(relay.run, ChatRequest)),
            Route("GET", "/chats", conversations.list),
            Route("GET", "/chat/{id}", conversations.get),
            Route("DELETE", "/chat/{id}", conversations.delete),
            Route("GET", "/healthz", self.healthz, keyless=True),
            Route("GET", "/readyz", self.readyz, keyless=True),
            Route("GET", "/metrics", self.metrics),
            Route("GET", "/openapi.json", self.openapi),
            Route("GET", "/", self.page, keyless=True),
            Route("GET", "/static/{name+}", self.page, keyless=True),
        )

    async def models(self, exchange: Exchange) -> dict[str, Any]:
        return {"object": "list", "data": await self._list()}

    async def model(self, exchange: Exchange) -> dict[str, Any]:
        for model in await self._list():
            if model["id"] == exchange.names["id"]:
                return model
        raise HttpError(404, "model_not_found", "There is no such model here", param="model")

    async def healthz(self, exchange: Exchange) -> dict[str, str]:
        return {"status": "ok"}

    async def readyz(self, exchange: Exchange) -> dict[str, str]:
        """Whether the default model can answer; else 503, or 504 when nobody says."""
        models = await self._list()
        if not (models and models[0]["ready"]):
            raise HttpError(503, "engine_unavailable", "The default model can't answer at present")
        return {"status": "ready"}

    async def metrics(self, exchange: Exchange) -> None:
        await exchange.respond(200, prometheus_client.generate_latest(), prometheus_client.CONTENT_TYPE_LATEST)

    async def openapi(self, exchange: Exchange) -> dict[str, Any]:
        return self._openapi

    async def page(self, exchange: Exchange) -> None:
        """A file of the chat page, or 304 when the client has it. Raises a 404."""
        name = exchange.names.get("name", "index.html")
        if name not in self._page:
            raise HttpError(404, "not_found", "There is no such file")
        suffix, body = self._page[name]
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        answer = (304, b"") if etag in exchange.headers.get("if-none-match", "") else (200, body)
        headers = (("etag", etag), *PAGE_HEADERS.items())
        await exchange.respond(*answer, f"{PAGE_TYPES[suffix]}; charset=utf-8", headers)

    async def _list(self) -> list[dict[str, Any]]:
        """All models, the default first."""
        fixed = {"object": "model", "created": self._started, "owned_by": "tokenloom"}
        models, token = [], None
        while token != "":
            request = inference_pb2.ListModelsRequest(page_token=token or "")
            page = await self._inference.ListModels(request, timeout=LIST_SECONDS)
            models += [{"id": m.id, "context_length": m.context_length, "ready": m.ready, **fixed} for m in page.models]
            token = page.next_page_token
        return models

"""What the edge serves: the table of routes, and their handlers."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
import prometheus_client

from edge import openapi, schema, turns
from edge.app import Route
from edge.conversations import Conversations
from edge.errors import HttpError, from_exception
from edge.exchange import Exchange
from edge.parse import parse
from edge.relay import Relay
from edge.settings import EdgeSettings
from edge.static_files import StaticFiles
from tokenloom.inference.v1 import inference_pb2, inference_pb2_grpc

OFF_LOOP_BYTES = 64 * 1024  # Larger bodies are parsed in a thread.
LIST_SECONDS = 5.0
READY_SECONDS = 2.0
PAGING = ("limit", "after", "page_token")

T = TypeVar("T")


class Api:
    """The handlers. Each answers its exchange once, or raises."""

    def __init__(
        self,
        relay: Relay,
        conversations: Conversations,
        inference: "inference_pb2_grpc.InferenceServiceAsyncStub",
        static: StaticFiles,
        settings: EdgeSettings,
    ) -> None:
        self._relay = relay
        self._conversations = conversations
        self._inference = inference
        self._static = static
        self._settings = settings
        self._started = int(time.time())
        self._openapi = b""

    def routes(self) -> tuple[Route, ...]:
        """The table of routes."""
        chat, chunk, request = schema.ChatCompletion, schema.ChatCompletionChunk, schema.ChatRequest
        text, prompts = schema.TextCompletion, schema.CompletionRequest
        ours = self._conversations
        routes = (
            Route("POST", "/v1/chat/completions", self.chat, "Continue a chat", chat, request, chunk),
            Route("POST", "/v1/completions", self.complete, "Continue bare prompts", text, prompts, text),
            Route("GET", "/v1/models", self.models, "List the models", schema.ModelList),
            Route("GET", "/v1/models/{id+}", self.model, "One model", schema.Model),
            Route("POST", "/chat", self.create, "Make a conversation", schema.Conversation, schema.ConversationRequest),
            Route("POST", "/chat/{id}/completion", self.turn, "Say something in it", chat, request, chunk),
            Route("GET", "/chats", ours.list, "List conversations", schema.ConversationList, query=PAGING),
            Route("GET", "/chat/{id}", ours.get, "One, with its turns", schema.ConversationDetail, query=PAGING),
            Route("DELETE", "/chat/{id}", ours.delete, "Forget it", schema.ConversationDeleted),
            Route("GET", "/healthz", self.healthz, "Whether the edge lives", schema.Health, keyless=True),
            Route("GET", "/readyz", self.readyz, "Whether a model can answer", schema.Health, keyless=True),
            Route("GET", "/metrics", self.metrics, "Prometheus metrics of this process"),
            Route("GET", "/openapi.json", self.document, "This description"),
            Route("GET", "/", self.page, "The chat page", keyless=True),
            Route("GET", "/static/{name+}", self.file, "The chat page's files", keyless=True),
        )
        self._openapi = msgspec.json.encode(openapi.document(routes))
        return routes

    async def chat(self, exchange: Exchange, names: dict[str, str]) -> None:
        """POST /v1/chat/completions."""
        await self._relay.run(await self._ask(exchange, schema.ChatRequest, turns.from_chat), exchange)

    async def complete(self, exchange: Exchange, names: dict[str, str]) -> None:
        """POST /v1/completions."""
        await self._relay.run(await self._ask(exchange, schema.CompletionRequest, turns.from_completion), exchange)

    async def turn(self, exchange: Exchange, names: dict[str, str]) -> None:
        """POST /chat/{id}/completion."""

        def in_conversation(body: schema.ChatRequest, turn_seconds: float) -> turns.Ask:
            return turns.from_chat(body, turn_seconds, names["id"])

        await self._relay.run(await self._ask(exchange, schema.ChatRequest, in_conversation), exchange)

    async def create(self, exchange: Exchange, names: dict[str, str]) -> None:
        """POST /chat; an empty body is an empty object."""
        body = await exchange.body(self._settings.max_body_bytes)
        await self._conversations.create(exchange, parse(schema.ConversationRequest, body or b"{}"))

    async def models(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /v1/models."""
        await exchange.respond(200, msgspec.json.encode(schema.ModelList(data=await self._list(LIST_SECONDS))))

    async def model(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /v1/models/{id}."""
        for model in await self._list(LIST_SECONDS):
            if model.id == names["id"]:
                await exchange.respond(200, msgspec.json.encode(model))
                return
        raise HttpError(404, "model_not_found", "There is no such model here", param="model")

    async def healthz(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /healthz."""
        await exchange.respond(200, msgspec.json.encode(schema.Health("ok")))

    async def readyz(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /readyz: 503 unless some model can answer."""
        try:
            ready = any(model.ready for model in await self._list(READY_SECONDS))
        except Exception as error:
            raise HttpError(503, from_exception(error).code, "No model can be asked at present") from error
        if not ready:
            raise HttpError(503, "engine_unavailable", "No model is ready")
        await exchange.respond(200, msgspec.json.encode(schema.Health("ready")))

    async def metrics(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /metrics."""
        await exchange.respond(200, prometheus_client.generate_latest(), prometheus_client.CONTENT_TYPE_LATEST)

    async def document(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /openapi.json."""
        await exchange.respond(200, self._openapi)

    async def page(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /."""
        await self._static.serve("index.html", exchange)

    async def file(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /static/{name}."""
        await self._static.serve(names["name"], exchange)

    async def _ask(self, exchange: Exchange, kind: type[T], read: Callable[[T, float], turns.Ask]) -> turns.Ask:
        body = await exchange.body(self._settings.max_body_bytes)

        def parsed() -> turns.Ask:
            return read(parse(kind, body), self._settings.turn_seconds)

        return parsed() if len(body) <= OFF_LOOP_BYTES else await asyncio.to_thread(parsed)

    async def _list(self, seconds: float) -> list[schema.Model]:
        models: list[schema.Model] = []
        token = ""
        while True:
            request = inference_pb2.ListModelsRequest(page_token=token)
            page = await self._inference.ListModels(request, timeout=seconds)
            models += [
                schema.Model(id=m.id, created=self._started, context_length=m.context_length, ready=m.ready)
                for m in page.models
            ]
            token = page.next_page_token
            if not token:
                return models

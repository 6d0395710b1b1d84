"""What the edge serves: the table of routes, and the handlers that no other file has."""

import functools
import hashlib
import time
from pathlib import Path
from typing import Any

import msgspec
import prometheus_client

from edge.answers import usage
from edge.app import Handler
from edge.bodies import ChatRequest, CompletionRequest, ConversationRequest, parse
from edge.errors import HttpError, invalid
from edge.exchange import Exchange
from edge.relay import Relay
from edge.turns import SCOPE
from mesh.ids import new_id
from tokenloom.chat.v1 import chat_pb2
from tokenloom.context.v1 import context_pb2, context_pb2_grpc
from tokenloom.inference.v1 import inference_pb2, inference_pb2_grpc

OPENAPI = Path(__file__).parent / "openapi.json"  # But for the bodies that clients send.
BODIES = (ChatRequest, CompletionRequest, ConversationRequest)
LIST_SECONDS = 2.0
CALL_SECONDS = 10.0
MAX_PAGE = 200
PAGE = Path(__file__).parent / "static"
PAGE_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
PAGE_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


class Api:
    """The handlers."""

    def __init__(
        self,
        context: "context_pb2_grpc.ContextServiceAsyncStub",
        inference: "inference_pb2_grpc.InferenceServiceAsyncStub",
    ) -> None:
        self._context, self._inference, self._started = context, inference, int(time.time())
        _, bodies = msgspec.json.schema_components(BODIES, ref_template="#/components/schemas/{name}")
        self._openapi: dict[str, Any] = msgspec.json.decode(OPENAPI.read_bytes())
        self._openapi["components"]["schemas"] |= bodies
        paths = [path for path in PAGE.rglob("*") if path.suffix in PAGE_TYPES]
        self._page = {path.relative_to(PAGE).as_posix(): (path.suffix, path.read_bytes()) for path in paths}

    def routes(self, relay: Relay) -> dict[str, dict[str, Handler]]:
        """The handlers by path and method; openapi.json describes them."""
        return {
            "/v1/chat/completions": {"POST": functools.partial(relay.run, ChatRequest)},
            "/v1/completions": {"POST": functools.partial(relay.run, CompletionRequest)},
            "/v1/models": {"GET": self.models},
            "/v1/models/{id+}": {"GET": self.model},
            "/chat": {"POST": self.create_chat},
            "/chat/{id}/completion": {"POST": functools.partial(relay.run, ChatRequest)},
            "/chats": {"GET": self.chats},
            "/chat/{id}": {"GET": self.chat, "DELETE": self.delete_chat},
            "/healthz": {"GET": self.healthz},
            "/readyz": {"GET": self.readyz},
            "/metrics": {"GET": self.metrics},
            "/openapi.json": {"GET": self.openapi},
            "/": {"GET": self.page},
            "/static/{name+}": {"GET": self.page},
        }

    async def models(self, exchange: Exchange) -> dict[str, Any]:
        return {"object": "list", "data": await self._list()}

    async def model(self, exchange: Exchange) -> dict[str, Any]:
        for model in await self._list():
            if model["id"] == exchange.names["id"]:
                return model
        raise HttpError(404, "model_not_found", "There is no such model here", param="model")

    async def create_chat(self, exchange: Exchange) -> dict[str, Any]:
        title = parse(ConversationRequest, await exchange.body() or b"{}").title or ""
        request = context_pb2.CreateConversationRequest(scope=SCOPE, conversation_id=new_id("conv"), title=title)
        response = await self._context.CreateConversation(request, timeout=CALL_SECONDS)
        return _conversation(response.conversation)

    async def chats(self, exchange: Exchange) -> dict[str, Any]:
        request = context_pb2.ListConversationsRequest(scope=SCOPE, **_page(exchange))
        response = await self._context.ListConversations(request, timeout=CALL_SECONDS)
        return {"object": "list", "data": [_conversation(it) for it in response.conversations], **_following(response)}

    async def chat(self, exchange: Exchange) -> dict[str, Any]:
        page = _page(exchange)
        request = context_pb2.GetConversationRequest(scope=SCOPE, conversation_id=exchange.names["id"], **page)
        response = await self._context.GetConversation(request, timeout=CALL_SECONDS)
        turns = [_turn(turn) for turn in response.turns]
        return {**_conversation(response.conversation), "turns": turns, **_following(response)}

    async def delete_chat(self, exchange: Exchange) -> dict[str, Any]:
        request = context_pb2.DeleteConversationRequest(scope=SCOPE, conversation_id=exchange.names["id"])
        await self._context.DeleteConversation(request, timeout=CALL_SECONDS)
        return {"id": exchange.names["id"], "object": "conversation.deleted", "deleted": True}

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


def _page(exchange: Exchange) -> dict[str, Any]:
    limit = exchange.query.get("limit", "50")
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MAX_PAGE):
        raise invalid("limit", f"expected a number from 1 to {MAX_PAGE}")
    return {"page_size": int(limit), "page_token": exchange.query.get("after", "")}


def _following(response: context_pb2.ListConversationsResponse | context_pb2.GetConversationResponse) -> dict[str, Any]:
    return {"has_more": bool(response.next_page_token), "next": response.next_page_token or None}


def _conversation(stored: context_pb2.Conversation) -> dict[str, Any]:
    times = {"created_at": stored.created.seconds, "updated_at": stored.updated.seconds}
    return {"id": stored.id, "object": "conversation", "title": stored.title, **times}


def _turn(turn: context_pb2.Turn) -> dict[str, Any]:
    return {
        "id": turn.id,
        "messages": [_message(message) for message in turn.messages],
        "answer": _message(turn.answer) if turn.HasField("answer") else None,
        "status": context_pb2.TurnStatus.Name(turn.status).removeprefix("TURN_STATUS_").lower(),
        "model": turn.model,
        "usage": usage(turn.usage),
        "created_at": turn.recorded.seconds,
    }


def _message(message: chat_pb2.Message) -> dict[str, str]:
    role = chat_pb2.Role.Name(message.role).removeprefix("ROLE_").lower()
    name = {"name": message.name} if message.name else {}
    return {"role": role, "content": "".join(part.text for part in message.parts), **name}

"""Stored conversations over HTTP: context's calls, as JSON."""

from typing import Any, Literal

import msgspec

from edge import schema
from edge.errors import invalid
from edge.exchange import Exchange
from edge.turns import SCOPE
from mesh.ids import new_id
from tokenloom.chat.v1 import chat_pb2
from tokenloom.context.v1 import context_pb2, context_pb2_grpc

CALL_SECONDS = 10.0
MAX_PAGE = 200

_STATUS: dict[int, Literal["completed", "cancelled", "refused", "failed"]] = {
    context_pb2.TURN_STATUS_COMPLETED: "completed",
    context_pb2.TURN_STATUS_CANCELLED: "cancelled",
    context_pb2.TURN_STATUS_REFUSED: "refused",
    context_pb2.TURN_STATUS_FAILED: "failed",
}


class Conversations:
    """The handlers of /chat and /chats, but for turns."""

    def __init__(self, context: "context_pb2_grpc.ContextServiceAsyncStub") -> None:
        self._context = context

    async def create(self, exchange: Exchange, body: schema.ConversationRequest) -> None:
        """POST /chat."""
        request = context_pb2.CreateConversationRequest(
            scope=SCOPE, conversation_id=new_id("conv"), title=body.title or ""
        )
        response = await self._context.CreateConversation(request, timeout=CALL_SECONDS)
        await _respond(exchange, schema.Conversation(**_fields(response.conversation)))

    async def list(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /chats?limit=&after=."""
        size, token = _page(exchange)
        request = context_pb2.ListConversationsRequest(scope=SCOPE, page_size=size, page_token=token)
        response = await self._context.ListConversations(request, timeout=CALL_SECONDS)
        data = [schema.Conversation(**_fields(conversation)) for conversation in response.conversations]
        following = response.next_page_token or None
        await _respond(exchange, schema.ConversationList(data=data, has_more=following is not None, next=following))

    async def get(self, exchange: Exchange, names: dict[str, str]) -> None:
        """GET /chat/{id}?limit=&after=."""
        size, token = _page(exchange)
        request = context_pb2.GetConversationRequest(
            scope=SCOPE, conversation_id=names["id"], page_size=size, page_token=token
        )
        response = await self._context.GetConversation(request, timeout=CALL_SECONDS)
        following = response.next_page_token or None
        detail = schema.ConversationDetail(
            **_fields(response.conversation),
            turns=[_turn(turn) for turn in response.turns],
            has_more=following is not None,
            next=following,
        )
        await _respond(exchange, detail)

    async def delete(self, exchange: Exchange, names: dict[str, str]) -> None:
        """DELETE /chat/{id}."""
        request = context_pb2.DeleteConversationRequest(scope=SCOPE, conversation_id=names["id"])
        await self._context.DeleteConversation(request, timeout=CALL_SECONDS)
        await _respond(exchange, schema.ConversationDeleted(id=names["id"]))


async def _respond(exchange: Exchange, answer: Any) -> None:
    await exchange.respond(200, msgspec.json.encode(answer))


def _page(exchange: Exchange) -> tuple[int, str]:
    query = exchange.query()
    limit = query.get("limit", "50")
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MAX_PAGE):
        raise invalid("limit", f"expected a number from 1 to {MAX_PAGE}")
    return int(limit), query.get("after") or query.get("page_token") or ""


def _fields(conversation: context_pb2.Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created_at": conversation.created.seconds,
        "updated_at": conversation.updated.seconds,
    }


def _turn(turn: context_pb2.Turn) -> schema.Turn:
    usage = turn.usage
    return schema.Turn(
        id=turn.id,
        messages=[_message(message) for message in turn.messages],
        answer=_message(turn.answer) if turn.HasField("answer") else None,
        status=_STATUS.get(turn.status, "failed"),
        model=turn.model,
        usage=schema.Usage(usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens + usage.completion_tokens),
        created_at=turn.recorded.seconds,
    )


def _message(message: chat_pb2.Message) -> schema.StoredMessage:
    role = chat_pb2.Role.Name(message.role).removeprefix("ROLE_").lower()
    return schema.StoredMessage(role, "".join(part.text for part in message.parts), message.name)

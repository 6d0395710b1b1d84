"""Stored conversations over HTTP: context's calls, as JSON."""

from typing import Any

from edge import answers
from edge.bodies import ConversationRequest, parse
from edge.errors import invalid
from edge.exchange import Exchange
from edge.turns import SCOPE
from mesh.ids import new_id
from tokenloom.chat.v1 import chat_pb2
from tokenloom.context.v1 import context_pb2 as pb
from tokenloom.context.v1 import context_pb2_grpc

CALL_SECONDS = 10.0
MAX_PAGE = 200


class Conversations:
    """The handlers of /chat and /chats, but for turns."""

    def __init__(self, context: "context_pb2_grpc.ContextServiceAsyncStub") -> None:
        self._context = context

    async def create(self, exchange: Exchange) -> dict[str, Any]:
        """POST /chat; an empty body is an empty object."""
        title = parse(ConversationRequest, await exchange.body() or b"{}").title or ""
        request = pb.CreateConversationRequest(scope=SCOPE, conversation_id=new_id("conv"), title=title)
        response = await self._context.CreateConversation(request, timeout=CALL_SECONDS)
        return _conversation(response.conversation)

    async def list(self, exchange: Exchange) -> dict[str, Any]:
        """GET /chats?limit=&after=."""
        request = pb.ListConversationsRequest(scope=SCOPE, **_page(exchange))
        response = await self._context.ListConversations(request, timeout=CALL_SECONDS)
        data = [_conversation(conversation) for conversation in response.conversations]
        return {"object": "list", "data": data, **_following(response)}

    async def get(self, exchange: Exchange) -> dict[str, Any]:
        """GET /chat/{id}?limit=&after=."""
        request = pb.GetConversationRequest(scope=SCOPE, conversation_id=exchange.names["id"], **_page(exchange))
        response = await self._context.GetConversation(request, timeout=CALL_SECONDS)
        turns = [_turn(turn) for turn in response.turns]
        return {**_conversation(response.conversation), "turns": turns, **_following(response)}

    async def delete(self, exchange: Exchange) -> dict[str, Any]:
        """DELETE /chat/{id}."""
        request = pb.DeleteConversationRequest(scope=SCOPE, conversation_id=exchange.names["id"])
        await self._context.DeleteConversation(request, timeout=CALL_SECONDS)
        return {"id": exchange.names["id"], "object": "conversation.deleted", "deleted": True}


def _page(exchange: Exchange) -> dict[str, Any]:
    limit = exchange.query.get("limit", "50")
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MAX_PAGE):
        raise invalid("limit", f"expected a number from 1 to {MAX_PAGE}")
    return {"page_size": int(limit), "page_token": exchange.query.get("after", "")}


def _following(response: pb.ListConversationsResponse | pb.GetConversationResponse) -> dict[str, Any]:
    return {"has_more": bool(response.next_page_token), "next": response.next_page_token or None}


def _conversation(stored: pb.Conversation) -> dict[str, Any]:
    times = {"created_at": stored.created.seconds, "updated_at": stored.updated.seconds}
    return {"id": stored.id, "object": "conversation", "title": stored.title, **times}


def _turn(turn: pb.Turn) -> dict[str, Any]:
    return {
        "id": turn.id,
        "messages": [_message(message) for message in turn.messages],
        "answer": _message(turn.answer) if turn.HasField("answer") else None,
        "status": pb.TurnStatus.Name(turn.status).removeprefix("TURN_STATUS_").lower(),
        "model": turn.model,
        "usage": answers.usage(turn.usage),
        "created_at": turn.recorded.seconds,
    }


def _message(message: chat_pb2.Message) -> dict[str, str]:
    role = chat_pb2.Role.Name(message.role).removeprefix("ROLE_").lower()
    name = {"name": message.name} if message.name else {}
    return {"role": role, "content": "".join(part.text for part in message.parts), **name}

"""ContextService: checks what is asked, pages what is long, and leaves the rest to the store and `build`."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from context.prompt import build
from context.sqlite_store import LATEST, NEWEST, SqliteStore
from context.tokens import TokenCounter
from mesh.faults import invalid
from tokenloom.chat.v1.chat_pb2 import Scope
from tokenloom.context.v1 import context_pb2 as pb
from tokenloom.context.v1.context_pb2_grpc import ContextServiceServicer

_ID = "[A-Za-z0-9._-]{1,128}"
_is_id = re.compile(_ID).fullmatch  # Without it, `re` looks the pattern up at each call.
_DEFAULT_PAGE, _MAX_PAGE = 50, 200
_MAX_TITLE = 200


class ContextService(ContextServiceServicer):
    """See context.proto. `now` gives microseconds since 1970."""

    def __init__(self, store: SqliteStore, counter: TokenCounter, now: Callable[[], int]) -> None:
        self._store, self._counter, self._now = store, counter, now

    async def CreateConversation(
        self, request: pb.CreateConversationRequest, ctx: Any
    ) -> pb.CreateConversationResponse:
        _check(request.scope, conversation_id=request.conversation_id)
        if len(request.title) > _MAX_TITLE:
            raise invalid("title", f"at most {_MAX_TITLE} characters")
        made = await self._store.create(request.scope, request.conversation_id, request.title, self._now())
        return pb.CreateConversationResponse(conversation=made)

    async def GetConversation(self, request: pb.GetConversationRequest, ctx: Any) -> pb.GetConversationResponse:
        _check(request.scope, conversation_id=request.conversation_id)
        size, place = _page(request, f"~({_ID})")
        before = place[0] if place else NEWEST
        conversation, turns = await self._store.turns(request.scope, request.conversation_id, size + 1, before)
        page = turns[:size]
        token = f"~{page[-1].id}" if len(turns) > size else ""
        return pb.GetConversationResponse(conversation=conversation, turns=page[::-1], next_page_token=token)

    async def ListConversations(self, request: pb.ListConversationsRequest, ctx: Any) -> pb.ListConversationsResponse:
        _check(request.scope)
        size, place = _page(request, f"([0-9]{{1,18}})~({_ID})")
        before = (int(place[0]), place[1]) if place else LATEST
        found = await self._store.conversations(request.scope, size + 1, before)
        page = found[:size]
        token = f"{page[-1].updated.ToMicroseconds()}~{page[-1].id}" if len(found) > size else ""
        return pb.ListConversationsResponse(conversations=page, next_page_token=token)

    async def DeleteConversation(
        self, request: pb.DeleteConversationRequest, ctx: Any
    ) -> pb.DeleteConversationResponse:
        _check(request.scope, conversation_id=request.conversation_id)
        await self._store.delete(request.scope, request.conversation_id)
        return pb.DeleteConversationResponse()

    async def BuildContext(self, request: pb.BuildContextRequest, ctx: Any) -> pb.BuildContextResponse:
        _check(request.scope, conversation_id=request.conversation_id)
        if not request.messages:
            raise invalid("messages", "at least one")
        return await build(request, self._store, self._counter)

    async def RecordTurn(self, request: pb.RecordTurnRequest, ctx: Any) -> pb.RecordTurnResponse:
        _check(request.scope, **{"conversation_id": request.conversation_id, "turn.id": request.turn.id})
        if request.turn.status not in pb.TurnStatus.values()[1:]:
            raise invalid("turn.status", "how the turn ended")
        await self._store.record(request.scope, request.conversation_id, request.turn, self._now())
        return pb.RecordTurnResponse()


def _check(scope: Scope, **ids: str) -> None:
    for field, value in {"scope.tenant": scope.tenant, "scope.user": scope.user, **ids}.items():
        if not _is_id(value):
            raise invalid(field, "1 to 128 characters of [A-Za-z0-9._-]")


def _page(request: pb.GetConversationRequest | pb.ListConversationsRequest, pattern: str) -> tuple[int, Sequence[str]]:
    """How much is asked for, and after which place: what the token says, empty for the first page."""
    if request.page_size < 0:
        raise invalid("page_size", f"0 for {_DEFAULT_PAGE}, or up to {_MAX_PAGE}")
    if (match := re.fullmatch(f"({pattern})?", request.page_token)) is None:
        raise invalid("page_token", "a next_page_token of the page before")
    return min(request.page_size or _DEFAULT_PAGE, _MAX_PAGE), match.groups()[1:] if request.page_token else ()

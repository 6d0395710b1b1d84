"""ContextService: checks what is asked, pages what is long, and leaves the rest to the store and the prompt builder."""

import base64
import re
from collections.abc import Callable
from typing import Any

from context.prompt import PromptBuilder, not_found
from context.store import LATEST, NEWEST, Store
from mesh.faults import invalid
from tokenloom.chat.v1.chat_pb2 import Scope
from tokenloom.context.v1.context_pb2 import (
    TURN_STATUS_UNSPECIFIED,
    BuildContextRequest,
    BuildContextResponse,
    CreateConversationRequest,
    CreateConversationResponse,
    DeleteConversationRequest,
    DeleteConversationResponse,
    GetConversationRequest,
    GetConversationResponse,
    ListConversationsRequest,
    ListConversationsResponse,
    RecordTurnRequest,
    RecordTurnResponse,
    TurnStatus,
)
from tokenloom.context.v1.context_pb2_grpc import ContextServiceServicer

_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_NUMBER = re.compile("[0-9]{1,18}")
_ID_EXPECTED = "1 to 128 characters of [A-Za-z0-9._-]"
_DEFAULT_PAGE, _MAX_PAGE = 50, 200
_MAX_TITLE = 200


class ContextService(ContextServiceServicer):
    """See context.proto. `now` gives microseconds since 1970."""

    def __init__(self, store: Store, prompts: PromptBuilder, now: Callable[[], int]) -> None:
        self._store = store
        self._prompts = prompts
        self._now = now

    async def CreateConversation(self, request: CreateConversationRequest, ctx: Any) -> CreateConversationResponse:
        """Idempotent."""
        _check(request.scope, request.conversation_id)
        if len(request.title) > _MAX_TITLE:
            raise invalid("title", f"at most {_MAX_TITLE} characters")
        made = await self._store.create(request.scope, request.conversation_id, request.title, self._now())
        return CreateConversationResponse(conversation=made)

    async def GetConversation(self, request: GetConversationRequest, ctx: Any) -> GetConversationResponse:
        """A page of turns, newest page first."""
        _check(request.scope, request.conversation_id)
        size = _page_size(request.page_size)
        before, *_ = _open_token(request.page_token, 1) or [NEWEST]
        found = await self._store.turns(request.scope, request.conversation_id, size + 1, before)
        if found is None:
            raise not_found(request.conversation_id)
        conversation, turns = found
        page = turns[:size]
        token = _token(page[-1].id) if len(turns) > size else ""
        return GetConversationResponse(conversation=conversation, turns=page[::-1], next_page_token=token)

    async def ListConversations(self, request: ListConversationsRequest, ctx: Any) -> ListConversationsResponse:
        """Last used first."""
        _check(request.scope)
        size = _page_size(request.page_size)
        updated, before = _open_token(request.page_token, 2) or LATEST
        found = await self._store.conversations(request.scope, size + 1, (int(updated), before))
        page = found[:size]
        token = _token(page[-1].updated.ToMicroseconds(), page[-1].id) if len(found) > size else ""
        return ListConversationsResponse(conversations=page, next_page_token=token)

    async def DeleteConversation(self, request: DeleteConversationRequest, ctx: Any) -> DeleteConversationResponse:
        """With all its turns."""
        _check(request.scope, request.conversation_id)
        if not await self._store.delete(request.scope, request.conversation_id):
            raise not_found(request.conversation_id)
        return DeleteConversationResponse()

    async def BuildContext(self, request: BuildContextRequest, ctx: Any) -> BuildContextResponse:
        """The prompt of the next turn."""
        _check(request.scope, request.conversation_id)
        if not request.messages:
            raise invalid("messages", "at least one")
        return await self._prompts.build(request)

    async def RecordTurn(self, request: RecordTurnRequest, ctx: Any) -> RecordTurnResponse:
        """Durable when it returns."""
        _check(request.scope, request.conversation_id)
        if not _ID.fullmatch(request.turn.id):
            raise invalid("turn.id", _ID_EXPECTED)
        if request.turn.status not in TurnStatus.values() or request.turn.status == TURN_STATUS_UNSPECIFIED:
            raise invalid("turn.status", "how the turn ended")
        if not await self._store.record(request.scope, request.conversation_id, request.turn, self._now()):
            raise not_found(request.conversation_id)
        return RecordTurnResponse()


def _check(scope: Scope, conversation_id: str | None = None) -> None:
    for field, value in (("scope.tenant", scope.tenant), ("scope.user", scope.user)):
        if not _ID.fullmatch(value):
            raise invalid(field, _ID_EXPECTED)
    if conversation_id is not None and not _ID.fullmatch(conversation_id):
        raise invalid("conversation_id", _ID_EXPECTED)


def _page_size(asked: int) -> int:
    if asked < 0:
        raise invalid("page_size", f"0 for {_DEFAULT_PAGE}, or up to {_MAX_PAGE}")
    return min(asked or _DEFAULT_PAGE, _MAX_PAGE)


def _token(*key: str | int) -> str:
    return base64.urlsafe_b64encode("/".join(map(str, key)).encode()).decode()


def _open_token(token: str, parts: int) -> list[str]:
    """The key that a page token holds, empty for none; the first of two is a number."""
    try:
        key = base64.b64decode(token, altchars=b"-_", validate=True).decode("ascii").split("/") if token else []
    except ValueError:
        key = [""]
    if key and (len(key) != parts or not _ID.fullmatch(key[-1]) or not all(map(_NUMBER.fullmatch, key[:-1]))):
        raise invalid("page_token", "a next_page_token of the page before")
    return key

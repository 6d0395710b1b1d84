"""Builds the prompt of a conversation's next turn: reads as much history as the window may hold, counts, cuts."""

from collections.abc import Sequence

import grpc

from context.store import INSTRUCTIONS, Past, Store
from context.tokens import TokenCounter
from context.window import Counted, cut
from mesh.faults import Fault
from tokenloom.chat.v1.chat_pb2 import Message
from tokenloom.context.v1.context_pb2 import BuildContextRequest, BuildContextResponse

_PAGE_TURNS = 64


class PromptBuilder:
    """BuildContext, see context.proto."""

    def __init__(self, store: Store, counter: TokenCounter) -> None:
        self._store = store
        self._counter = counter

    async def build(self, request: BuildContextRequest) -> BuildContextResponse:
        """The messages for the model. Raises CONVERSATION_NOT_FOUND, and what counting raises."""
        scope, conversation_id, new = request.scope, request.conversation_id, request.messages
        history = await self._store.history(scope, conversation_id, _PAGE_TURNS)
        if history is None:
            raise not_found(conversation_id)
        instructions = [message for message in history.instructions if message not in new]
        exchanges: list[list[Message]] = []  # Newest first, like `counted`.
        counted: list[Counted] = []
        page = history.past
        while True:
            fresh_exchanges = [_exchange(past) for past in page]
            past = [*instructions, *(message for exchange in fresh_exchanges for message in exchange)]
            counts = await self._counter.count(request.model, new, past)
            reserve = min(request.reserve_tokens or counts.context_length // 4, counts.context_length // 2)
            room = counts.context_length - reserve - counts.overhead - sum(counts.fresh)
            tokens = iter(counts.past[len(instructions) :])
            for past_turn, exchange in zip(page, fresh_exchanges, strict=True):
                counted.append(Counted(sum(next(tokens) for _ in exchange), past_turn.position))
            exchanges += fresh_exchanges
            if len(counted) >= history.usable_turns or not page or sum(turn.tokens for turn in counted) > room:
                break
            older = await self._store.history(scope, conversation_id, 4 * len(counted), page[-1].turn.id)
            if older is None:
                raise not_found(conversation_id)
            page = older.past
        keep = cut(counts.past[: len(instructions)], counted[::-1], room, counts.context_length)
        kept = exchanges[::-1][keep.turns :]
        return BuildContextResponse(
            messages=[
                *instructions[keep.instructions :],
                *(message for message in new if message.role in INSTRUCTIONS),
                *(message for exchange in kept for message in exchange),
                *(message for message in new if message.role not in INSTRUCTIONS),
            ],
            dropped_turns=history.usable_turns - len(kept),
        )


def _exchange(past: Past) -> list[Message]:
    said: Sequence[Message] = past.turn.messages
    return [*(message for message in said if message.role not in INSTRUCTIONS), past.turn.answer]


def not_found(conversation_id: str) -> Fault:
    """No such conversation in the caller's scope."""
    message = f"there is no conversation {conversation_id}"
    return Fault(
        grpc.StatusCode.NOT_FOUND,
        "CONVERSATION_NOT_FOUND",
        message,
        field="conversation_id",
        conversation_id=conversation_id,
    )

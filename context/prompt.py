"""Builds the prompt of a conversation's next turn: reads as much history as the window may hold, counts, cuts."""

from itertools import chain

from context.sqlite_store import INSTRUCTIONS, NEWEST, Past, SqliteStore
from context.tokens import TokenCounter
from context.window import Counted, cut
from tokenloom.chat.v1.chat_pb2 import Message
from tokenloom.context.v1.context_pb2 import BuildContextRequest, BuildContextResponse

_PAGE_TURNS = 64


async def build(request: BuildContextRequest, store: SqliteStore, counter: TokenCounter) -> BuildContextResponse:
    """The messages for the model, see context.proto. Raises CONVERSATION_NOT_FOUND, and what counting raises."""
    past: list[Past] = []  # Oldest first.
    enough = False
    while not enough:
        limit, before = (3 * len(past), past[0].turn.id) if past else (_PAGE_TURNS, NEWEST)
        history = await store.history(request.scope, request.conversation_id, limit, before)
        past = [*reversed(history.past), *past]
        exchanges = [_exchange(each) for each in past]
        instructions = [message for message in history.instructions if message not in request.messages]
        counts = await counter.count(request.model, request.messages, [*instructions, *chain(*exchanges)])
        window = counts.context_length
        reserve = min(request.reserve_tokens or window // 4, window // 2)
        room = window - reserve - counts.overhead - sum(counts.fresh)
        tokens = iter(counts.past)
        told = [next(tokens) for _ in instructions]
        turns = [
            Counted(sum(next(tokens) for _ in exchange), each.position)
            for each, exchange in zip(past, exchanges, strict=True)
        ]
        enough = not history.past or len(past) >= history.usable_turns or sum(turn.tokens for turn in turns) > room
    keep = cut(told, turns, room, window)
    return BuildContextResponse(
        messages=[
            *instructions[keep.instructions :],
            *(message for message in request.messages if message.role in INSTRUCTIONS),
            *chain(*exchanges[keep.turns :]),
            *(message for message in request.messages if message.role not in INSTRUCTIONS),
        ],
        dropped_turns=history.usable_turns - len(turns) + keep.turns,
    )


def _exchange(past: Past) -> list[Message]:
    return [*(message for message in past.turn.messages if message.role not in INSTRUCTIONS), past.turn.answer]

"""Builds the prompt of a conversation's next turn: reads as much history as the window may hold, counts, cuts."""

from collections.abc import Iterable
from itertools import chain

from context.sqlite_store import INSTRUCTIONS, NEWEST, SqliteStore
from context.tokens import TokenCounter
from context.window import cut
from tokenloom.chat.v1.chat_pb2 import Message
from tokenloom.context.v1.context_pb2 import BuildContextRequest, BuildContextResponse, Turn
from tokenloom.inference.v1.inference_pb2 import CountTokensResponse

_PAGE_TURNS = 64


async def build(request: BuildContextRequest, store: SqliteStore, counter: TokenCounter) -> BuildContextResponse:
    """The messages for the model, see context.proto. Raises CONVERSATION_NOT_FOUND, and what counting raises."""
    past: list[tuple[Turn, int]] = []  # Oldest first.
    enough = False
    while not enough:
        limit, before = (3 * len(past), past[0][0].id) if past else (_PAGE_TURNS, NEWEST)
        history = await store.history(request.scope, request.conversation_id, limit, before)
        past = [*reversed(history.past), *past]
        exchanges = [[*_spoken(turn.messages), turn.answer] for turn, _ in past]
        told = [message for message in history.instructions if message not in request.messages]
        before_now = [*told, *chain(*exchanges)]
        known = counter.lately(request.model) if len(past) == history.usable_turns else None
        if known and sum(map(_most, chain(before_now, request.messages))) <= _room(request, known):
            first_told = first_turn = 0  # All of it surely fits.
            break
        counts, reply = await counter.count(request.model, request.messages, before_now)
        tokens = iter(counts)
        room = _room(request, reply) - sum(next(tokens) for _ in request.messages)
        told_tokens = [next(tokens) for _ in told]
        turn_tokens = [sum(next(tokens) for _ in exchange) for exchange in exchanges]
        enough = not history.past or len(past) >= history.usable_turns or sum(turn_tokens) > room
    else:
        first_told, first_turn = cut(told_tokens, turn_tokens, [at for _, at in past], room, reply.context_length)
    telling = (message for message in request.messages if message.role in INSTRUCTIONS)
    messages = chain(told[first_told:], telling, *exchanges[first_turn:], _spoken(request.messages))
    return BuildContextResponse(messages=messages, dropped_turns=history.usable_turns - len(past) + first_turn)


def _room(request: BuildContextRequest, reply: CountTokensResponse) -> int:
    """What the window has for messages."""
    window = reply.context_length
    return window - min(request.reserve_tokens or window // 4, window // 2) - reply.overhead_tokens


def _most(message: Message) -> int:
    """More tokens than any tokenizer and template make of a message: one for a byte or less, and a dozen, is usual."""
    return 2 * message.ByteSize() + 64


def _spoken(messages: Iterable[Message]) -> list[Message]:
    return [message for message in messages if message.role not in INSTRUCTIONS]

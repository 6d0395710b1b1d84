"""Which part of a conversation the model gets to see: a window, exact in tokens, whose beginning rarely moves.

When history overflows, dropping just enough of it would change the prompt's beginning on every turn, and the engine's
KV cache would be of no use. So history is cut where a *block* begins. Blocks are a property of the conversation alone:
its usable turns laid end to end, in bytes, and divided every `block` bytes. So the cut is a pure function of the
history, and stays where it is until about a block of new turns has come. A block is a quarter of the window at four
bytes a token. When the first block that fits would leave less than half of what fits (large turns, other bytes per
token), blocks of half the size are tried, and so on.

What is counted for only grows from turn to turn (today's new messages are tomorrow's history), so the cut moves in one
direction. All numbers are tokens, positions and blocks are bytes.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Counted(NamedTuple):
    """A turn: the tokens of all it puts into the prompt, and its position in its conversation."""

    tokens: int
    position: int


class Cut(NamedTuple):
    """What is kept: instructions from index `instructions` on, turns from index `turns` on."""

    instructions: int
    turns: int


def cut(instructions: Sequence[int], turns: Sequence[Counted], room: int, context_length: int) -> Cut:
    """Both oldest first, `turns` at least back to the first that doesn't fit. `room`: the tokens both may take.

    Instructions go before turns; the oldest are left out only when they don't fit by themselves.
    """
    first = len(instructions)
    while first > 0 and instructions[first - 1] <= room:
        first -= 1
        room -= instructions[first]
    return Cut(first, len(turns) if first else _first_turn(turns, room, context_length))


def _first_turn(turns: Sequence[Counted], room: int, block: int) -> int:
    first, kept = len(turns), 0
    while first > 0 and kept + turns[first - 1].tokens <= room:
        first -= 1
        kept += turns[first].tokens
    if first == 0:
        return 0
    while block > 0:
        start, left = first, kept
        while start < len(turns) and turns[start].position // block == turns[start - 1].position // block:
            left -= turns[start].tokens
            start += 1
        if 2 * left >= kept:
            return start
        block //= 2
    return first

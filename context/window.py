"""Which part of a conversation the model gets to see: a window, exact in tokens, whose beginning rarely moves.

When history overflows, dropping just enough of it would change the prompt's beginning on every turn, and the engine's
KV cache would be of no use. So history is cut where a *block* begins: the conversation's usable turns, laid end to end,
are divided every `block` bytes. The cut is a pure function of the history, stays until about a block of new turns has
come, and moves in one direction, as what is counted only grows. A block is a quarter of the window at four bytes a
token, or half of that, and so on, while the first cut that fits would leave less than half of what fits.
"""

from collections.abc import Sequence


def cut(
    instructions: Sequence[int], turns: Sequence[int], positions: Sequence[int], room: int, context_length: int
) -> tuple[int, int]:
    """The first instruction and the first turn to keep. All come oldest first, `turns` back to one that doesn't fit.

    Numbers are tokens; `positions` are where in their conversation the turns begin, in bytes. `room` is for both.
    Instructions go before turns; the oldest are left out only when they don't fit by themselves.
    """
    told, room = _fitting(instructions, room)
    if told:
        return told, len(turns)
    first, left = _fitting(turns, room)
    kept, block = room - left, context_length
    while first and block:
        start, rest = first, kept
        while start < len(turns) and positions[start] // block == positions[start - 1] // block:
            rest -= turns[start]
            start += 1
        if 2 * rest >= kept:
            return told, start
        block //= 2
    return told, first


def _fitting(tokens: Sequence[int], room: int) -> tuple[int, int]:
    """The index of the first of the latest that fit, and the room that they leave."""
    first = len(tokens)
    while first and tokens[first - 1] <= room:
        first -= 1
        room -= tokens[first]
    return first, room

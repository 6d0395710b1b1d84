"""The window never overflows, keeps as much as it should, and moves rarely and in one direction."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from context import window


class Counted(NamedTuple):
    tokens: int
    position: int


def cut(instructions: list[int], turns: list[Counted], room: int, context_length: int) -> tuple[int, int]:
    return window.cut(instructions, [t.tokens for t in turns], [t.position for t in turns], room, context_length)


def laid_out(turns: list[tuple[int, int]]) -> list[Counted]:
    """Turns of (tokens, bytes), end to end."""
    position, counted = 0, []
    for tokens, size in turns:
        counted.append(Counted(tokens, position))
        position += size
    return counted


turns = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 3000)), max_size=60).map(laid_out)
instructions = st.lists(st.integers(1, 300), max_size=5)


@settings(max_examples=500)
@given(instructions, turns, st.integers(-50, 1500), st.integers(1, 2048))
def test_what_is_kept_fits_and_is_at_least_half_of_what_could(
    said: list[int], past: list[Counted], room: int, context_length: int
) -> None:
    first_said, first_turn = cut(said, past, room, context_length)
    used = sum(said[first_said:]) + sum(turn.tokens for turn in past[first_turn:])
    assert used <= max(room, 0)
    if first_said:
        assert sum(said[first_said - 1 :]) > room
        assert first_turn == len(past)
    elif first_turn:
        left = room - sum(said)
        most = 0
        for turn in reversed(past):
            if most + turn.tokens > left:
                break
            most += turn.tokens
        assert sum(turn.tokens for turn in past) > left, "cut though all fits"
        assert 2 * (used - sum(said)) >= most


sizes = st.tuples(st.integers(20, 80), st.integers(3, 6)).map(lambda size: (size[0], size[0] * size[1]))


@settings(max_examples=60)
@given(st.lists(sizes, min_size=60, max_size=120), st.integers(1024, 1500))
def test_the_beginning_moves_rarely_and_forward(sizes: list[tuple[int, int]], room: int) -> None:
    past = laid_out(sizes)
    firsts = [cut([], past[:n], room, 2048)[1] for n in range(len(past) + 1)]
    assert firsts == sorted(firsts)
    half_blocks = past[-1].position // 1024
    assert len(set(firsts)) <= half_blocks + 1


@settings(max_examples=200)
@given(turns, st.integers(1, 1500), st.data())
def test_only_the_turns_that_fit_and_one_more_need_be_known(
    past: list[Counted], room: int, data: st.DataObject
) -> None:
    _, whole = cut([], past, room, 1024)
    fitting, used = len(past), 0
    while fitting and used + past[fitting - 1].tokens <= room:
        fitting -= 1
        used += past[fitting].tokens
    start = data.draw(st.integers(0, max(fitting - 1, 0)))
    assert cut([], past[start:], room, 1024)[1] + start == whole


def test_no_history() -> None:
    assert cut([], [], 100, 1024) == (0, 0)


def test_one_turn_larger_than_the_room_is_left_out() -> None:
    assert cut([10], laid_out([(500, 2000)]), 400, 1024) == (0, 1)

"""A generation without a loop: whatever order engine and reader take turns in, the reader gets the same."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from doubles_triton import Ids, Request, answer
from hypothesis import given
from hypothesis import strategies as st

from inference.generation import Choice, Generation, merge
from inference.request import Model, Prepared, complete
from inference.settings import Settings as Limits
from inference.tokenizer import ChatTokenizer
from mesh import faults
from mesh.plain import protobuf
from tokenloom.chat.v1.chat_pb2 import FINISH_REASON_LENGTH, FINISH_REASON_STOP, Sampling
from tokenloom.inference.v1.inference_pb2 import GenerateResponse

MINI = ChatTokenizer(Path(__file__).resolve().parents[2] / "models" / "tokenloom-mini")
END = MINI.end_ids[0]
TEXTS = st.lists(st.text(alphabet="ab 你🎉\n", max_size=12), min_size=1, max_size=3)


@dataclass
class Replica:
    """Knows what was opened and cancelled, and the time."""

    now: float = 0.0
    progressed: float = 0.0
    opened: list[Choice] = field(default_factory=list)
    cancelled: list[Choice] = field(default_factory=list)

    @property
    def at(self) -> Any:
        return self

    address = "there:1"

    @property
    def dialect(self) -> Any:
        return self

    def request(self, *arguments: Any, **options: Any) -> None:
        """The dialect's part, which has tests of its own."""

    def clock(self) -> float:
        return self.now

    def open(self, request: Any, choice: Choice) -> None:
        self.opened.append(choice)

    def cancel(self, choice: Choice) -> None:
        if choice in self.opened and choice not in self.cancelled:
            self.cancelled.append(choice)

    def closed(self, choice: Choice, fault: Any) -> None:
        self.opened.remove(choice)


@dataclass
class Kept:
    """An outlet whose reader takes nothing by itself."""

    pending: list[GenerateResponse] = field(default_factory=list)

    def send(self, response: GenerateResponse) -> bool:
        response = protobuf(response)
        if not self.pending or not merge(self.pending[-1], response):
            self.pending.append(response)
        return sum(response.ByteSize() for response in self.pending) > 1000

    def take(self) -> list[GenerateResponse]:
        taken, self.pending = self.pending, []
        return taken


def begin(replica: Any, max_tokens: int = 100, **sampling: Any) -> Generation:
    model = Model("mini", 4096, MINI, MINI.end_ids, [])
    asked = complete(Sampling(**sampling), {}, MINI.vocabulary_size)
    limits = Limits(models=Path(), first_token_seconds=10, inter_token_seconds=5)
    outlet: Any = Kept()
    made = Generation(Prepared("g", model, [1, 2], asked, max_tokens, 7, 60.0), replica, limits, outlet, 0.0)
    (accepted,) = take(made)
    assert accepted.accepted.seed == 7
    return made


def take(generation: Generation) -> list[GenerateResponse]:
    """What waits for the reader."""
    kept: Any = generation._outlet
    return list(kept.take())


def say(choice: Choice, ids: list[int], final: bool = False) -> None:
    choice.take((answer(Request("", {}, {}, []), Ids(ids, final), 0).SerializeToString(),))


@given(TEXTS, st.data())
def test_turns_in_any_order(texts: list[str], data: st.DataObject) -> None:
    replica = Replica()
    generation = begin(replica, choices=len(texts), temperature=1)
    rest = {choice.index: [*MINI.encode_text(texts[choice.index]), END] for choice in replica.opened}
    got: list[GenerateResponse] = []
    while any(rest.values()):
        index = data.draw(st.sampled_from([index for index, ids in rest.items() if ids]))
        cut = data.draw(st.integers(1, 4))
        say(replica.opened[index], rest[index][:cut], final=len(rest[index]) <= cut)
        rest[index] = rest[index][cut:]
        if data.draw(st.booleans()):
            got += take(generation)
    got += take(generation)
    shown, ended = dict.fromkeys(rest, ""), []
    for response in got[:-1]:
        for delta in response.tokens.deltas:
            assert delta.lane.choice not in ended
            assert delta.offset == len(shown[delta.lane.choice])
            shown[delta.lane.choice] += delta.text
        if response.HasField("choice_end"):
            assert response.choice_end.reason == FINISH_REASON_STOP
            ended.append(response.choice_end.choice)
    assert list(shown.values()) == texts
    assert sorted(ended) == sorted(rest)
    assert got[-1].end.HasField("completed")
    assert got[-1].end.usage.completion_tokens == sum(len(MINI.encode_text(text)) + 1 for text in texts)
    assert not replica.cancelled


def test_what_piles_up_is_merged() -> None:
    replica = Replica()
    generation = begin(replica, choices=2, temperature=1)
    first, second = replica.opened
    say(first, MINI.encode_text("a"))
    assert [delta.text for delta in take(generation)[0].tokens.deltas] == ["a"]
    for choice in (first, second, first, second, second):
        say(choice, MINI.encode_text("b"))
    (response,) = take(generation)
    assert [(d.lane.choice, d.offset, d.text) for d in response.tokens.deltas] == [(0, 1, "bb"), (1, 0, "bbb")]
    assert take(generation) == []


@pytest.mark.parametrize(
    ("sampling", "said", "text", "reason", "used"),
    [
        ({}, ["abc", END], "abc", FINISH_REASON_STOP, None),
        ({}, ["a" * 200], "a" * 100, FINISH_REASON_LENGTH, 100),
        ({"min_tokens": 3}, ["a", END, "b", END], "ab", FINISH_REASON_STOP, 4),
        ({"ignore_eos": True}, ["a", END, "b" * 200], "a" + "b" * 98, FINISH_REASON_LENGTH, 100),
        ({"stop": ["b"]}, ["aaba", END], "aa", FINISH_REASON_STOP, 3),
    ],
)
def test_ends(sampling: dict[str, Any], said: list[Any], text: str, reason: int, used: int | None) -> None:
    replica = Replica()
    generation = begin(replica, **sampling)
    # One token a character, as the vocabulary has merges that would hide the counts.
    ids = [i for part in said for i in ([part] if isinstance(part, int) else [MINI.encode_text(c)[0] for c in part])]
    say(replica.opened[0], ids)
    tokens, choice_end, end = take(generation)
    assert tokens.tokens.deltas[0].text == text
    assert choice_end.choice_end.reason == reason
    assert end.end.usage.completion_tokens == (used or len(ids))
    assert replica.cancelled  # the engine hasn't said that it is done


def test_a_choice_that_is_done_hears_no_more() -> None:
    replica = Replica()
    generation = begin(replica)
    (choice,) = replica.opened
    say(choice, [*MINI.encode_text("a"), END])
    take(generation)
    say(choice, MINI.encode_text("b"), final=True)
    choice.closed(None)
    assert take(generation) == []


@pytest.mark.parametrize(
    ("heard_at", "now", "reason"),
    [
        (None, 10, None),
        (None, 10.1, "ENGINE_TIMEOUT"),
        (9, 14, None),
        (9, 14.1, "ENGINE_TIMEOUT"),
        (60, 60.1, "BUDGET_EXCEEDED"),
    ],
)
def test_limits_of_time(heard_at: float | None, now: float, reason: str | None) -> None:
    replica = Replica()
    generation = begin(replica)
    if heard_at is not None:
        replica.now = heard_at
        say(replica.opened[0], MINI.encode_text("a"))
        take(generation)
    generation.check(now)
    generation.check(now)
    ends = [response.end for response in take(generation)]
    assert [faults.from_status(end.failed).reason for end in ends] == ([reason] if reason else [])
    assert bool(replica.cancelled) == bool(reason)


def test_a_slow_reader_is_bounded_in_bytes() -> None:
    replica = Replica()
    generation = begin(replica, max_tokens=4000)
    while not replica.cancelled:
        say(replica.opened[0], MINI.encode_text("a" * 10))
    tokens, end = take(generation)
    assert 950 < len(tokens.tokens.deltas[0].text) <= 1010
    assert faults.from_status(end.end.failed).reason == "SLOW_READER"

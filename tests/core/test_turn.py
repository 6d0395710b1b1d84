"""The turn's core: tables for the rules, random event orders for the invariants."""

from collections import deque

import pytest
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st

from mesh.plain import protobuf
from orchestrator.turn import Input, TurnCore
from tokenloom.chat.v1.chat_pb2 import (
    CHANNEL_CONTENT,
    FINISH_REASON_CONTENT_FILTER,
    FINISH_REASON_STOP,
    Cancelled,
    ChoiceEnd,
    Completed,
    Delta,
    End,
    Lane,
    Sampling,
    TokenLogprob,
    Usage,
)
from tokenloom.context.v1.context_pb2 import (
    TURN_STATUS_CANCELLED,
    TURN_STATUS_COMPLETED,
    TURN_STATUS_FAILED,
    TURN_STATUS_REFUSED,
)
from tokenloom.inference.v1.inference_pb2 import Accepted, CancelChoices, Tokens
from tokenloom.moderation.v1.moderation_pb2 import CheckInputResponse, ScreenRequest, ScreenResponse, Verdict
from tokenloom.orchestrator.v1.orchestrator_pb2 import Cancel, ConverseResponse, Event, OpenTurn

ACCEPTED = Accepted(model="m", prompt_tokens=7, seed=1)
CLEAR = CheckInputResponse()
BLOCKED = CheckInputResponse(verdict=Verdict(category="illicit", policy="p", refusal="No."))
COMPLETED = End(usage=Usage(prompt_tokens=7, completion_tokens=3), completed=Completed())
CANCELLED = End(usage=Usage(prompt_tokens=7, completion_tokens=2), cancelled=Cancelled())


def lane(choice: int = 0) -> Lane:
    return Lane(choice=choice, channel=CHANNEL_CONTENT)


def written(text: str, offset: int = 0, choice: int = 0, **more: object) -> Tokens:
    return Tokens(deltas=[Delta(lane=lane(choice), offset=offset, text=text, **more)])  # type: ignore[arg-type]


def released(to: int, choice: int = 0, finished: bool = False, verdict: Verdict | None = None) -> ScreenResponse:
    return ScreenResponse(lane=lane(choice), release_to=to, finished=finished, verdict=verdict)


def stopped(choice: int = 0) -> ChoiceEnd:
    return ChoiceEnd(choice=choice, reason=FINISH_REASON_STOP)


Command = ConverseResponse | ScreenRequest | CancelChoices


class Turn(TurnCore):
    """Keeps its commands until they are asked for."""

    def __init__(self, response_id: str, request: OpenTurn) -> None:
        super().__init__(response_id, request)
        self.commands: list[Command] = []

    def show(self, response: ConverseResponse) -> None:
        self.commands.append(protobuf(response))

    def screen(self, request: ScreenRequest) -> None:
        self.commands.append(protobuf(request))

    def stop(self, command: CancelChoices) -> None:
        self.commands.append(command)

    def take(self, event: Input | Tokens | ScreenResponse) -> list[Command]:
        """Receives an event, and says what it led to."""
        match event:
            case Tokens():
                self.written(event)
            case ScreenResponse():
                self.released(event)
            case _:
                self.receive(event)
        commands = self.commands[:]
        self.commands.clear()
        return commands


def turn(choices: int = 1, logprobs: bool = False) -> Turn:
    return Turn("r", OpenTurn(turn_id="t", sampling=Sampling(choices=choices, logprobs=logprobs)))


def kinds(commands: list[Command]) -> list[str]:
    return [
        (command.events[0].WhichOneof("kind") or "?")
        if isinstance(command, ConverseResponse)
        else type(command).__name__
        for command in commands
    ]


def event(command: Command) -> Event:
    assert isinstance(command, ConverseResponse)
    return command.events[0]


def test_a_plain_turn() -> None:
    core = turn()
    assert kinds(core.take(ACCEPTED)) == ["opened"]
    assert kinds(core.take(CLEAR)) == []
    assert kinds(core.take(written("Hi"))) == ["ScreenRequest"]
    [delta] = core.take(released(2))
    assert event(delta).delta.text == "Hi"
    assert kinds(core.take(stopped())) == ["ScreenRequest"]
    assert kinds(core.take(COMPLETED)) == []
    assert core.end is None
    assert kinds(core.take(released(2, finished=True))) == ["choice_end"]
    assert core.last_response().events[0].end.usage.completion_tokens == 3
    assert core.record().status == TURN_STATUS_COMPLETED
    assert core.record().answer.parts[0].text == "Hi"


def test_nothing_is_shown_before_the_input_is_judged() -> None:
    core = turn()
    core.take(ACCEPTED)
    core.take(written("Hi"))
    assert core.take(released(2)) == []
    assert kinds(core.take(CLEAR)) == ["delta"]


def test_a_refused_input_ends_every_choice_and_stops_the_engine() -> None:
    core = turn(choices=2)
    core.take(ACCEPTED)
    core.take(written("Hi"))
    commands = core.take(BLOCKED)
    assert kinds(commands) == ["choice_end", "choice_end", "CancelChoices"]
    assert event(commands[0]).choice_end.refusal == "No."
    assert kinds(core.take(released(2))) == []
    assert core.take(CANCELLED) == []
    assert core.last_response().events[0].end.HasField("completed")
    assert core.record().status == TURN_STATUS_REFUSED
    assert not core.record().HasField("answer")


def test_a_refusal_before_admission_waits_for_it() -> None:
    core = turn()
    assert core.take(BLOCKED) == []
    assert kinds(core.take(ACCEPTED)) == ["opened", "choice_end", "CancelChoices"]


def test_a_rail_ends_one_choice_and_the_other_goes_on() -> None:
    core = turn(choices=2)
    core.take(ACCEPTED)
    core.take(CLEAR)
    core.take(written("bad word"))
    commands = core.take(released(4, verdict=Verdict(category="hate"), finished=True))
    assert kinds(commands) == ["delta", "choice_end", "CancelChoices"]
    assert event(commands[0]).delta.text == "bad "
    assert event(commands[1]).choice_end.reason == FINISH_REASON_CONTENT_FILTER
    assert core.take(written("more")) == []
    assert core.take(stopped()) == []
    core.take(written("ok", choice=1))
    assert kinds(core.take(released(2, choice=1))) == ["delta"]
    core.take(stopped(1))
    core.take(released(2, choice=1, finished=True))
    assert core.end is None
    assert core.take(CANCELLED) == []
    assert core.last_response().events[0].end.HasField("completed")


def test_log_probabilities_wait_with_their_text() -> None:
    core = turn(logprobs=True)
    core.take(ACCEPTED)
    core.take(CLEAR)
    tokens = [TokenLogprob(token="ab", end=2), TokenLogprob(token="cd", end=4)]
    core.take(written("abcd", logprobs=tokens))
    [first] = core.take(released(3))
    assert [logprob.token for logprob in event(first).delta.logprobs] == ["ab"]
    [second] = core.take(released(4))
    assert [logprob.token for logprob in event(second).delta.logprobs] == ["cd"]


def test_a_cancel_shows_what_was_screened_and_ends_once() -> None:
    core = turn()
    core.take(ACCEPTED)
    core.take(CLEAR)
    core.take(written("Hi th"))
    assert kinds(core.take(Cancel())) == ["CancelChoices"]
    assert kinds(core.take(CANCELLED)) == ["ScreenRequest"]
    assert kinds(core.take(released(5, finished=True))) == ["delta"]
    assert core.last_response().events[0].end.HasField("cancelled")
    assert core.take(CANCELLED) == []
    assert core.record().status == TURN_STATUS_CANCELLED
    assert core.last_response().events[0].end.usage.completion_tokens == 2


def test_a_cancel_before_admission_ends_it_at_once() -> None:
    core = turn()
    assert core.take(Cancel()) == []
    assert core.last_response().events[0].end.HasField("cancelled")
    assert core.take(ACCEPTED) == []


def test_a_failure_keeps_what_was_shown_and_nothing_else() -> None:
    core = turn()
    core.take(ACCEPTED)
    core.take(CLEAR)
    core.take(written("Hi there"))
    core.take(released(3))
    assert core.take(Status(code=14, message="gone")) == []
    core.take(COMPLETED)
    assert core.last_response().events[0].end.failed.message == "gone"
    assert core.record().status == TURN_STATUS_FAILED
    assert core.record().answer.parts[0].text == "Hi "


def test_log_probabilities_without_text_are_shown_too() -> None:
    core = turn(logprobs=True)
    core.take(ACCEPTED)
    core.take(CLEAR)
    core.take(written("", logprobs=[TokenLogprob(token="", end=0)]))
    [shown] = core.take(released(0))
    assert (event(shown).delta.text, len(event(shown).delta.logprobs)) == ("", 1)


def test_a_failed_generation_fails_the_turn_though_every_choice_had_ended() -> None:
    core = turn()
    for said in (ACCEPTED, CLEAR, stopped(), released(0, finished=True)):
        core.take(said)
    core.take(End(failed=Status(code=13, message="broke")))
    assert core.last_response().events[0].end.failed.message == "broke"


def test_an_unknown_choice_is_an_error() -> None:
    core = turn()
    core.take(ACCEPTED)
    with pytest.raises(IndexError):
        core.take(written("x", choice=3))


@given(st.data())
def test_any_order_of_events_keeps_the_promises(data: st.DataObject) -> None:
    """An engine, a screen, a judge and a caller who may cancel, interleaved at random."""
    choices = data.draw(st.integers(1, 3))
    texts = data.draw(st.lists(st.text("ab ", max_size=12), min_size=choices, max_size=choices))
    blocked = data.draw(st.booleans())
    cancels = data.draw(st.booleans())
    core = turn(choices)

    engine: deque[object] = deque([ACCEPTED])
    remaining = [(choice, offset) for choice, text in enumerate(texts) for offset in range(len(text))]
    order = data.draw(st.permutations(remaining))
    for choice in sorted({choice for choice, _ in order}):
        for offset, position in enumerate(i for i, (c, _) in enumerate(order) if c == choice):
            order[position] = (choice, offset)
    for choice, offset in order:
        engine.append(written(texts[choice][offset], offset=offset, choice=choice))
    engine.extend(stopped(choice) for choice in range(choices))
    engine.append(COMPLETED)
    judge: deque[object] = deque([BLOCKED if blocked else CLEAR])
    caller: deque[object] = deque([Cancel()] if cancels else [])
    screen: deque[ScreenResponse] = deque()
    screened = [0] * choices
    events: list[Event] = []
    judged = False

    while sources := [queue for queue in (engine, judge, caller, screen) if queue]:
        source = data.draw(st.sampled_from(sources))
        said = source.popleft()
        judged = judged or isinstance(said, CheckInputResponse)
        for command in core.take(said):  # type: ignore[arg-type]
            match command:
                case ConverseResponse():
                    assert judged or command.events[0].HasField("opened")
                    events.append(command.events[0])
                case ScreenRequest(finish=finish) if command.HasField("finish"):
                    screen.append(released(screened[finish.lane.choice], finish.lane.choice, finished=True))
                case ScreenRequest(text=text):
                    screened[text.lane.choice] += len(text.text)
                    screen.append(released(screened[text.lane.choice], text.lane.choice))
                case CancelChoices():
                    engine.clear()
                    engine.append(CANCELLED)

    events.append(core.last_response().events[0])
    assert [happened.sequence for happened in events] == list(range(1, len(events) + 1))
    shown = ["" for _ in texts]
    for happened in events:
        if happened.HasField("delta"):
            assert happened.delta.offset == len(shown[happened.delta.lane.choice])
            shown[happened.delta.lane.choice] += happened.delta.text
    ends = [happened.choice_end.choice for happened in events if happened.HasField("choice_end")]
    assert len(set(ends)) == len(ends)
    for choice, text in enumerate(texts):
        assert text.startswith(shown[choice])
        if choice in ends and not blocked:
            assert shown[choice] == text
    if events[-1].end.HasField("completed"):
        assert len(ends) == choices
    if blocked:
        assert not any(shown)

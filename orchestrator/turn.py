"""A turn as a state machine: what arrived goes in, what to do about it comes out.

It knows no socket, no clock and no task. Events are the peers' own messages plus two of its own; commands are the
messages to send on, and `Conclude`. The rules it keeps:

* Nothing is shown before the input was judged, and no text before the screen released it.
* A choice that a rail ends is cancelled at the engine and ends with its category; the others go on.
* After a cancel, what was generated until then is still screened and shown, unless the input's verdict is open.
* There is exactly one conclusion. Everything after it is ignored.

    Accepted ─> Opened          Tokens ─> screen ─> Delta          ChoiceEnd ─> screen's last word ─> ChoiceEnd
    End, once every choice has ended ─> Conclude
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from google.rpc.status_pb2 import Status

from tokenloom.chat.v1.chat_pb2 import (
    CHANNEL_CONTENT,
    FINISH_REASON_CONTENT_FILTER,
    ROLE_ASSISTANT,
    Cancelled,
    ChoiceEnd,
    Completed,
    Delta,
    End,
    Lane,
    Message,
    Part,
    TokenLogprob,
    Usage,
)
from tokenloom.context.v1.context_pb2 import (
    TURN_STATUS_CANCELLED,
    TURN_STATUS_COMPLETED,
    TURN_STATUS_FAILED,
    TURN_STATUS_REFUSED,
    Turn,
)
from tokenloom.inference.v1.inference_pb2 import Accepted, CancelChoices, Tokens
from tokenloom.moderation.v1.moderation_pb2 import (
    CheckInputResponse,
    ScreenFinish,
    ScreenRequest,
    ScreenResponse,
    Verdict,
)
from tokenloom.orchestrator.v1.orchestrator_pb2 import ConverseResponse, Event, Opened, OpenTurn


@dataclass(frozen=True)
class CancelRequested:
    """The caller wants no more of it, or is gone."""


@dataclass(frozen=True)
class Failed:
    """A peer, or the time budget, failed the turn."""

    status: Status


@dataclass(frozen=True)
class Conclude:
    """The turn is over: record it where it belongs to a conversation, then send its End."""

    end: End


Input = Accepted | Tokens | ChoiceEnd | End | CheckInputResponse | ScreenResponse | CancelRequested | Failed
Command = ConverseResponse | ScreenRequest | CancelChoices | Conclude


@dataclass(slots=True)
class _Choice:
    """One choice's content lane: what the engine wrote of it, and how much of that was shown."""

    lane: Lane
    held: str = ""  # written, not yet shown
    shown: int = 0  # code points
    release_to: int = 0
    logprobs: list[TokenLogprob] = field(default_factory=list)  # of held text
    end: ChoiceEnd | None = None  # what the engine, or a rail, ended it with
    screened: bool = False  # the screen has said its last word
    closed: bool = False  # its ChoiceEnd was emitted


class TurnCore:
    """One turn. Not idempotent, not thread-safe; lives until `concluded`."""

    def __init__(self, response_id: str, request: OpenTurn) -> None:
        self._response_id = response_id
        self._request = request
        self._choices = [
            _Choice(Lane(choice=index, channel=CHANNEL_CONTENT)) for index in range(request.sampling.choices or 1)
        ]
        self._sequence = 0
        self._opened: Opened | None = None
        self._judged = False
        self._refusal: Verdict | None = None  # of the input
        self._cancelled = False
        self._generation_end: End | None = None
        self._usage = Usage()
        self._answer: list[str] = []  # choice 0, as shown
        self.end: End | None = None

    @property
    def concluded(self) -> bool:
        """Whether there is nothing more to expect of this turn."""
        return self.end is not None

    def receive(self, event: Input) -> list[Command]:
        """Take one event and say what to do. Raises ValueError for a choice that was never asked for."""
        if self.concluded:
            return []
        match event:
            case Tokens():
                return self._written(event.deltas)
            case ScreenResponse():
                return self._released(event)
            case ChoiceEnd():
                choice = self._choice(event.choice)
                if choice.screened:  # a rail ended it first
                    return []
                choice.end = event
                return [ScreenRequest(finish=ScreenFinish(lane=choice.lane))]
            case Accepted():
                self._opened = Opened(model=event.model, prompt_tokens=event.prompt_tokens, seed=event.seed)
                self._usage.prompt_tokens = event.prompt_tokens
                return [self._event(opened=self._opened), *(self._refuse() if self._refusal else [])]
            case CheckInputResponse():
                self._judged = True
                if event.HasField("verdict"):
                    self._refusal = event.verdict
                    return self._refuse() if self._opened else []
                return [command for choice in self._choices for command in self._show(choice)] + self._conclusion()
            case End():
                return self._generated(event)
            case CancelRequested():
                self._cancelled = True
                if not self._opened:  # not yet at the engine: nothing to wait for
                    return self._conclude(End(cancelled=Cancelled()))
                return self._stop()
            case Failed():
                return self._conclude(End(failed=event.status))

    def fail(self, status: Status) -> None:
        """Replace the conclusion: the turn was answered but couldn't be recorded."""
        self.end = End(failed=status)

    def last_response(self) -> ConverseResponse:
        """What carries the End of the concluded turn."""
        assert self.end is not None
        self.end.usage.CopyFrom(self._usage)
        return self._event(end=self.end)

    def record(self) -> Turn:
        """The concluded turn as its conversation keeps it."""
        assert self.end is not None
        turn = Turn(
            id=self._request.turn_id,
            messages=self._request.messages,
            model=self._opened.model if self._opened else self._request.model,
            usage=self._usage,
        )
        first = self._choices[0].end
        if self._refusal or (first and first.reason == FINISH_REASON_CONTENT_FILTER):
            turn.status = TURN_STATUS_REFUSED
        elif self.end.HasField("failed"):
            turn.status = TURN_STATUS_FAILED
        else:
            turn.status = TURN_STATUS_CANCELLED if self.end.HasField("cancelled") else TURN_STATUS_COMPLETED
        if self._answer:
            turn.answer.CopyFrom(Message(role=ROLE_ASSISTANT, parts=[Part(text="".join(self._answer))]))
        return turn

    def _written(self, deltas: Iterable[Delta]) -> list[Command]:
        commands: list[Command] = []
        for delta in deltas:
            choice = self._choice(delta.lane.choice)
            if choice.screened:  # a rail ended it; the engine hasn't heard yet
                continue
            choice.logprobs.extend(delta.logprobs)
            if delta.text:
                choice.held += delta.text
                commands.append(_to_screen(choice, delta.text))
            else:
                commands += self._show(choice)
        return commands

    def _released(self, screened: ScreenResponse) -> list[Command]:
        choice = self._choice(screened.lane.choice)
        choice.release_to = max(choice.release_to, screened.release_to)
        commands: list[Command] = []
        if screened.HasField("verdict"):
            choice.screened = True
            choice.end = ChoiceEnd(
                choice=choice.lane.choice, reason=FINISH_REASON_CONTENT_FILTER, category=screened.verdict.category
            )
            commands += self._stop(choice.lane.choice)
        elif screened.finished:
            choice.screened = True
        return self._show(choice) + commands + self._conclusion()

    def _show(self, choice: _Choice) -> list[Command]:
        """Emit what may be shown of a choice, and its end when that is all."""
        if not self._judged or self._refusal or choice.closed:
            return []
        commands: list[Command] = []
        length = choice.release_to - choice.shown
        visible = sum(1 for logprob in choice.logprobs if logprob.end <= choice.release_to) if choice.logprobs else 0
        if length > 0 or visible:
            commands.append(self._delta(choice, length, visible))
        if choice.screened and choice.end:
            choice.closed = True
            commands.append(self._event(choice_end=choice.end))
        return commands

    def _delta(self, choice: _Choice, length: int, logprobs: int) -> ConverseResponse:
        """The event that shows so many code points, and so many log probabilities, of what is held."""
        text, choice.held = choice.held[:length], choice.held[length:]
        if choice.lane.choice == 0:
            self._answer.append(text)
        response, event = self._next()
        delta = event.delta
        delta.lane.CopyFrom(choice.lane)
        delta.offset = choice.shown
        delta.text = text
        choice.shown += len(text)
        if logprobs:
            delta.logprobs.extend(choice.logprobs[:logprobs])
            del choice.logprobs[:logprobs]
        return response

    def _refuse(self) -> list[Command]:
        """End every choice for what the input was: the answer is the refusal."""
        assert self._refusal is not None
        commands: list[Command] = []
        for choice in self._choices:
            choice.screened = choice.closed = True
            end = ChoiceEnd(
                choice=choice.lane.choice,
                reason=FINISH_REASON_CONTENT_FILTER,
                category=self._refusal.category,
                refusal=self._refusal.refusal,
            )
            commands.append(self._event(choice_end=end))
        return [*commands, *self._stop(), *self._conclusion()]

    def _stop(self, *choices: int) -> list[Command]:
        """Tell the engine to end choices, or all; unless it has said its last word."""
        return [] if self._generation_end else [CancelChoices(choices=choices)]

    def _generated(self, end: End) -> list[Command]:
        self._generation_end = end
        self._usage.CopyFrom(end.usage)
        if end.HasField("failed"):
            return self._conclude(End(failed=end.failed))
        cut_off = [choice for choice in self._choices if choice.end is None and not choice.screened]
        return [ScreenRequest(finish=ScreenFinish(lane=choice.lane)) for choice in cut_off] + self._conclusion()

    def _conclusion(self) -> list[Command]:
        """Conclude if nothing is missing: the engine is done, the input judged, every lane screened."""
        if self._generation_end is None or not all(choice.screened for choice in self._choices):
            return []
        if all(choice.closed for choice in self._choices):
            return self._conclude(End(completed=Completed()))
        return self._conclude(End(cancelled=Cancelled())) if self._cancelled else []

    def _conclude(self, end: End) -> list[Command]:
        self.end = end
        return [Conclude(end)]

    def _choice(self, index: int) -> _Choice:
        if index >= len(self._choices):
            raise ValueError(f"a peer spoke of choice {index} of {len(self._choices)}")
        return self._choices[index]

    def _event(self, **kind: Opened | ChoiceEnd | End) -> ConverseResponse:
        response, event = self._next()
        event.MergeFrom(Event(**kind))  # type: ignore[arg-type]  # one of the oneof's fields, by name
        return response

    def _next(self) -> tuple[ConverseResponse, Event]:
        """The next event, and the response that carries it: built in place, as that is what a token costs."""
        self._sequence += 1
        response = ConverseResponse()
        event = response.events.add()
        event.response_id = self._response_id
        event.first_sequence = event.sequence = self._sequence
        return response, event


def _to_screen(choice: _Choice, text: str) -> ScreenRequest:
    request = ScreenRequest()
    screened = request.text
    screened.lane.CopyFrom(choice.lane)
    screened.text = text
    return request

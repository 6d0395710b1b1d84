"""A turn as a state machine: what arrived goes in, and it says what to do about that.

It knows no socket, no clock and no task. Events are the peers' own messages, the caller's Cancel, and a Status when a
peer or the time budget failed the turn; commands are the messages to send on. Its rules:

* Nothing is shown before the input was judged, and no text before the screen released it.
* A choice that a rail ends is cancelled at the engine and ends with its category; the others go on.
* After a cancel, what was generated until then is still screened and shown, unless the input's verdict is open.
* There is exactly one end. Everything after it is ignored.

    Accepted ─> Opened      Tokens ─> screen ─> Delta      ChoiceEnd ─> screen's last word ─> ChoiceEnd      End ─> end
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from google.rpc.status_pb2 import Status

from mesh import plain
from tokenloom.chat.v1 import chat_pb2 as chat
from tokenloom.context.v1.context_pb2 import Turn, TurnStatus
from tokenloom.inference.v1.inference_pb2 import Accepted, CancelChoices, Tokens
from tokenloom.moderation.v1.moderation_pb2 import CheckInputResponse, ScreenFinish, ScreenRequest, ScreenResponse
from tokenloom.orchestrator.v1.orchestrator_pb2 import Cancel, ConverseResponse, Event, Opened, OpenTurn

Input: TypeAlias = Accepted | chat.ChoiceEnd | chat.End | CheckInputResponse | Cancel | Status


@dataclass(slots=True)
class _Choice:
    """One choice's content lane: what the engine wrote of it, and how much of that was shown."""

    lane: chat.Lane  # a plain one
    held: str = ""  # written, not yet shown
    shown: int = 0  # code points
    release_to: int = 0
    logprobs: list[chat.TokenLogprob] = field(default_factory=list)  # of held text
    end: chat.ChoiceEnd | None = None  # what the engine, or a rail, ended it with
    screened: bool = False  # a rail ended it, or the screen has said its last word

    def block(self, category: str, refusal: str = "") -> chat.ChoiceEnd:
        """A rail ends it."""
        self.end = chat.ChoiceEnd(choice=self.lane.choice, reason=chat.FINISH_REASON_CONTENT_FILTER)
        self.end.category, self.end.refusal = category, refusal
        self.screened = True
        return self.end


class TurnCore(ABC):
    """One turn. Not idempotent, not thread-safe; lives until it has an `end`. A subclass carries its commands out."""

    def __init__(self, response_id: str, request: OpenTurn) -> None:
        self.end: chat.End | None = None
        self.response_id, self.request = response_id, request
        self._logprobs, self._sequence = request.sampling.logprobs, 0
        lanes = (plain.Lane(choice=i, channel=chat.CHANNEL_CONTENT) for i in range(request.sampling.choices or 1))
        self._choices = [_Choice(lane) for lane in lanes]
        self._opened: Opened | None = None
        self._judged: CheckInputResponse | None = None
        self._cancelled = False
        self._generated = False  # the engine has said its last word
        self._usage = chat.Usage()
        self._answer: list[str] = []  # choice 0, as shown

    @abstractmethod
    def show(self, response: ConverseResponse) -> None:
        """Send this to the client."""

    @abstractmethod
    def screen(self, request: ScreenRequest) -> None:
        """Send this to moderation. In one process the answer may be received before it returns."""

    @abstractmethod
    def stop(self, command: CancelChoices) -> None:
        """Send this to inference."""

    def written(self, tokens: Tokens) -> None:
        """Take what the engine wrote. Raises IndexError for a choice that was never asked for."""
        for delta in tokens.deltas:
            choice = self._choices[delta.lane.choice]
            if self.end is not None or choice.screened:  # a rail ended it; the engine hasn't heard yet
                continue
            choice.held += (text := delta.text)
            if self._logprobs:
                choice.logprobs.extend(delta.logprobs)
            self.screen(plain.ScreenRequest(text=plain.ScreenText(lane=choice.lane, text=text)))

    def released(self, screened: ScreenResponse) -> None:
        """Take how far a choice may be shown. Raises IndexError for one that was never asked for."""
        choice = self._choices[screened.lane.choice]
        if self.end is not None or choice.screened:  # the input was refused
            return
        choice.release_to = screened.release_to
        if type(screened) is plain.ScreenResponse:  # neither finished nor with a verdict
            self._show(choice)
            return
        choice.screened = screened.finished
        if blocked := screened.HasField("verdict"):
            choice.block(screened.verdict.category)
        self._show(choice)
        if blocked:
            self._stop(choice.lane.choice)
        self._end_if_over()

    def receive(self, event: Input) -> None:
        """Take an event of another kind. Raises IndexError for a choice that was never asked for."""
        if self.end is not None:
            return
        match event:
            case chat.ChoiceEnd():
                choice = self._choices[event.choice]
                if choice.end is None:  # no rail ended it first
                    choice.end = event
                    self.screen(ScreenRequest(finish=ScreenFinish(lane=plain.protobuf(choice.lane))))
            case Accepted():
                self._opened = Opened(model=event.model, prompt_tokens=event.prompt_tokens, seed=event.seed)
                self._usage.prompt_tokens = event.prompt_tokens
                self._emit(opened=self._opened)
                self._verdict()
            case CheckInputResponse():
                self._judged = event
                self._verdict()
            case chat.End():
                self._generated = True
                self._usage.CopyFrom(event.usage)
                if event.HasField("failed"):
                    self.end = chat.End(failed=event.failed)
                else:
                    for choice in [choice for choice in self._choices if choice.end is None]:  # cut off
                        self.screen(ScreenRequest(finish=ScreenFinish(lane=plain.protobuf(choice.lane))))
            case Cancel():
                self._cancelled = True
                if self._opened:
                    self._stop()
                else:  # not at the engine yet: nothing to wait for
                    self.end = chat.End(cancelled=chat.Cancelled())
            case Status():
                self.end = chat.End(failed=event)
        self._end_if_over()

    def last_response(self) -> ConverseResponse:
        """What carries the end."""
        assert self.end is not None
        self.end.usage.CopyFrom(self._usage)
        return self._event(end=self.end)

    def record(self) -> Turn:
        """The ended turn as its conversation keeps it."""
        assert self.end is not None
        refused = (first := self._choices[0].end) and first.reason == chat.FINISH_REASON_CONTENT_FILTER
        outcome = "refused" if refused else self.end.WhichOneof("outcome") or "failed"
        turn = Turn(id=self.request.turn_id, messages=self.request.messages, usage=self._usage)
        turn.status = TurnStatus.Value(f"TURN_STATUS_{outcome.upper()}")
        turn.model = self._opened.model if self._opened else self.request.model
        if self._answer:
            turn.answer.role = chat.ROLE_ASSISTANT
            turn.answer.parts.add(text="".join(self._answer))
        return turn

    def _end_if_over(self) -> None:
        if self.end is None and self._generated and all(choice.screened for choice in self._choices):
            if self._judged and all(choice.end for choice in self._choices):
                self.end = chat.End(completed=chat.Completed())
            elif self._cancelled:
                self.end = chat.End(cancelled=chat.Cancelled())

    def _verdict(self) -> None:
        """What the input's verdict means, once it is there and the turn is admitted."""
        if self._judged is None or self._opened is None:
            return
        verdict = self._judged.verdict if self._judged.HasField("verdict") else None
        for choice in self._choices:
            if verdict is None:
                self._show(choice)
            else:
                self._emit(choice_end=choice.block(verdict.category, verdict.refusal))
        if verdict is not None:
            self._stop()

    def _show(self, choice: _Choice) -> None:
        """Show what may be shown of a choice, and its end when that is all."""
        if self._judged is None:
            return
        text, rest, shown, choice.shown = choice.held, "", choice.shown, choice.release_to
        if (length := choice.shown - shown) != len(text):
            text, rest = text[:length], text[length:]
        logprobs: Sequence[chat.TokenLogprob] = ()
        if choice.logprobs:
            visible = sum(logprob.end <= choice.shown for logprob in choice.logprobs)
            logprobs, choice.logprobs = choice.logprobs[:visible], choice.logprobs[visible:]
        if text or logprobs:
            self._sequence = now = self._sequence + 1
            choice.held = rest
            if choice.lane.choice == 0:
                self._answer.append(text)
            delta = plain.Delta(lane=choice.lane, offset=shown, text=text, logprobs=logprobs)
            event = plain.Event(response_id=self.response_id, first_sequence=now, sequence=now, delta=delta)
            self.show(plain.ConverseResponse(events=[event]))
        if choice.screened and choice.end:
            self._emit(choice_end=choice.end)

    def _stop(self, *choices: int) -> None:
        """Tell the engine to end choices, or all; unless it has said its last word."""
        if not self._generated:
            self.stop(CancelChoices(choices=choices))

    def _emit(self, **kind: Opened | chat.ChoiceEnd) -> None:
        self.show(self._event(**kind))

    def _event(self, **kind: Opened | chat.ChoiceEnd | chat.End) -> ConverseResponse:
        self._sequence = now = self._sequence + 1
        event = Event(response_id=self.response_id, first_sequence=now, sequence=now, **kind)  # type: ignore[arg-type]
        return ConverseResponse(events=[event])

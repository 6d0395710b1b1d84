"""The messages that a token is made of, as they are handed over within a process.

Each has the fields and the name of the protobuf message that it stands for, and is read like it. Making one costs a
fifth and reading a field a tenth: with protobuf's own a token took half as much CPU again (docs/performance.md). Where
one has to wait, or leaves the process, a `Pipe` makes the protobuf message of it. To type checkers they are the same.
"""

from typing import TYPE_CHECKING, Any

import msgspec
from google.protobuf.message import Message

from tokenloom.chat.v1 import chat_pb2
from tokenloom.inference.v1 import inference_pb2
from tokenloom.moderation.v1 import moderation_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2

if TYPE_CHECKING:
    from tokenloom.chat.v1.chat_pb2 import Delta as Delta
    from tokenloom.chat.v1.chat_pb2 import Lane as Lane
    from tokenloom.inference.v1.inference_pb2 import GenerateResponse as GenerateResponse
    from tokenloom.inference.v1.inference_pb2 import Tokens as Tokens
    from tokenloom.moderation.v1.moderation_pb2 import ScreenRequest as ScreenRequest
    from tokenloom.moderation.v1.moderation_pb2 import ScreenResponse as ScreenResponse
    from tokenloom.moderation.v1.moderation_pb2 import ScreenText as ScreenText
    from tokenloom.orchestrator.v1.orchestrator_pb2 import ConverseResponse as ConverseResponse
    from tokenloom.orchestrator.v1.orchestrator_pb2 import Event as Event


class Plain(msgspec.Struct, gc=False, eq=False):
    """A message of `kind`, by its fields; those that aren't here are unset."""

    kind = Message


def protobuf(value: Any) -> Any:
    """The protobuf message that a plain one stands for, or is."""
    if isinstance(value, Plain):
        return value.kind(**{name: protobuf(getattr(value, name)) for name in value.__struct_fields__})
    return [protobuf(one) for one in value] if isinstance(value, list) else value


if not TYPE_CHECKING:

    class Lane(Plain):
        kind = chat_pb2.Lane
        choice: int
        channel: int

    class Delta(Plain):
        kind = chat_pb2.Delta
        lane: Lane
        offset: int
        text: str
        logprobs: list[chat_pb2.TokenLogprob] | tuple[()] = ()

    class Tokens(Plain):
        kind = inference_pb2.Tokens
        deltas: list[Delta]

    class GenerateResponse(Plain):
        kind = inference_pb2.GenerateResponse
        tokens: Tokens

    class ScreenText(Plain):
        kind = moderation_pb2.ScreenText
        lane: Lane
        text: str

    class ScreenRequest(Plain):
        kind = moderation_pb2.ScreenRequest
        text: ScreenText

    class ScreenResponse(Plain):
        kind = moderation_pb2.ScreenResponse
        lane: Lane
        release_to: int

    class Event(Plain):
        kind = orchestrator_pb2.Event
        response_id: str
        first_sequence: int
        sequence: int
        delta: Delta

    class ConverseResponse(Plain):
        kind = orchestrator_pb2.ConverseResponse
        events: list[Event]

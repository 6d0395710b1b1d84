"""The messages that a token is made of, as they are handed over within a process.

Each has the name and the fields of the protobuf message that it stands for, and is read like it; a field that isn't
here is unset, and mustn't be read. Making one costs a fifth and reading a field a tenth: with protobuf's own a token
took half as much CPU again (docs/performance.md). Where one has to wait, or leaves the process, a `Pipe` makes the
protobuf message of it.
"""

from typing import Any, TypeVar, cast

import msgspec
from google.protobuf.message import Message

from tokenloom.chat.v1 import chat_pb2
from tokenloom.inference.v1 import inference_pb2
from tokenloom.moderation.v1 import moderation_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2

M = TypeVar("M", bound=Message)


class _Plain(msgspec.Struct):
    kind = Message  # What it stands for.

    def HasField(self, name: str) -> bool:  # noqa: N802 (protobuf's name)
        return name in self.__struct_fields__

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 (protobuf's name)
        return next(filter(self.HasField, (field.name for field in self.kind.DESCRIPTOR.oneofs_by_name[group].fields)))


def protobuf(value: Any) -> Any:
    """The protobuf message that a plain one stands for; one of protobuf's, and whatever else a field holds, itself."""
    if isinstance(value, _Plain):
        return value.kind(**{name: protobuf(getattr(value, name)) for name in value.__struct_fields__})
    return [protobuf(one) for one in value] if isinstance(value, list) else value


def _plain(kind: type[M], *fields: str | tuple[str, Any, Any]) -> type[M]:
    options: dict[str, Any] = {"bases": (_Plain,), "namespace": {"kind": kind}, "gc": False, "eq": False}
    return cast(type[M], msgspec.defstruct(kind.__name__, fields, module=__name__, **options))


Lane = _plain(chat_pb2.Lane, "choice", "channel")
Delta = _plain(chat_pb2.Delta, "lane", "offset", "text", ("logprobs", Any, ()))
Tokens = _plain(inference_pb2.Tokens, "deltas")
GenerateResponse = _plain(inference_pb2.GenerateResponse, "tokens")
ScreenText = _plain(moderation_pb2.ScreenText, "lane", "text")
ScreenRequest = _plain(moderation_pb2.ScreenRequest, "text")
ScreenResponse = _plain(moderation_pb2.ScreenResponse, "lane", "release_to")
Event = _plain(orchestrator_pb2.Event, "response_id", "first_sequence", "sequence", "delta")
ConverseResponse = _plain(orchestrator_pb2.ConverseResponse, "events")

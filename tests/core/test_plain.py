"""Plain messages stand for protobuf's: the same fields, read alike."""

import pytest

from mesh import plain
from mesh.plain import protobuf
from tokenloom.chat.v1 import chat_pb2 as chat
from tokenloom.inference.v1 import inference_pb2
from tokenloom.moderation.v1 import moderation_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2

LANE = plain.Lane(choice=2, channel=chat.CHANNEL_CONTENT)
LOGPROBS = [chat.TokenLogprob(token="a", logprob=-1.5)]
DELTA = plain.Delta(lane=LANE, offset=7, text="some", logprobs=LOGPROBS)
EVENT = plain.Event(response_id="r", first_sequence=3, sequence=4, delta=DELTA)


def test_what_they_stand_for() -> None:
    lane = chat.Lane(choice=2, channel=chat.CHANNEL_CONTENT)
    delta = chat.Delta(lane=lane, offset=7, text="some", logprobs=LOGPROBS)
    tokens = inference_pb2.Tokens(deltas=[delta, chat.Delta(lane=lane)])
    other = plain.Delta(lane=LANE, offset=0, text="")
    assert protobuf(plain.GenerateResponse(tokens=plain.Tokens(deltas=[DELTA, other]))) == (
        inference_pb2.GenerateResponse(tokens=tokens)
    )
    assert protobuf(plain.ScreenRequest(text=plain.ScreenText(lane=LANE, text="some"))) == (
        moderation_pb2.ScreenRequest(text=moderation_pb2.ScreenText(lane=lane, text="some"))
    )
    assert protobuf(plain.ScreenResponse(lane=LANE, release_to=9)) == (
        moderation_pb2.ScreenResponse(lane=lane, release_to=9)
    )
    event = orchestrator_pb2.Event(response_id="r", first_sequence=3, sequence=4, delta=delta)
    assert protobuf(plain.ConverseResponse(events=[EVENT])) == orchestrator_pb2.ConverseResponse(events=[event])
    assert protobuf(event) is event


@pytest.mark.parametrize(
    ("message", "group", "others"),
    [
        (EVENT, "kind", ["opened", "choice_end", "end"]),
        (plain.GenerateResponse(tokens=plain.Tokens(deltas=[DELTA])), "kind", ["accepted", "choice_end", "end"]),
        (plain.ScreenRequest(text=plain.ScreenText(lane=LANE, text="")), "command", ["open", "finish"]),
    ],
    ids=["Event", "GenerateResponse", "ScreenRequest"],
)
def test_which_field_is_set(message: orchestrator_pb2.Event, group: str, others: list[str]) -> None:
    kind = message.WhichOneof(group)  # type: ignore[arg-type]
    assert kind == protobuf(message).WhichOneof(group)
    assert message.HasField(kind)  # type: ignore[arg-type]
    assert not any(message.HasField(other) for other in others)  # type: ignore[arg-type]

"""Events to SSE and to bodies, checked against the official client's own models."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import Completion
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from edge.answers import Answer
from edge.bodies import ChatRequest, CompletionRequest, StreamOptions
from edge.errors import HttpError, from_exception
from mesh import plain
from mesh.faults import Fault, invalid, to_status
from tokenloom.chat.v1 import chat_pb2 as chat
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb


def answer(turns: list[pb.OpenTurn] | None = None, legacy: bool = False, **fields: Any) -> Answer:
    body: Any = CompletionRequest(prompt="", **fields) if legacy else ChatRequest(messages=[], **fields)
    return Answer(body, {f"r{i}" if i else "r": turn for i, turn in enumerate(turns or [pb.OpenTurn()])}, 1)


def opened(response: str = "r") -> pb.Event:
    return pb.Event(response_id=response, opened=pb.Opened(model="m"))


def delta(text: str, choice: int = 0, response: str = "r", logprobs: list[chat.TokenLogprob] | None = None) -> pb.Event:
    lane = chat.Lane(choice=choice, channel=chat.CHANNEL_CONTENT)
    return pb.Event(response_id=response, delta=chat.Delta(lane=lane, text=text, logprobs=logprobs or []))


def choice_end(choice: int = 0, response: str = "r", reason: int = chat.FINISH_REASON_STOP, **more: str) -> pb.Event:
    return pb.Event(response_id=response, choice_end=chat.ChoiceEnd(choice=choice, reason=reason, **more))  # type: ignore[arg-type]


def end(response: str = "r", fault: Fault | None = None, cancelled: bool = False) -> pb.Event:
    usage = chat.Usage(prompt_tokens=3, completion_tokens=2)
    if fault:
        return pb.Event(response_id=response, end=chat.End(usage=usage, failed=to_status(fault)))
    if cancelled:
        return pb.Event(response_id=response, end=chat.End(usage=usage, cancelled=chat.Cancelled()))
    return pb.Event(response_id=response, end=chat.End(usage=usage, completed=chat.Completed()))


def events(data: bytes) -> list[str]:
    assert not data or data.endswith(b"\n\n")
    found = data.decode().split("\n\n")[:-1]
    assert all(event.startswith("data: ") and "\n" not in event for event in found)
    return [event.removeprefix("data: ") for event in found]


def chunks(data: bytes) -> list[ChatCompletionChunk]:
    return [ChatCompletionChunk.model_validate_json(event) for event in events(data) if event != "[DONE]"]


def stream(*batches: list[pb.Event], include_usage: bool = False, **changes: Any) -> bytes:
    streamed = answer(stream=True, stream_options=StreamOptions(include_usage), **changes)
    *early, data = [streamed.feed([opened(response)]) for response in streamed.turns]
    assert data is not None
    assert early == [None] * len(early)
    try:
        for batch in batches:
            data += streamed.feed(batch) or b""
        return data + streamed.last()
    except Exception as error:
        return data + streamed.failed(from_exception(error))


def unstreamed(batch: list[pb.Event], **changes: Any) -> bytes:
    made = answer(**changes)
    assert made.feed(batch) is None
    return made.last()


def lean(event: pb.Event) -> pb.Event:
    """A delta as it is handed over in process."""
    if not event.HasField("delta"):
        return event
    lane = plain.Lane(choice=event.delta.lane.choice, channel=event.delta.lane.channel)
    made = plain.Delta(lane=lane, offset=0, text=event.delta.text, logprobs=event.delta.logprobs)
    return plain.Event(response_id=event.response_id, first_sequence=1, sequence=1, delta=made)


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("logprobs", [True, False])
def test_plain_events_are_read_alike(streams: bool, logprobs: bool) -> None:
    tokens = [chat.TokenLogprob(token="b", logprob=-0.5, end=2)] if logprobs else []
    batch = [delta("a"), delta("b", logprobs=tokens), delta("", logprobs=tokens), delta("x", 1)]
    batch += [choice_end(0), choice_end(1), end()]
    turns, ends = [pb.OpenTurn(sampling=chat.Sampling(logprobs=logprobs))], batch[4:]
    made: list[bytes] = []
    for events in (batch, [lean(event) for event in batch]):
        if streams:
            made.append(stream(events[:1], events[1:4], ends, turns=turns, n=2))
        else:
            made.append(unstreamed([opened(), *events], turns=turns, n=2))
    assert made[0] == made[1]


def test_a_streamed_chat() -> None:
    data = stream([delta('a"\n'), choice_end(), end()])
    assert events(data)[-1] == "[DONE]"
    first, text, last = chunks(data)
    assert (first.id, first.model, first.created, first.object) == ("r", "m", 1, "chat.completion.chunk")
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    assert (text.choices[0].delta.content, text.choices[0].delta.role) == ('a"\n', None)
    assert (last.choices[0].finish_reason, last.choices[0].delta.content) == ("stop", None)
    assert "usage" not in json.loads(events(data)[0])


def test_usage_comes_in_a_chunk_of_its_own() -> None:
    data = stream([delta("a"), choice_end(), end()], include_usage=True)
    parsed = [json.loads(event) for event in events(data)[:-1]]
    assert [chunk["usage"] for chunk in parsed[:-1]] == [None] * 3
    assert parsed[-1]["choices"] == []
    assert parsed[-1]["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    assert events(data)[-1] == "[DONE]"


def test_deltas_of_one_message_become_one_chunk_a_choice() -> None:
    batch = [delta("a"), delta("x", 1), delta("b"), delta("y", 1), choice_end(0), delta("z", 1), choice_end(1), end()]
    found = [(c.choices[0].index, c.choices[0].delta.content) for c in chunks(stream(batch, n=2))[2:]]
    assert found == [(0, "ab"), (0, None), (1, "xyz"), (1, None)]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.text(max_size=4)), max_size=30),
    st.lists(st.integers(1, 5), min_size=1, max_size=20),
    st.integers(0, 3),
)
def test_batching_changes_nothing(pieces: list[tuple[int, str]], sizes: list[int], failing: int) -> None:
    """However the mesh merges messages: the same text a choice, one terminal event, and it comes last."""
    fault = None if failing else ENGINE
    script = [delta(text, choice) for choice, text in pieces]
    script += [choice_end(choice) for choice in range(3)] if fault is None else []
    script.append(end(fault=fault))
    batches, at = [], 0
    while at < len(script):
        size = sizes[len(batches) % len(sizes)]
        batches.append(script[at : at + size])
        at += size
    found = events(stream(*batches, n=3))
    terminal = [event for event in found if event == "[DONE]" or "error" in json.loads(event)]
    assert terminal == found[-1:]
    assert ("error" in found[-1]) == (fault is not None)
    texts = ["", "", ""]
    for event in found[:-1]:
        for choice in ChatCompletionChunk.model_validate_json(event).choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == ["".join(text for choice, text in pieces if choice == i) for i in range(3)]


ENGINE = Fault("ENGINE_UNAVAILABLE", "the engine died")


def test_a_failure_is_the_terminal_event() -> None:
    data = stream([delta("a"), end(fault=ENGINE)])
    error = json.loads(events(data)[-1])["error"]
    assert error == {"message": "the engine died", "type": "server_error", "param": None, "code": "engine_unavailable"}
    assert b"[DONE]" not in data
    assert chunks(data[: data.index(b'data: {"error"')])[-1].choices[0].delta.content == "a"


def test_a_cancelled_answer_is_an_error() -> None:
    assert json.loads(events(stream([end(cancelled=True)]))[-1])["error"]["code"] == "cancelled"
    with pytest.raises(HttpError):
        unstreamed([end(cancelled=True)])


def test_a_refusal() -> None:
    refused = choice_end(reason=chat.FINISH_REASON_CONTENT_FILTER, category="violence", refusal="No.")
    _, refusal, last = chunks(stream([refused, end()]))
    assert (refusal.choices[0].delta.refusal, last.choices[0].finish_reason) == ("No.", "content_filter")
    whole = ChatCompletion.model_validate_json(unstreamed([refused, end()])).choices[0]
    assert (whole.message.refusal, whole.message.content, whole.finish_reason) == ("No.", None, "content_filter")
    (last_of_legacy,) = events(stream([refused, end()], legacy=True))[:-1]
    assert Completion.model_validate_json(last_of_legacy).choices[0].text == ""


def test_an_answer_cut_by_a_rail_keeps_its_text() -> None:
    cut = [delta("a"), choice_end(reason=chat.FINISH_REASON_CONTENT_FILTER, category="violence"), end()]
    whole = ChatCompletion.model_validate_json(unstreamed(cut)).choices[0]
    assert (whole.message.content, whole.message.refusal, whole.finish_reason) == ("a", None, "content_filter")


def test_a_plain_chat() -> None:
    batch = [
        delta("a"),
        delta("x", 1),
        delta("b"),
        choice_end(1, reason=chat.FINISH_REASON_LENGTH),
        choice_end(0),
        end(),
    ]
    body = unstreamed(batch, n=2, turns=[pb.OpenTurn(conversation_id="c", turn_id="t")])
    whole = ChatCompletion.model_validate_json(body)
    assert [(c.index, c.message.content, c.finish_reason) for c in whole.choices] == [
        (0, "ab", "stop"),
        (1, "x", "length"),
    ]
    assert whole.usage is not None
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.total_tokens) == (3, 2, 5)
    assert (json.loads(body)["conversation_id"], json.loads(body)["turn_id"]) == ("c", "t")


def tokens(*texts: str) -> list[chat.TokenLogprob]:
    made, at = [], 0
    for text in texts:
        at += len(text)
        made.append(chat.TokenLogprob(token=text, token_bytes=text.encode(), logprob=float("-inf"), end=at))
    return made


def test_log_probabilities_of_a_chat() -> None:
    batch = [delta("é", logprobs=tokens("é")), delta("", logprobs=tokens("\ufffd")), choice_end(), end()]
    for logprobs in (
        ChatCompletion.model_validate_json(unstreamed(batch)).choices[0].logprobs,
        chunks(stream(batch))[1].choices[0].logprobs,
    ):
        assert logprobs is not None
        assert logprobs.content is not None
        assert [(t.token, t.bytes, t.logprob, t.top_logprobs) for t in logprobs.content] == [
            ("é", [195, 169], -9999.0, []),
            ("\ufffd", [239, 191, 189], -9999.0, []),
        ]


def test_legacy_completions_of_two_prompts() -> None:
    changes = {"legacy": True, "turns": [pb.OpenTurn(), pb.OpenTurn()], "n": 2}
    first, second = answer(**changes).turns
    batch = [
        delta("a", 1, first),
        delta("bc", 0, second, tokens("b", "c")),
        *[choice_end(choice, response) for response in (first, second) for choice in (0, 1)],
        end(first),
        end(second),
    ]
    whole = Completion.model_validate_json(unstreamed(batch, **changes))
    assert [(c.index, c.text, c.finish_reason) for c in whole.choices] == [
        (0, "", "stop"),
        (1, "a", "stop"),
        (2, "bc", "stop"),
        (3, "", "stop"),
    ]
    assert whole.choices[2].logprobs is not None
    assert whole.choices[2].logprobs.text_offset == [0, 1]
    assert whole.usage is not None
    assert whole.usage.total_tokens == 10
    found = events(stream(batch, **changes))
    assert found[-1] == "[DONE]"
    texts = {0: "", 1: "", 2: "", 3: ""}
    for event in found[:-1]:
        for choice in json.loads(event)["choices"]:
            texts[choice["index"]] += choice["text"]
    assert texts == {0: "", 1: "a", 2: "bc", 3: ""}


def test_faults_name_fields_as_the_caller_did() -> None:
    renamed = answer(max_completion_tokens=5).renamed
    for field, param in (
        ("sampling.temperature", "temperature"),
        ("sampling.choices", "n"),
        ("sampling.max_tokens", "max_completion_tokens"),
        ("sampling.stop[3]", "stop[3]"),
        ("messages[0].parts[1].text", "messages[0].content[1].text"),
    ):
        with pytest.raises(Fault) as caught:
            unstreamed([end(fault=invalid(field, "must be better"))])
        error = from_exception(caught.value, **renamed)
        assert (error.param, error.message) == (param, f"{param}: must be better")
    assert answer(max_tokens=5).renamed == {}

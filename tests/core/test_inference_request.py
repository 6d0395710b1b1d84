"""Sampling ranges, the models file, and the dialect of Triton's models."""

import math
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from inference import triton, triton_pb2
from inference.request import Model, Prepared, complete
from inference.settings import load_models
from inference.start import load_tokenizer
from inference.triton_pb2 import ModelMetadataResponse
from mesh.faults import Fault
from mesh.settings import SettingsError
from tokenloom.chat.v1.chat_pb2 import Sampling

MODEL = Path(__file__).resolve().parents[2] / "models" / "tokenloom-mini"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"max_tokens": 0}, "max_tokens"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": math.nan}, "temperature"),
        ({"temperature": math.inf}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
        ({"top_p": math.nan}, "top_p"),
        ({"top_k": 2**31}, "top_k"),
        ({"min_p": -0.1}, "min_p"),
        ({"min_p": 1.1}, "min_p"),
        ({"repetition_penalty": 0}, "repetition_penalty"),
        ({"repetition_penalty": 2.5}, "repetition_penalty"),
        ({"presence_penalty": -2.5}, "presence_penalty"),
        ({"presence_penalty": -math.inf}, "presence_penalty"),
        ({"frequency_penalty": 2.5}, "frequency_penalty"),
        ({"stop": ["x"] * 17}, "stop"),
        ({"stop": ["x", ""]}, "stop[1]"),
        ({"stop": ["x" * 257]}, "stop[0]"),
        ({"logit_bias": {100: 1}}, "logit_bias"),
        ({"logit_bias": {1: 100.5}}, "logit_bias"),
        ({"logit_bias": {1: math.nan}}, "logit_bias"),
        ({"logit_bias": dict.fromkeys(range(1025), 1)}, "logit_bias"),
        ({"seed": 2**63}, "seed"),
        ({"choices": 17}, "choices"),
    ],
)
def test_out_of_range(asked: dict[str, Any], field: str) -> None:
    with pytest.raises(Fault) as caught:
        complete(Sampling(**asked), {}, 100)
    assert caught.value.field == f"sampling.{field}"
    assert caught.value.reason == "INVALID_FIELD"
    assert caught.value.metadata["expected"]


def test_the_ends_of_the_ranges_are_in_them() -> None:
    complete(
        Sampling(
            max_tokens=1, temperature=0, top_p=1, top_k=0, min_p=1, repetition_penalty=2, presence_penalty=-2,
            frequency_penalty=2, min_tokens=1, stop=["x" * 256] * 16, logit_bias={99: -100}, seed=2**63 - 1, choices=16,
        ),
        {},
        100,
    )  # fmt: skip


def test_defaults_are_the_models_then_openais() -> None:
    plain = complete(Sampling(), {}, 100)
    assert (plain.temperature, plain.top_p, plain.top_k, plain.choices) == (1, 1, 0, 1)
    assert not plain.HasField("max_tokens")
    of_model = complete(Sampling(top_p=0.5), {"temperature": 0.75, "top_p": 0.9, "top_k": 20}, 100)
    assert (of_model.temperature, of_model.top_p, of_model.top_k) == (0.75, 0.5, 20)


ENTRY = {
    "id": "m",
    "address": "localhost:1",
    "model": "tensorrt_llm",
    "dialect": "inflight_batcher_llm",
    "tokenizer": str(MODEL),
    "context_length": 4096,
}


def write(path: Path, *entries: Any) -> Path:
    (path / "models.yaml").write_text(yaml.safe_dump({"models": list(entries)}))
    return path / "models.yaml"


def test_models_with_one_id_are_replicas(tmp_path: Path) -> None:
    second = ENTRY | {"address": "[::1]:2", "metrics": "http://localhost:3/metrics", "supervised": True}
    found = load_models(write(tmp_path, ENTRY, second, ENTRY | {"id": "n", "end_id": 7}))
    assert {model: [entry.end_id for entry in entries] for model, entries in found.items()} == {
        "m": [None, None],
        "n": [7],
    }
    assert [entry.supervised for entry in found["m"]] == [False, True]


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "tok").symlink_to(MODEL)
    (tmp_path / "chat.jinja").write_text("x")
    found = load_models(write(tmp_path, ENTRY | {"tokenizer": "tok", "chat_template": "chat.jinja"}))
    assert load_tokenizer(tmp_path, found["m"][0]).encode_chat([{"role": "user", "content": "hi"}])
    (tmp_path / "chat.jinja").write_text("{% if %}")
    with pytest.raises(SettingsError, match="m: its tokenizer or template"):
        load_tokenizer(tmp_path, found["m"][0])


@pytest.mark.parametrize("name", ["tokenizer", "chat_template"])
def test_a_path_that_leads_nowhere_is_named(tmp_path: Path, name: str) -> None:
    found = load_models(write(tmp_path, ENTRY | {name: "/nowhere"}))
    with pytest.raises(SettingsError, match=r"m: its tokenizer or template .* '/nowhere"):
        load_tokenizer(tmp_path, found["m"][0])


@pytest.mark.parametrize(
    ("entries", "where"),
    [
        ([], "`$.models`"),
        (["x"], "`$.models[0]`"),
        ([{k: v for k, v in ENTRY.items() if k != "model"}], "missing required field `model` - at `$.models[0]`"),
        ([ENTRY | {"adress": "x"}], "unknown field `adress` - at `$.models[0]`"),
        ([ENTRY | {"address": "localhost"}], "`$.models[0].address`"),
        ([ENTRY | {"dialect": "vllm"}], "`$.models[0].dialect`"),
        ([ENTRY | {"context_length": "4096"}], "Expected `int`, got `str` - at `$.models[0].context_length`"),
        ([ENTRY | {"context_length": True}], "`$.models[0].context_length`"),
        ([ENTRY | {"context_length": 1}], "`$.models[0].context_length`"),
        ([ENTRY | {"id": ""}], "`$.models[0].id`"),
        ([ENTRY | {"end_id": -1}], "`$.models[0].end_id`"),
        ([ENTRY | {"supervised": 1}], "`$.models[0].supervised`"),
        ([ENTRY, ENTRY | {"context_length": 5}], "models[1].context_length: differs"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entries: list[Any], where: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_models(write(tmp_path, *entries))
    assert where in str(caught.value)


@pytest.mark.parametrize("text", ["", "models: {}", "- x", "models: []\nother: 1", "a: [", "\x00"])
def test_a_file_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "models.yaml").write_text(text)
    with pytest.raises(SettingsError):
        load_models(tmp_path / "models.yaml")
    with pytest.raises(SettingsError):
        load_models(tmp_path / "absent.yaml")


REQUIRED = {"input_ids": "INT32", "input_lengths": "INT32", "request_output_len": "INT32"}
CURRENT = REQUIRED | {
    "end_id": "INT32", "temperature": "FP32", "runtime_top_k": "INT32", "runtime_top_p": "FP32",
    "repetition_penalty": "FP32", "presence_penalty": "FP32", "frequency_penalty": "FP32", "min_tokens": "INT32",
    "seed": "UINT64", "embedding_bias": "FP32", "streaming": "BOOL", "return_log_probs": "BOOL",
    "exclude_input_in_output": "BOOL",
}  # fmt: skip


def dialect(inputs: dict[str, str], *, batched: bool = True) -> triton.Dialect:
    metadata = ModelMetadataResponse(name="m")
    for name, kind in inputs.items():
        size = [-1] if name in ("input_ids", "embedding_bias") else [1]
        metadata.inputs.add(name=name, datatype=kind, shape=[-1, *size] if batched else size)
    metadata.outputs.add(name="output_ids", datatype="INT32", shape=[-1, -1])
    return triton.Dialect(metadata)


def unpack(request: triton_pb2.ModelInferRequest) -> dict[str, tuple[list[int], list[float]]]:
    formats = {"INT32": "<i", "FP32": "<f", "UINT64": "<Q", "BOOL": "<?"}
    return {
        tensor.name: (list(tensor.shape), [v for (v,) in struct.iter_unpack(formats[tensor.datatype], raw)])
        for tensor, raw in zip(request.inputs, request.raw_input_contents, strict=True)
    }


def ask(of: triton.Dialect, **sampling: Any) -> dict[str, tuple[list[int], list[float]]]:
    tokenizer: Any = SimpleNamespace(vocabulary_size=10)
    valid = complete(Sampling(**sampling), {}, tokenizer.vocabulary_size)
    prepared = Prepared("id", Model("m", 100, tokenizer, [5], []), [1, 2, 3], valid, 7, 98, 60.0)
    return unpack(of.request(prepared, 1))


def test_a_request() -> None:
    asked = ask(
        dialect(CURRENT), temperature=0.5, top_p=0.25, top_k=3, repetition_penalty=1.5, presence_penalty=1,
        frequency_penalty=-1, min_tokens=2, seed=2**63 - 1, logit_bias={4: -100}, logprobs=True,
    )  # fmt: skip
    assert asked == {
        "streaming": ([1, 1], [True]),
        "exclude_input_in_output": ([1, 1], [True]),
        "input_ids": ([1, 3], [1, 2, 3]),
        "input_lengths": ([1, 1], [3]),
        "request_output_len": ([1, 1], [7]),
        "end_id": ([1, 1], [5]),
        "temperature": ([1, 1], [0.5]),
        "runtime_top_p": ([1, 1], [0.25]),
        "runtime_top_k": ([1, 1], [3]),
        "seed": ([1, 1], [99]),
        "repetition_penalty": ([1, 1], [1.5]),
        "presence_penalty": ([1, 1], [1]),
        "frequency_penalty": ([1, 1], [-1]),
        "min_tokens": ([1, 1], [2]),
        "embedding_bias": ([1, 10], [0, 0, 0, 0, -100, 0, 0, 0, 0, 0]),
        "return_log_probs": ([1, 1], [True]),
    }


def test_greedy_sends_no_more_than_it_needs() -> None:
    assert set(ask(dialect(CURRENT), temperature=0, top_p=0.5, seed=1)) == {
        *REQUIRED, "end_id", "runtime_top_k", "streaming", "exclude_input_in_output",
    }  # fmt: skip


def test_sampling_always_sends_top_p() -> None:
    """Without top_k and top_p TensorRT-LLM is greedy."""
    assert ask(dialect(CURRENT), temperature=1)["runtime_top_p"] == ([1, 1], [1])


def test_names_of_older_releases() -> None:
    old = {{"min_tokens": "min_length", "seed": "random_seed"}.get(name, name): kind for name, kind in CURRENT.items()}
    asked = ask(dialect(old), min_tokens=2, seed=9)
    assert asked["min_length"] == ([1, 1], [2])
    assert asked["random_seed"] == ([1, 1], [99])


def test_a_model_without_a_batch_dimension() -> None:
    asked = ask(dialect(CURRENT, batched=False))
    assert asked["input_ids"] == ([3], [1, 2, 3])
    assert asked["input_lengths"] == ([1], [3])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"temperature": 0}, "temperature"),
        ({"temperature": 0.5}, "temperature"),
        ({"min_p": 0.5}, "min_p"),
        ({"seed": 1}, "seed"),
        ({"logit_bias": {1: 1}}, "logit_bias"),
        ({"logprobs": True}, "logprobs"),
        ({"ignore_eos": True}, "ignore_eos"),
        ({"presence_penalty": 1}, "presence_penalty"),
        ({"min_tokens": 1}, "min_tokens"),
    ],
)
def test_what_the_model_has_no_tensor_for(asked: dict[str, Any], field: str) -> None:
    bare = {"temperature": "FP32", "runtime_top_p": "FP32"} if field != "temperature" else {}
    with pytest.raises(Fault) as caught:
        ask(dialect(REQUIRED | bare), **asked)
    assert (caught.value.reason, caught.value.field) == ("UNSUPPORTED_PARAMETER", f"sampling.{field}")


@pytest.mark.parametrize("missing", [*REQUIRED])
def test_a_model_of_another_dialect(missing: str) -> None:
    with pytest.raises(triton.DialectError, match=missing):
        dialect({name: kind for name, kind in REQUIRED.items() if name != missing})


def read(data: bytes) -> triton.Answer:
    return triton.Reader().read([data])


def test_answers() -> None:
    assert read(triton_pb2.ModelStreamInferResponse(error_message="no").SerializeToString()).error == "no"
    message = triton_pb2.ModelStreamInferResponse()
    message.infer_response.parameters["triton_final_response"].bool_param = True
    assert read(message.SerializeToString()).final
    assert not read(message.SerializeToString()).ids
    message.infer_response.outputs.add(name="other")
    message.infer_response.outputs.add(name="output_ids")
    message.infer_response.outputs.add(name="output_log_probs")
    message.infer_response.raw_output_contents.extend([b"?", struct.pack("<2i", 5, -1), struct.pack("<2f", -0.5, -1)])
    answer = read(message.SerializeToString())
    assert list(answer.ids) == [5, 2**32 - 1]
    assert list(answer.logprobs) == [-0.5, -1]
    assert read(b"\xff").error


def _message(*ids: int, final: bool = False, model: str = "m") -> bytes:
    message = triton_pb2.ModelStreamInferResponse()
    message.infer_response.model_name = model
    message.infer_response.parameters["triton_final_response"].bool_param = final
    message.infer_response.raw_output_contents.append(struct.pack(f"<{len(ids)}I", *ids))
    return message.SerializeToString()


MESSAGES = (
    *(_message(5), _message(7), _message(2**32 - 1), _message(5, 7), _message(), _message(0x0432, 5), b"", b"\xff"),
    *(_message(5, final=True), _message(final=True), _message(5, model="n"), _message(5)[:-1], _message(5) + b"\0" * 4),
    triton_pb2.ModelStreamInferResponse(error_message="2\x04abcd").SerializeToString(),
)


@given(stream=st.lists(st.sampled_from(MESSAGES)))
def test_a_message_is_read_as_if_it_were_the_first(stream: list[bytes]) -> None:
    reader = triton.Reader()
    for data in stream:
        one, fresh = reader.read([data]), read(data)
        assert (list(one.ids), list(one.logprobs), one[2:]) == (list(fresh.ids), list(fresh.logprobs), fresh[2:])

"""The dialect of `inflight_batcher_llm`: one choice as a ModelInferRequest, and its answers read back.

Names, datatypes and batching are read from the model's metadata, since they changed between releases; what the model
has no tensor for can't be asked for. Tensors travel as raw little-endian bytes.
"""

import functools
import struct
from collections.abc import Sequence
from typing import NamedTuple

from google.protobuf.message import DecodeError

from inference.request import SEEDS, Prepared
from inference.triton_pb2 import ModelInferRequest, ModelMetadataResponse, ModelStreamInferResponse
from mesh.faults import Fault

NO_END = -1  # TensorRT-LLM's spelling of "generate past end tokens"
_FORMATS = {"INT32": "i", "INT64": "q", "UINT32": "I", "UINT64": "Q", "FP32": "f", "FP64": "d", "BOOL": "?"}
_ID, _ONE_ID = struct.Struct("<I"), b"\x32\x04"  # An id, and what goes before it on the wire: raw contents of 4 bytes.
_NEW_NAMES = {"random_seed": "seed", "min_length": "min_tokens"}  # the old ones until TensorRT-LLM 0.19


class DialectError(Exception):
    """The model doesn't speak the dialect; the message says what it lacks."""


class Answer(NamedTuple):
    """One message of a stream."""

    ids: Sequence[int] = ()
    logprobs: Sequence[float] = ()
    final: bool = False
    error: str = ""


class Dialect:
    """How to speak to one model of one server."""

    def __init__(self, metadata: ModelMetadataResponse) -> None:
        """Raises DialectError if the model lacks a tensor that every request needs."""
        self._inputs = {_NEW_NAMES.get(tensor.name, tensor.name): tensor for tensor in metadata.inputs}
        missing = {"input_ids", "input_lengths", "request_output_len", "output_ids"}
        if missing := missing - self._inputs.keys() - {tensor.name for tensor in metadata.outputs}:
            raise DialectError(f"model {metadata.name}: tensors are missing: {', '.join(sorted(missing))}")
        self._batched = len(self._inputs["input_ids"].shape) == 2
        self._constant: dict[str, float] = {
            name: True for name in ("streaming", "exclude_input_in_output") if name in self._inputs
        }
        self._model = metadata.name
        self._blank = functools.lru_cache(256)(self._with)
        self._pack = {name: struct.Struct(f"<{_FORMATS[of.datatype]}").pack for name, of in self._inputs.items()}

    def bare(self, request_id: str, prompt: Sequence[int], max_tokens: int, **values: float) -> ModelInferRequest:
        """A request that asks nothing of sampling but these values of tensors of one."""
        values = {**self._constant, "input_lengths": len(prompt), "request_output_len": max_tokens, **values}
        (request := ModelInferRequest()).CopyFrom(self._blank(*values))
        request.id = request_id
        request.raw_input_contents.extend([self._pack[name](value) for name, value in values.items()])
        self._add(request, "input_ids", prompt)
        return request

    def request(self, of: Prepared, choice: int) -> ModelInferRequest:
        """The request for one choice. Raises the fault of the first parameter that the model has no tensor for."""
        sampling, values = of.sampling, dict[str, float]()

        def tensor_for(parameter: str, name: str) -> str:
            if name not in self._inputs:
                message = f"{parameter} isn't supported by this model's engine"
                raise Fault("UNSUPPORTED_PARAMETER", message, field=f"sampling.{parameter}")
            return name

        def ask(parameter: str, value: float, tensor: str = "") -> None:
            values[tensor_for(parameter, tensor or parameter)] = value

        if sampling.ignore_eos:
            ask("ignore_eos", NO_END, tensor="end_id")
        elif of.model.end_ids and "end_id" in self._inputs:
            ask("end_id", of.model.end_ids[0])
        neutral = {"repetition_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0, "min_tokens": 0}
        if sampling.temperature == 0:
            ask("temperature", 1, tensor="runtime_top_k")
        else:
            ask("temperature", sampling.temperature)
            ask("top_p", sampling.top_p, tensor="runtime_top_p")  # without it TensorRT-LLM is greedy
            if sampling.top_k:
                ask("top_k", sampling.top_k, tensor="runtime_top_k")
            if sampling.HasField("seed") or "seed" in self._inputs:
                ask("seed", (of.seed + choice) % SEEDS)
            neutral["min_p"] = 0
        for name, value in neutral.items():
            if (asked := getattr(sampling, name)) != value:
                ask(name, asked)
        if sampling.logprobs:
            ask("logprobs", True, tensor="return_log_probs")
        request = self.bare(f"{of.id}-{choice}", of.prompt, of.max_tokens, **values)
        if sampling.logit_bias:
            biases = [0.0] * of.model.tokenizer.vocabulary_size
            for token, bias in sampling.logit_bias.items():
                biases[token] = bias
            self._add(request, tensor_for("logit_bias", "embedding_bias"), biases)
        return request

    def _with(self, *names: str) -> ModelInferRequest:
        """A request that has tensors of one by these names, without their values."""
        request = ModelInferRequest(model_name=self._model)
        request.parameters["triton_enable_empty_final_response"].bool_param = True
        request.outputs.add(name="output_ids")
        if "return_log_probs" in names:
            request.outputs.add(name="output_log_probs")
        for name in names:
            self._shape(request, name, 1)
        return request

    def _add(self, request: ModelInferRequest, name: str, values: Sequence[float]) -> None:
        self._shape(request, name, len(values))
        request.raw_input_contents.append(
            struct.pack(f"<{len(values)}{_FORMATS[self._inputs[name].datatype]}", *values)
        )

    def _shape(self, request: ModelInferRequest, name: str, size: int) -> None:
        tensor, shape = self._inputs[name], (1, size) if self._batched else (size,)
        request.inputs.add(name=tensor.name, datatype=tensor.datatype, shape=shape)


class Reader:
    """Reads one stream's serialised ModelStreamInferResponses."""

    _same: bytes | None = None  # A message that brought one id, without that.
    _one_id = staticmethod(functools.lru_cache(2**12)(lambda raw: Answer(_ID.unpack(raw))))  # Few ids are most tokens.

    def read(self, batch: Sequence[bytes]) -> Answer:
        """Reads messages as if they had been one."""
        if len(batch) == 1:
            return self._read(batch[0])
        answers = [self._read(data) for data in batch]
        ids, logprobs = [i for one in answers for i in one.ids], [p for one in answers for p in one.logprobs]
        return Answer(ids, logprobs, answers[-1].final, "; ".join(one.error for one in answers if one.error))

    def _read(self, data: bytes) -> Answer:
        if data[:-4] == self._same:  # As most are; parsing costs ten times as much.
            return self._one_id(data[-4:])
        try:
            message = ModelStreamInferResponse.FromString(data)
        except DecodeError:
            return Answer(error="its answer can't be read")
        if message.error_message:
            return Answer(error=message.error_message)
        response = message.infer_response
        final, contents = response.parameters["triton_final_response"].bool_param, response.raw_output_contents
        # Unsigned, since a negative id would index from the end.
        if len(contents) == 1:  # Only ids were asked for.
            self._same = data[:-4] if data.endswith(_ONE_ID + contents[0]) and not final else None
            return Answer(memoryview(contents[0]).cast("I"), (), final)
        named = {output.name: raw for output, raw in zip(response.outputs, contents, strict=False)}
        ids, logprobs = named.get("output_ids", b""), named.get("output_log_probs", b"")
        return Answer(memoryview(ids).cast("I"), memoryview(logprobs).cast("f"), final)

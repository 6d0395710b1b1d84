"""The dialect of `inflight_batcher_llm`: one choice as a ModelInferRequest, and its answers read back.

Names, datatypes and batching are read from the model's metadata, since they changed between releases; what the model
has no tensor for can't be asked for. Tensors travel as raw little-endian bytes.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

import grpc
from google.protobuf.message import DecodeError

from inference.triton_pb2 import ModelInferRequest, ModelMetadataResponse, ModelStreamInferResponse
from mesh.faults import Fault
from tokenloom.chat.v1.chat_pb2 import Sampling

NO_END = -1  # TensorRT-LLM's spelling of "generate past end tokens"
_PACK = {"INT32": "<i", "INT64": "<q", "UINT32": "<I", "UINT64": "<Q", "FP32": "<f", "FP64": "<d", "BOOL": "<?"}
_ALIASES = {"min_tokens": "min_length", "seed": "random_seed"}  # up to TensorRT-LLM 0.19


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
        self._inputs = {tensor.name: tensor for tensor in metadata.inputs}
        for name in ("input_ids", "input_lengths", "request_output_len"):
            if name not in self._inputs:
                raise DialectError(f"model {metadata.name}: input {name} is missing")
        if "output_ids" not in {tensor.name for tensor in metadata.outputs}:
            raise DialectError(f"model {metadata.name}: output output_ids is missing")
        self._batched = len(self._inputs["input_ids"].shape) == 2
        self._constant = ModelInferRequest(model_name=metadata.name)
        self._constant.parameters["triton_enable_empty_final_response"].bool_param = True
        self._constant.outputs.add(name="output_ids")
        for name in ("streaming", "exclude_input_in_output"):
            self._add(self._constant, name, True)

    def request(
        self,
        request_id: str,
        prompt: Sequence[int],
        max_tokens: int,
        sampling: Sampling,
        *,
        seed: int,
        end_id: int | None,
        vocabulary_size: int,
    ) -> ModelInferRequest:
        """The request for one choice. Raises the fault of the first parameter that the model has no tensor for."""
        request = ModelInferRequest()
        request.CopyFrom(self._constant)
        request.id = request_id
        self._add_array(request, "input_ids", struct.pack(f"<{len(prompt)}i", *prompt), len(prompt))
        self._add(request, "input_lengths", len(prompt))
        self._add(request, "request_output_len", max_tokens)
        if sampling.ignore_eos:
            self._ask(request, "end_id", NO_END, "ignore_eos")
        elif end_id is not None:
            self._add(request, "end_id", end_id)
        if sampling.temperature == 0:
            self._ask(request, "runtime_top_k", 1, "temperature")
        else:
            self._ask(request, "temperature", sampling.temperature, "temperature")
            self._ask(request, "runtime_top_p", sampling.top_p, "top_p")  # without it TensorRT-LLM is greedy
            if sampling.top_k:
                self._ask(request, "runtime_top_k", sampling.top_k, "top_k")
            if sampling.min_p:
                self._ask(request, "min_p", sampling.min_p, "min_p")
            if sampling.HasField("seed") or self._name("seed"):
                self._ask(request, "seed", seed, "seed")
        for name, neutral in (("repetition_penalty", 1), ("presence_penalty", 0), ("frequency_penalty", 0)):
            if (value := getattr(sampling, name)) != neutral:
                self._ask(request, name, value, name)
        if sampling.min_tokens:
            self._ask(request, "min_tokens", sampling.min_tokens, "min_tokens")
        if sampling.logit_bias:
            if "embedding_bias" not in self._inputs:
                raise _unsupported("logit_bias")
            biases = [0.0] * vocabulary_size
            for token, bias in sampling.logit_bias.items():
                biases[token] = bias
            self._add_array(request, "embedding_bias", struct.pack(f"<{vocabulary_size}f", *biases), vocabulary_size)
        if sampling.logprobs:
            self._ask(request, "return_log_probs", True, "logprobs")
            request.outputs.add(name="output_log_probs")
        return request

    def canary(self, request_id: str, token: int) -> ModelInferRequest:
        """A request for one token after a prompt of one."""
        request = ModelInferRequest()
        request.CopyFrom(self._constant)
        request.id = request_id
        self._add_array(request, "input_ids", struct.pack("<i", token), 1)
        self._add(request, "input_lengths", 1)
        self._add(request, "request_output_len", 1)
        return request

    def _name(self, name: str) -> str | None:
        return next((n for n in (name, _ALIASES.get(name)) if n in self._inputs), None)

    def _ask(self, request: ModelInferRequest, name: str, value: float, parameter: str) -> None:
        known = self._name(name)
        if known is None:
            raise _unsupported(parameter)
        self._add(request, known, value)

    def _add(self, request: ModelInferRequest, name: str, value: float) -> None:
        if (tensor := self._inputs.get(name)) is not None:
            raw = struct.pack(_PACK[tensor.datatype], value)
            request.inputs.add(name=name, datatype=tensor.datatype, shape=(1, 1) if self._batched else (1,))
            request.raw_input_contents.append(raw)

    def _add_array(self, request: ModelInferRequest, name: str, raw: bytes, length: int) -> None:
        shape = (1, length) if self._batched else (length,)
        request.inputs.add(name=name, datatype=self._inputs[name].datatype, shape=shape)
        request.raw_input_contents.append(raw)


def read(data: bytes) -> Answer:
    """Reads one serialised ModelStreamInferResponse."""
    try:
        message = ModelStreamInferResponse.FromString(data)
    except DecodeError:
        return Answer(error="its answer can't be read", final=True)
    if message.error_message:
        return Answer(error=message.error_message, final=True)
    response = message.infer_response
    final = response.parameters["triton_final_response"].bool_param
    contents = response.raw_output_contents
    # Unsigned, since a negative id would index from the end.
    if len(contents) == 1:  # Only ids were asked for.
        return Answer(memoryview(contents[0]).cast("I"), (), final)
    named = {output.name: raw for output, raw in zip(response.outputs, contents, strict=False)}
    ids, logprobs = named.get("output_ids", b""), named.get("output_log_probs", b"")
    return Answer(memoryview(ids).cast("I"), memoryview(logprobs).cast("f"), final)


def _unsupported(parameter: str) -> Fault:
    return Fault(
        grpc.StatusCode.INVALID_ARGUMENT,
        "UNSUPPORTED_PARAMETER",
        f"{parameter} isn't supported by this model's engine",
        field=f"sampling.{parameter}",
    )

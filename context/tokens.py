"""How many tokens messages take, as inference counts them: asked once a message and tokenizer, then remembered."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import grpc
import grpc.aio

from mesh.faults import Fault, from_rpc_error
from tokenloom.chat.v1.chat_pb2 import Message
from tokenloom.inference.v1 import inference_pb2_grpc
from tokenloom.inference.v1.inference_pb2 import CountTokensRequest

_BATCH_MESSAGES = 1024
_BATCH_BYTES = 4 * 2**20
_TRIES = 3


class Counts(NamedTuple):
    """Tokens of each message asked for, in order, and of what surrounds them."""

    fresh: Sequence[int]
    past: Sequence[int]
    overhead: int
    context_length: int


class TokenCounter:
    """Counts by asking inference; remembers the counts of `capacity` past messages, then begins anew."""

    def __init__(
        self, inference: "inference_pb2_grpc.InferenceServiceAsyncStub", timeout_seconds: float, capacity: int
    ) -> None:
        self._inference, self._timeout_seconds, self._capacity = inference, timeout_seconds, capacity
        self._known: dict[tuple[str, bytes], int] = {}  # By tokenizer and message.
        self._digests: dict[str, str] = {}  # The tokenizer of each model that was asked for and exists.

    async def count(self, model: str, fresh: Sequence[Message], past: Sequence[Message]) -> Counts:
        """Counts `fresh`, at least one and always asked for, which also tells if the tokenizer changed; and `past`.

        Raises Fault: inference's own, or SERVICE_UNAVAILABLE when it can't be reached or its tokenizers differ.
        """
        keys = [hashlib.blake2b(message.SerializeToString(deterministic=True)).digest() for message in past]
        by_key = dict(zip(keys, past, strict=True))
        for _ in range(_TRIES):
            digest = self._digests.get(model, "")
            known = {key: self._known[digest, key] for key in by_key if (digest, key) in self._known}
            unknown = [key for key in by_key if key not in known]
            batches = _batches([*fresh, *(by_key[key] for key in unknown)])
            asked = [CountTokensRequest(model=model, messages=batch) for batch in batches]
            try:
                replies = [await self._inference.CountTokens(each, timeout=self._timeout_seconds) for each in asked]
            except grpc.aio.AioRpcError as error:
                raise from_rpc_error(error, "inference") from error
            self._digests[model] = last = replies[-1].tokenizer_digest
            if any(reply.tokenizer_digest != last for reply in replies) or (known and last != digest):
                continue  # The tokenizer changed in between.
            tokens = [count for reply in replies for count in reply.tokens]
            known.update(zip(unknown, tokens[len(fresh) :], strict=True))
            if len(self._known) + len(unknown) > self._capacity:
                self._known.clear()
            self._known.update({(last, key): count for key, count in known.items()})
            overhead, context_length = replies[-1].overhead_tokens, replies[-1].context_length
            return Counts(tokens[: len(fresh)], [known[key] for key in keys], overhead, context_length)
        message = "inference counts by several tokenizers at once"
        raise Fault(grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", message, retry_after=1.0, service="inference")


def _batches(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    start = size = 0
    for index, message in enumerate(messages):
        bytes_ = message.ByteSize()
        if index > start and (index - start == _BATCH_MESSAGES or size + bytes_ > _BATCH_BYTES):
            yield messages[start:index]
            start, size = index, 0
        size += bytes_
    yield messages[start:]

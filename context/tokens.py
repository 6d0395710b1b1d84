"""How many tokens messages take, as inference counts them: asked once a message and tokenizer, then remembered."""

import asyncio
import hashlib
import math
import time
from collections.abc import Sequence

import grpc.aio

from mesh.faults import Fault, from_rpc_error
from tokenloom.chat.v1.chat_pb2 import Message
from tokenloom.inference.v1 import inference_pb2_grpc
from tokenloom.inference.v1.inference_pb2 import CountTokensRequest, CountTokensResponse

_BATCH = 32  # Messages asked for at once: with the largest that fit a window it stays below what a call may carry.
_TRIES = 3
_LATELY_SECONDS = 5.0  # So long it may take to notice that a model has another window.


class TokenCounter:
    """Counts by asking inference; remembers the counts of `capacity` past messages, then begins anew."""

    def __init__(
        self, inference: "inference_pb2_grpc.InferenceServiceAsyncStub", timeout_seconds: float, capacity: int
    ) -> None:
        self._inference, self._timeout_seconds, self._capacity = inference, timeout_seconds, capacity
        self._known: dict[tuple[str, bytes], int] = {}  # By tokenizer and message.
        # What inference last said of each model that was asked for and exists, and when.
        self._said: dict[str, tuple[float, CountTokensResponse]] = {}

    def lately(self, model: str) -> CountTokensResponse | None:
        """What inference said of a model in the last seconds: its window and the like."""
        when, reply = self._said.get(model, (-math.inf, None))
        return reply if time.monotonic() - when < _LATELY_SECONDS else None

    async def count(
        self, model: str, fresh: Sequence[Message], past: Sequence[Message]
    ) -> tuple[Sequence[int], CountTokensResponse]:
        """The tokens of each message, and a reply of inference, which knows what surrounds them and the window.

        `fresh`, at least one, are always asked for, which also tells if the tokenizer changed. Raises Fault:
        inference's own, or SERVICE_UNAVAILABLE when it can't be reached or its tokenizers differ.
        """
        keys = [hashlib.blake2b(message.SerializeToString(deterministic=True)).digest() for message in past]
        by_key = dict(zip(keys, past, strict=True))
        for _ in range(_TRIES):
            digest = self._said[model][1].tokenizer_digest if model in self._said else ""
            known = {key: self._known[digest, key] for key in by_key if (digest, key) in self._known}
            unknown = [key for key in by_key if key not in known]
            ask = [*fresh, *(by_key[key] for key in unknown)]
            pages = (ask[at : at + _BATCH] for at in range(0, len(ask), _BATCH))
            asked = [CountTokensRequest(model=model, messages=page) for page in pages]
            replies = []
            try:
                for each in asked:
                    replies.append(await self._inference.CountTokens(each, timeout=self._timeout_seconds))
                    await asyncio.sleep(0)  # In process a call may wait for nothing, and there may be many.
            except grpc.aio.AioRpcError as error:
                raise from_rpc_error(error, "inference") from error
            self._said[model], last = (time.monotonic(), replies[-1]), replies[-1].tokenizer_digest
            if any(reply.tokenizer_digest != last for reply in replies) or (known and last != digest):
                continue  # The tokenizer changed in between.
            tokens = [count for reply in replies for count in reply.tokens]
            known.update(zip(unknown, tokens[len(fresh) :], strict=True))
            if len(self._known) + len(unknown) > self._capacity:
                self._known.clear()
            self._known.update({(last, key): count for key, count in known.items()})
            return [*tokens[: len(fresh)], *(known[key] for key in keys)], replies[-1]
        raise Fault("SERVICE_UNAVAILABLE", "inference counts by several tokenizers at once", service="inference")

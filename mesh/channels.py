"""Channels to the services of the mesh: one face for in-process and grpc.aio, which adds what every call needs."""

import contextvars
import functools
import importlib
import json
import time
from collections.abc import Callable
from typing import Any

import grpc.aio

from mesh import telemetry
from mesh.inproc import MAX_MESSAGE_BYTES, Metadata

# time.monotonic() at which the unary call that this task serves runs out; the calls it makes get what remains.
deadline: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)

_BACKOFF = {"initialBackoff": "0.05s", "maxBackoff": "0.5s", "backoffMultiplier": 2}
WINDOW = [("grpc.http2.lookahead_bytes", 512), ("grpc.http2.bdp_probe", 0)]  # Of a stream: what is beyond it merges.
_RETRY = {"maxAttempts": 5, "retryableStatusCodes": ["UNAVAILABLE"], **_BACKOFF}


def service_names(service: str) -> tuple[str, list[str]]:
    """The full gRPC name of a service of the mesh, and its unary methods: all of them are idempotent."""
    module = importlib.import_module(f"tokenloom.{service}.v1.{service}_pb2")
    descriptor = next(iter(module.DESCRIPTOR.services_by_name.values()))
    unary = [method.name for method in descriptor.methods if not method.server_streaming]
    return descriptor.full_name, unary


def dial(service: str, address: str) -> grpc.aio.Channel:
    """A grpc.aio channel to a service at host:port. Unary calls are retried while it restarts, streams aren't."""
    name, unary = service_names(service)
    config = {"methodConfig": [{"name": [{"service": name, "method": m} for m in unary], "retryPolicy": _RETRY}]}
    return grpc.aio.insecure_channel(
        address,
        options=[
            *WINDOW,
            ("grpc.service_config", json.dumps(config)),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 2000),
            ("grpc.max_reconnect_backoff_ms", 1000),
            ("grpc.max_send_message_length", -1),  # The receiver refuses with a status; a sender can't on a stream.
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.keepalive_time_ms", 10_000),
            ("grpc.keepalive_timeout_ms", 2000),
            ("grpc.http2.ping_timeout_ms", 2000),  # Without it a stopped peer is noticed only after a minute.
        ],
    )


class Channel:
    """What a generated stub needs of a channel; adds the key, trace, request id and time left to each call."""

    def __init__(self, inner: Any, api_key: str = "") -> None:
        self._inner = inner
        self._fixed: Metadata = (("authorization", f"Bearer {api_key}"),) if api_key else ()

    def unary_unary(self, method: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return functools.partial(self._call, self._inner.unary_unary(method, *args, **kwargs))

    def stream_stream(self, method: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return functools.partial(self._call, self._inner.stream_stream(method, *args, **kwargs))

    def _call(
        self, inner: Any, *request: Any, timeout: float | None = None, metadata: Metadata = (), **options: Any
    ) -> Any:
        if (limit := deadline.get()) is not None:
            remaining = max(limit - time.monotonic(), 0.0)
            timeout = remaining if timeout is None else min(timeout, remaining)
        added = [*self._fixed, *metadata]
        if traceparent := telemetry.current_traceparent():
            added.append(("traceparent", traceparent))
        if request_id := telemetry.request_id():
            added.append(("x-request-id", request_id))
        return inner(*request, timeout=timeout, metadata=added, **options)

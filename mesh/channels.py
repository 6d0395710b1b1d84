"""Channels to the services of the mesh: one face for in-process and grpc.aio, which adds what every call needs."""

import contextvars
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

_RETRY = {
    "maxAttempts": 5,
    "initialBackoff": "0.05s",
    "maxBackoff": "0.5s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


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
    """What a generated stub needs of a channel; adds key, trace, request id and, to unary calls, the time left."""

    def __init__(self, inner: Any, api_key: str = "") -> None:
        self._inner = inner
        self._fixed: Metadata = (("authorization", f"Bearer {api_key}"),) if api_key else ()

    def unary_unary(self, method: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        inner = self._inner.unary_unary(method, *args, **kwargs)
        return lambda request, *, timeout=None, metadata=(), **options: inner(
            request, timeout=_within(timeout), metadata=self._metadata(metadata), **options
        )

    def stream_stream(self, method: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        inner = self._inner.stream_stream(method, *args, **kwargs)
        return lambda *, metadata=(), **options: inner(metadata=self._metadata(metadata), **options)

    def _metadata(self, given: Metadata) -> Metadata:
        metadata = [*self._fixed, *given]
        if traceparent := telemetry.current_traceparent():
            metadata.append(("traceparent", traceparent))
        if request_id := telemetry.request_id():
            metadata.append(("x-request-id", request_id))
        return metadata


def _within(timeout: float | None) -> float | None:
    limit = deadline.get()
    if limit is None:
        return timeout
    remaining = max(limit - time.monotonic(), 0.0)
    return remaining if timeout is None else min(timeout, remaining)

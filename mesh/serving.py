"""The serving side: one boundary around every handler, and the servers that it is registered with.

Whatever a handler does, its caller gets a status: a fault with typed details, all else as INTERNAL without its text.
The boundary also checks the key, continues the trace, binds the request's ids, counts the call and keeps its deadline.
All of that happens once a call, never per message.
"""

import asyncio
import contextlib
import hmac
import time
from collections.abc import Iterable, Sequence
from typing import Any

import grpc.aio
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc
from prometheus_client import Gauge

from mesh import channels, faults, inproc, telemetry
from mesh.faults import Fault
from mesh.ids import new_id
from mesh.telemetry import Histogram

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)
_SECONDS = Histogram("tokenloom_rpc_seconds", "From call to status.", ["service", "method", "code"], buckets=_BUCKETS)
WATCH_SECONDS = 0.25  # How often a watcher's service is looked at.
_ACTIVE = Gauge("tokenloom_rpc_active", "Calls that are being served.", ["service", "method"])
_log = structlog.stdlib.get_logger("mesh.serving")
_Status = health_pb2.HealthCheckResponse


def _fault(error: BaseException, ctx: Any) -> Fault:
    """What a handler's exception means; a cancellation is real only if it came from outside.

    Python 3.11 leaves `cancelling()` at 1 after a TaskGroup whose child failed: so even a cancellation gets a status.
    """
    if (fault := faults.find(error)) is not None:
        return fault
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    task = asyncio.current_task()
    cancelled = isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling()
    # What a read or write of grpc.aio raises when the call, or the server, has ended before the handler is cancelled.
    lost = isinstance(error, grpc.aio.BaseError) and not isinstance(error, grpc.aio.UsageError)
    if ctx.done() or cancelled or lost:
        fault = Fault("INTERNAL", "the call was cancelled")
        fault.code = grpc.StatusCode.CANCELLED
        return fault
    return faults.internal(telemetry.request_id())


class Registrar:
    """What add_XServicer_to_server registers with: each handler goes, within the boundary, to both kinds of server."""

    def __init__(self, api_key: str, servers: Sequence[Any]) -> None:
        self.services: list[str] = []
        self._authorization = f"Bearer {api_key}".encode() if api_key else b""
        self._servers = servers

    def add_generic_rpc_handlers(self, handlers: Iterable[Any]) -> None:
        """Generated code registers each handler twice; the other way is enough."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        """What generated code calls with the handlers of one service."""
        guarded = {name: self._guarded(service, name, handler) for name, handler in handlers.items()}
        for server in self._servers:
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, guarded),))
            server.add_registered_method_handlers(service, guarded)
        self.services.append(service)

    def _guarded(self, service: str, method: str, handler: Any) -> "grpc.RpcMethodHandler[Any, Any]":
        streaming = handler.response_streaming
        inner = handler.stream_stream if streaming else handler.unary_unary
        well, live = _SECONDS.labels(service, method, "OK"), set[object]()
        _ACTIVE.labels(service, method).set_function(lambda: len(live))
        name, about = f"{service}/{method}", {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}

        async def guarded(request: Any, ctx: Any) -> Any:
            begin, seconds = time.perf_counter(), well
            metadata = dict(ctx.invocation_metadata() or ())
            if not streaming and (remaining := ctx.time_remaining()) is not None:
                channels.deadline.set(time.monotonic() + remaining)
            traceparent, request_id = metadata.get("traceparent", ""), metadata.get("x-request-id") or new_id("req")
            with telemetry.serve(name, traceparent, request_id, about) as span:
                try:
                    live.add(ctx)
                    if self._authorization:
                        given = str(metadata.get("authorization", "")).encode()
                        if not hmac.compare_digest(given, self._authorization):
                            raise Fault("UNAUTHENTICATED", "the key is missing or wrong")
                    return await inner(request, ctx)
                except grpc.aio.AbortError:  # A status of the handler's own; services raise faults instead.
                    seconds = _SECONDS.labels(service, method, "ABORTED")
                    raise
                except (Exception, asyncio.CancelledError) as error:
                    fault = _fault(error, ctx)
                    if fault.code is grpc.StatusCode.INTERNAL and faults.find(error) is None:
                        _log.error("handler failed", service=service, method=method, exc_info=error)
                    status, seconds = faults.to_status(fault), _SECONDS.labels(service, method, fault.code.name)
                    span.set_attribute("error.type", fault.code.name)
                    # A call that the other side has ended takes no status any more.
                    with contextlib.suppress(grpc.aio.InternalError):
                        await ctx.abort(fault.code, status.message, ((faults.DETAILS_KEY, status.SerializeToString()),))
                    raise asyncio.CancelledError from error
                finally:
                    live.discard(ctx)
                    seconds.observe(time.perf_counter() - begin)

        make = grpc.stream_stream_rpc_method_handler if streaming else grpc.unary_unary_rpc_method_handler
        return make(guarded, handler.request_deserializer, handler.response_serializer)


class Health(health_pb2_grpc.HealthServicer):
    """grpc.health.v1, by any name of a service, and by "" for all together; the library's Watch holds up a drain."""

    def __init__(self) -> None:
        self.serving: dict[str, bool] = {}  # By every name that a service has.
        self.draining = False  # Once it is, nothing serves any more, and watchers are let go.

    async def Check(self, request: health_pb2.HealthCheckRequest, ctx: Any) -> health_pb2.HealthCheckResponse:  # noqa: N802
        if (response := self._status(request.service)).status == _Status.SERVICE_UNKNOWN:
            await ctx.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return response

    async def Watch(self, request: health_pb2.HealthCheckRequest, ctx: Any) -> None:  # noqa: N802
        last, draining = None, False
        while not draining:
            draining = self.draining
            if (response := self._status(request.service)) != last:
                await ctx.write(last := response)
            await asyncio.sleep(WATCH_SECONDS)

    def _status(self, name: str) -> health_pb2.HealthCheckResponse:
        if name and name not in self.serving:
            return _Status(status=_Status.SERVICE_UNKNOWN)
        ok = not self.draining and all([self.serving[name]] if name else self.serving.values())
        return _Status(status=_Status.SERVING if ok else _Status.NOT_SERVING)


class Reflection(reflection.aio.ReflectionServicer):
    """The library's, as a coroutine like all our handlers."""

    async def ServerReflectionInfo(self, requests: Any, ctx: Any) -> None:  # type: ignore[override]  # noqa: N802
        responses: Any = super().ServerReflectionInfo(requests, ctx)
        async for response in responses:
            await ctx.write(response)


def grpc_server() -> grpc.aio.Server:
    """A gRPC server with the mesh's limits; it tolerates the pings of the mesh's channels."""
    return grpc.aio.server(
        options=[
            *channels.WINDOW,
            ("grpc.so_reuseport", 0),
            ("grpc.max_send_message_length", inproc.MAX_MESSAGE_BYTES),
            ("grpc.max_receive_message_length", inproc.MAX_MESSAGE_BYTES),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_ping_interval_without_data_ms", 5000),
            ("grpc.http2.min_recv_ping_interval_without_data_ms", 5000),
        ]
    )


def add_infrastructure(server: grpc.aio.Server, registrar: Registrar, health: Health) -> None:
    """Adds health, which needs no key, and reflection, which does. Comes after the services, whose names it lists."""
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    names = (*registrar.services, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(Reflection(names), registrar)  # type: ignore[no-untyped-call]

"""Logs, traces, and the ids that run through both.

Logs are structlog's, JSON or console, with the ids bound in contextvars; they never hold what users or models write.
Traces go out by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set (sampler by OTEL_TRACES_SAMPLER); else no span is made,
and an incoming `traceparent` is passed on as it is. Prometheus metrics stand at module level of the file that counts.
"""

import contextlib
import contextvars
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_traceparent: contextvars.ContextVar[str] = contextvars.ContextVar("traceparent", default="")
_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_propagator = TraceContextTextMapPropagator()
_exporting = False


def set_up_logs(log_format: str, level: str) -> None:
    """Routes structlog and the standard library's loggers to stderr: `json`, `console`, or by what stderr is."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _add_ids,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if (log_format or ("console" if sys.stderr.isatty() else "json")) == "console":
        render: list[Any] = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    else:
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def _add_ids(_logger: Any, _name: str, event: Any) -> Any:
    if traceparent := current_traceparent():
        event["trace_id"] = traceparent.split("-")[1]
    if request_id := _request_id.get():
        event.setdefault("request_id", request_id)
    return event


def bind(**ids: str) -> None:
    """Adds ids (response_id, turn_id, ...) to all further logs of this task and of the tasks it starts."""
    structlog.contextvars.bind_contextvars(**ids)


def set_up_traces(service: str, environ: Mapping[str, str]) -> contextlib.AbstractContextManager[None]:
    """Starts the export of traces if an endpoint is configured; leaving the context flushes what is left."""
    if not environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return contextlib.nullcontext()
    return _exporter(service)


@contextlib.contextmanager
def _exporter(service: str) -> Iterator[None]:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    global _exporting
    resource = Resource.create({"service.name": f"tokenloom-{service}"})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _exporting = True
    try:
        yield
    finally:
        _exporting = False
        flush = threading.Thread(target=provider.shutdown, daemon=True)
        flush.start()
        flush.join(2)  # A collector that is down would hold the exit up for longer.


def tracer() -> trace.Tracer:
    """The tracer of the mesh; it makes nothing unless traces are exported."""
    return trace.get_tracer("tokenloom")


def request_id() -> str:
    """The id of the request that this task serves, or empty."""
    return _request_id.get()


def current_traceparent() -> str:
    """The W3C traceparent of the current span, or the one that came in, or empty."""
    if _exporting:
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return carrier.get("traceparent", "")
    return _traceparent.get()


@contextlib.contextmanager
def serve(name: str, *, traceparent: str, request_id: str, **attributes: str) -> Iterator[trace.Span]:
    """Everything within serves one request: continues its trace by a span, binds its ids for logs and peers."""
    _request_id.set(request_id)
    _traceparent.set(traceparent if traceparent.count("-") == 3 else "")
    if not _exporting:
        yield trace.INVALID_SPAN
        return
    parent = _propagator.extract({"traceparent": traceparent})
    with tracer().start_as_current_span(
        name, context=parent, kind=trace.SpanKind.SERVER, attributes=attributes, record_exception=False
    ) as span:
        yield span

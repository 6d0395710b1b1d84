"""Logs, traces, and the ids that run through both.

Logs are structlog's, JSON or console, with the ids bound in contextvars; they never hold what users or models write.
Traces go out by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set (sampler by OTEL_TRACES_SAMPLER). A trace that isn't kept
costs nothing: no spans are made, and its `traceparent` is passed on. Metrics stand in the file that counts.
"""

import contextlib
import contextvars
import functools
import json
import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import structlog
from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACEPARENT = re.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]([0-9a-f])")  # W3C Trace Context
_propagator = TraceContextTextMapPropagator()
_passed_on: contextvars.ContextVar[str] = contextvars.ContextVar("passed_on", default="")  # of a trace that isn't kept
_ids: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar("ids", default={})  # noqa: B039


def _write(line: str) -> None:
    """Writes a log line, past the standard library's loggers. One that can't be written fails no request."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")


def set_up_logs(log_format: str | None = None, level: str = "info") -> None:
    """Routes structlog and the standard library's loggers to stderr: `json`, `console`, or by what stderr is."""
    encode = json.JSONEncoder(default=repr).encode
    render: list[Any] = [structlog.processors.format_exc_info, lambda _, __, event: encode(event)]
    if (log_format or ("console" if sys.stderr.isatty() else "json")) == "console":
        render = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    own, stamp = structlog.stdlib, structlog.processors.TimeStamper(fmt="iso", utc=True)
    about: list[Any] = [lambda _, __, event: {**_ids.get(), **event}, own.add_log_level, own.add_logger_name, stamp]
    levels = ("debug", "info", "warning", "error")
    structlog.configure(
        processors=[*about, *render],
        logger_factory=lambda name: SimpleNamespace(name=name, **dict.fromkeys(levels, _write)),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=level.upper(), force=True)
    formatter = own.ProcessorFormatter
    logging.root.handlers[0].setFormatter(formatter(processors=[*about, formatter.remove_processors_meta, *render]))


@functools.lru_cache(256)
def _ids_of(request_id: str, trace_id: str) -> Mapping[str, str]:
    """The calls that serve a request share what they are known by."""
    return {"request_id": request_id, "trace_id": trace_id} if trace_id else {"request_id": request_id}


def bind(**ids: str) -> None:
    """Adds ids (`response_id=...`) to all further logs of this task and of the tasks it starts."""
    _ids.set({**_ids.get(), **ids})


def request_id() -> str:
    """The id of the request that this task serves, or empty."""
    return _ids.get().get("request_id", "")


@contextlib.contextmanager
def set_up_traces(service: str, environ: Mapping[str, str]) -> Iterator[None]:
    """Exports traces within the context, if an endpoint is configured; leaving it flushes what is left."""
    if not environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        yield
        return
    # Slow to import.
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": f"tokenloom-{service}"})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        flush = threading.Thread(target=provider.shutdown, daemon=True)
        flush.start()
        flush.join(2)  # A collector that is down would hold the exit up for longer.


class _NoTracer(trace.NoOpTracer):
    """Makes no spans, and leaves the current one: OpenTelemetry's own takes microseconds for that."""

    def start_as_current_span(self, *_: Any, **__: Any) -> Any:
        return _NO_SPAN


_NO_SPAN = contextlib.nullcontext(trace.INVALID_SPAN)
_none = _NoTracer()


@functools.cache
def _exporting() -> tuple[trace.Tracer, bool]:
    """What makes spans, and whether what its callers don't keep isn't kept: set up before it is first asked for."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        return _none, True
    from opentelemetry.sdk.trace.sampling import ParentBased

    return trace.get_tracer("tokenloom"), isinstance(getattr(provider, "sampler", None), ParentBased)


def tracer() -> trace.Tracer:
    """The tracer for what serves this task's request; it makes nothing when the trace isn't kept."""
    return _none if _passed_on.get() else _exporting()[0]


def current_traceparent() -> str:
    """The W3C traceparent of the current span, or the one that came in, or empty."""
    if (traceparent := _passed_on.get()) or _exporting()[0] is _none:
        return traceparent
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent", "")


def serve(
    name: str, traceparent: str, request_id: str, about: Mapping[str, str] | None = None
) -> contextlib.AbstractContextManager[trace.Span]:
    """Within it a request is served, in a task of its own: continues its trace by a span, binds its ids."""
    (made, follows), given = _exporting(), _TRACEPARENT.fullmatch(traceparent)
    _ids.set(_ids_of(request_id, given[1] if given else ""))
    if made is _none or (given and follows and not int(given[2], 16) & 1):  # Its lowest bit: sampled.
        _passed_on.set(traceparent if given else "")
        return _NO_SPAN
    if given:
        context.attach(_propagator.extract({"traceparent": traceparent}))
    span = made.start_span(name, None, trace.SpanKind.SERVER, about)
    begun = span.get_span_context()
    bind(trace_id=trace.format_trace_id(begun.trace_id))
    if span.is_recording():
        return trace.use_span(span, end_on_exit=True, record_exception=False)
    _passed_on.set(f"00-{begun.trace_id:032x}-{begun.span_id:016x}-00")
    return _NO_SPAN

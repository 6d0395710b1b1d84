"""Logs, traces, and the ids that run through both.

Logs are structlog's, JSON or console, with the ids bound in contextvars; they never hold what users or models write.
Traces go out by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set (sampler by OTEL_TRACES_SAMPLER). A trace that isn't kept
costs nothing: no spans are made, and its `traceparent` is passed on. Metrics stand in the file that counts; what they
are counted by, if not the library's, is here.
"""

import bisect
import contextlib
import contextvars
import functools
import json
import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import msgspec
import prometheus_client
import structlog
from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACEPARENT = re.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]([0-9a-f])")  # W3C Trace Context
_propagator = TraceContextTextMapPropagator()
_passed_on: contextvars.ContextVar[str] = contextvars.ContextVar("passed_on", default="")  # of a trace that isn't kept
_ids: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar("ids", default={})  # noqa: B039
_encoder = msgspec.json.Encoder(enc_hook=repr)


class Histogram(prometheus_client.Histogram):
    """Its `observe` finds the bucket by bisection and checks nothing: half of what the library's takes."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        self._sum.inc(amount)
        self._buckets[bisect.bisect_left(self._upper_bounds, amount)].inc(1)


def _write(line: str) -> None:
    """Writes a log line, past the standard library's loggers. One that can't be written fails no request."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")


def _about(logger: Any, level: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Adds what every line has; `_record` is one of the standard library's loggers."""
    name = (event.get("_record") or logger).name
    return {**_ids.get(), **event, "level": level, "logger": name, "timestamp": datetime.now(UTC)}


def _json(_: Any, __: str, event: dict[str, Any]) -> str:
    try:
        return _encoder.encode(event).decode()
    except UnicodeEncodeError:  # A lone surrogate, which JSON can spell.
        return json.dumps(event, default=str)


def _clock(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """The time as text, for people; JSON has one of its own."""
    return {**event, "timestamp": f"{event['timestamp']:%Y-%m-%dT%H:%M:%S.%fZ}"}


def set_up_logs(log_format: str | None = None, level: str = "info") -> None:
    """Routes structlog and the standard library's loggers to stderr: `json`, `console`, or by what stderr is."""
    render: list[Any] = [structlog.processors.format_exc_info, _json]
    if (log_format or ("console" if sys.stderr.isatty() else "json")) == "console":
        render = [_clock, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    levels = ("debug", "info", "warning", "error")
    structlog.configure(
        processors=[_about, *render],
        logger_factory=lambda name: SimpleNamespace(name=name, **dict.fromkeys(levels, _write)),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=level.upper(), force=True)
    formatter = structlog.stdlib.ProcessorFormatter
    logging.root.handlers[0].setFormatter(formatter(processors=[_about, formatter.remove_processors_meta, *render]))


@functools.lru_cache(256)
def _known(request_id: str, traceparent: str) -> tuple[Mapping[str, str], str, bool]:
    """What the calls that serve a request share: the ids for logs, the traceparent if valid, whether it is kept."""
    if given := _TRACEPARENT.fullmatch(traceparent):
        kept = bool(int(given[2], 16) & 1)  # The lowest bit: sampled.
        return {"request_id": request_id, "trace_id": given[1]}, traceparent, kept
    return {"request_id": request_id}, "", False


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
    """Within it a request is served, in a context of its own: continues its trace by a span, binds its ids."""
    (made, follows), (ids, given, kept) = _exporting(), _known(request_id, traceparent)
    _ids.set(ids)
    if made is _none or (given and follows and not kept):
        _passed_on.set(given)
        return _NO_SPAN
    if given:
        context.attach(_propagator.extract({"traceparent": given}))
    span = made.start_span(name, None, trace.SpanKind.SERVER, about)
    begun = span.get_span_context()
    bind(trace_id=trace.format_trace_id(begun.trace_id))
    if span.is_recording():
        return trace.use_span(span, end_on_exit=True, record_exception=False)
    _passed_on.set(f"00-{begun.trace_id:032x}-{begun.span_id:016x}-00")
    return _NO_SPAN

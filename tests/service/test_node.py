"""A process of the mesh: it starts, is seen to be healthy, drains and ends as it should."""

import asyncio
import json
import os
import signal
import socket
import sys
import textwrap
import urllib.request
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from mesh import channels, faults
from tokenloom.context.v1 import context_pb2, context_pb2_grpc

ROOT = Path(__file__).parents[2]
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
FULL_NAME = "tokenloom.context.v1.ContextService"
SERVICE = """
import asyncio, contextlib, os, sys
import grpc.aio
from mesh.faults import invalid
from mesh.node import run
from tokenloom.context.v1 import context_pb2 as pb, context_pb2_grpc as rpc

class Context(rpc.ContextServiceServicer):
    async def GetConversation(self, request, ctx):
        if request.conversation_id == "slow":
            await asyncio.sleep(1)
        return pb.GetConversationResponse()

async def start(node):
    rpc.add_ContextServiceServicer_to_server(Context(), node.server)
    node.stack.callback(print, "closed", flush=True)
    async def background():
        try:
            await asyncio.Event().wait()
        finally:
            print("background ended", flush=True)
    async def on_drain():
        print("drain", flush=True)
    node.tasks.create_task(background())
    node.on_drain(on_drain)
    EXTRA

run({"context": start})
"""


class Process:
    """A node in a process of its own."""

    def __init__(self, extra: str = "pass", **environ: str) -> None:
        with socket.socket() as probe, socket.socket() as metrics:
            for each in (probe, metrics):
                each.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
            self.metrics = str(metrics.getsockname()[1])
        self.code = SERVICE.replace("EXTRA", textwrap.indent(textwrap.dedent(extra), "    ").strip())
        self.environ = {
            **{key: value for key, value in os.environ.items() if not key.startswith("TOKENLOOM_")},
            "TOKENLOOM_ADDRESS_CONTEXT": self.address,
            "TOKENLOOM_METRICS_PORT": self.metrics,
            "TOKENLOOM_LOG_FORMAT": "json",
            **environ,
        }
        self.channel: Any = None
        self.child: Any = None

    async def __aenter__(self) -> "Process":
        pipe = asyncio.subprocess.PIPE
        self.child = await asyncio.create_subprocess_exec(
            *self.command(), cwd=ROOT, env=self.environ, stdout=pipe, stderr=pipe
        )
        self.channel = channels.dial("context", self.address)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.child.returncode is None:
            self.child.kill()
        await self.child.communicate()
        await self.channel.close()

    def command(self) -> list[str]:
        return [sys.executable, "-c", self.code]

    def stub(self, key: str = "") -> Any:
        return context_pb2_grpc.ContextServiceStub(channels.Channel(self.channel, key))

    async def health(self, service: str = "") -> int:
        request = health_pb2.HealthCheckRequest(service=service)
        stub = health_pb2_grpc.HealthStub(self.channel)
        return int((await stub.Check(request, wait_for_ready=True, timeout=20)).status)

    async def result(self) -> tuple[int, str, list[dict[str, Any]]]:
        """How it ended: exit status, standard output, log events."""
        out, err = await self.child.communicate()
        events = [json.loads(line) for line in err.decode().splitlines() if line.startswith("{")]
        return self.child.returncode, out.decode(), events


def get(conversation: str = "c") -> context_pb2.GetConversationRequest:
    return context_pb2.GetConversationRequest(conversation_id=conversation)


async def test_it_serves_and_ends_in_order() -> None:
    async with Process() as process:
        for name in ("", "context", FULL_NAME):
            assert await process.health(name) == SERVING
        with pytest.raises(grpc.aio.AioRpcError):
            await process.health("other")
        call = process.stub().GetConversation(get("slow"))
        watch = health_pb2_grpc.HealthStub(process.channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == SERVING
        await asyncio.sleep(0.2)
        process.child.send_signal(signal.SIGTERM)
        assert (await watch.read()).status == NOT_SERVING
        assert await call == context_pb2.GetConversationResponse()
        code, out, events = await process.result()
        assert code == 0
        assert out.split("\n") == ["drain", "background ended", "closed", ""]
        assert [event["event"] for event in events] == ["serving", "draining", "stopped"]


async def test_reflection_and_metrics() -> None:
    async with Process(TOKENLOOM_API_KEY="k") as process:
        assert await process.health() == SERVING  # Health needs no key.
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await process.stub().GetConversation(get())
        assert faults.from_rpc_error(caught.value).reason == "UNAUTHENTICATED"
        await process.stub("k").GetConversation(get())
        reflection = reflection_pb2_grpc.ServerReflectionStub(process.channel)
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        with pytest.raises(grpc.aio.AioRpcError):
            await reflection.ServerReflectionInfo(iter([ask])).read()
        call = reflection.ServerReflectionInfo(iter([ask]), metadata=(("authorization", "Bearer k"),))
        assert FULL_NAME in {service.name for service in (await call.read()).list_services_response.service}
        with urllib.request.urlopen(f"http://127.0.0.1:{process.metrics}/metrics") as page:
            text = page.read().decode()
        labels = f'code="OK",method="GetConversation",service="{FULL_NAME}"'
        assert f"tokenloom_rpc_seconds_count{{{labels}}} 1.0" in text
        call.cancel()


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """An OTLP endpoint that keeps what it gets."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    async def Export(self, request: Any, ctx: Any) -> trace_service_pb2.ExportTraceServiceResponse:
        for resource in request.resource_spans:
            names = {attribute.key: attribute.value.string_value for attribute in resource.resource.attributes}
            spans = [span for scope in resource.scope_spans for span in scope.spans]
            self.spans.extend((names["service.name"], span) for span in spans)
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.mark.parametrize(
    ("sampler", "flags", "kept"),
    [
        ("always_on", "01", True),
        ("always_on", "00", True),
        ("parentbased_always_off", "01", True),
        ("parentbased_always_on", "00", False),
        ("parentbased_always_off", "", False),  # No trace came in: this one begins here.
    ],
)
async def test_a_trace_that_is_kept_goes_on_through_every_hop(sampler: str, flags: str, kept: bool) -> None:
    collector, server = Collector(), grpc.aio.server()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    extra = """
    stub = rpc.ContextServiceStub(node.channel("context"))
    async def forward(self, request, ctx):
        await stub.GetConversation(pb.GetConversationRequest())
        return pb.ListConversationsResponse()
    Context.ListConversations = forward
    rpc.add_ContextServiceServicer_to_server(Context(), node.server)
    """
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "OTEL_TRACES_SAMPLER": sampler}
    async with Process(extra, **endpoint) as process:
        await process.health()
        metadata = (("traceparent", f"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}"),) if flags else ()
        await process.stub().ListConversations(context_pb2.ListConversationsRequest(), metadata=metadata)
        process.child.send_signal(signal.SIGTERM)
        assert (await process.result())[0] == 0
    await server.stop(0)
    spans = {span.name: span for _, span in collector.spans}
    if not kept:
        assert not spans
        return
    outer, inner = spans[f"{FULL_NAME}/ListConversations"], spans[f"{FULL_NAME}/GetConversation"]
    assert {service for service, _ in collector.spans} == {"tokenloom-context"}
    assert {span.trace_id.hex() for span in spans.values()} == {"0af7651916cd43dd8448eb211c80319c"}
    assert outer.parent_span_id.hex() == "b7ad6b7169203331"
    assert inner.parent_span_id == outer.span_id


async def test_a_service_may_say_that_it_is_not_ready() -> None:
    async with Process('node.ready("context", False)') as process:
        assert await process.health() == await process.health(FULL_NAME) == NOT_SERVING


async def test_a_failed_background_task_ends_the_process() -> None:
    extra = """
    async def fail():
        await asyncio.sleep(0.1)
        raise KeyError("broken")
    node.tasks.create_task(fail())
    """
    async with Process(extra) as process:
        code, out, events = await process.result()
        assert code == 1
        assert out.split("\n") == ["background ended", "closed", ""]
        assert "broken" in events[-1]["exception"]


@pytest.mark.parametrize(
    ("extra", "environ", "key"),
    [
        ("pass", {"TOKENLOOM_METRICS_PORT": "http"}, "TOKENLOOM_METRICS_PORT"),
        ("pass", {"TOKENLOOM_LOG_LEVEL": "loud"}, "TOKENLOOM_LOG_LEVEL"),
        ("pass", {"TOKENLOOM_ADDRESS_CONTEXT": ""}, "TOKENLOOM_ADDRESS_CONTEXT"),
        ('node.channel("inference")', {}, "TOKENLOOM_ADDRESS_INFERENCE"),
    ],
)
async def test_a_bad_setting_is_named(extra: str, environ: dict[str, str], key: str) -> None:
    async with Process(extra, **environ) as process:
        code, _, events = await process.result()
        assert code == 2
        assert events[-1]["error"].startswith(key)


async def test_a_drain_has_an_end_and_a_second_signal_is_obeyed() -> None:
    extra = "node.on_drain(asyncio.Event().wait)"
    async with Process(extra, TOKENLOOM_DRAIN_SECONDS="0.5") as process:
        await process.health()
        process.child.send_signal(signal.SIGINT)
        assert (await process.result())[0] == 0
    async with Process(extra) as process:
        await process.health()
        process.child.send_signal(signal.SIGTERM)
        assert await process.child.stdout.readline() == b"drain\n"
        process.child.send_signal(signal.SIGTERM)
        assert (await process.result())[0] == 1

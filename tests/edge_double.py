"""An edge over doubles of the services behind it: real servicers, joined to it in process."""

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc

from edge.start import start
from mesh.faults import Fault, invalid, to_status
from mesh.node import Node
from tokenloom.chat.v1 import chat_pb2 as chat
from tokenloom.context.v1 import context_pb2, context_pb2_grpc
from tokenloom.inference.v1 import inference_pb2, inference_pb2_grpc
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb
from tokenloom.orchestrator.v1 import orchestrator_pb2_grpc

MODEL = "paced"
LOG_PROB = -0.5
PLACED = ("edge", "orchestrator", "inference", "context")
ENGINE_GONE = Fault("ENGINE_UNAVAILABLE", "the engine died")
OVERLOADED = Fault("OVERLOADED", "too much is running")
TOO_LONG = Fault(
    "CONTEXT_LENGTH_EXCEEDED",
    "messages: 5000 tokens of prompt and 10 of reply exceed the window of 4096",
    field="messages",
    prompt_tokens="5000",
    max_tokens="10",
    context_length="4096",
)
FAULTS = {"gone": ENGINE_GONE, "overloaded": OVERLOADED, "too_long": TOO_LONG}


@dataclass
class Orchestrator(orchestrator_pb2_grpc.OrchestratorServiceServicer):
    """Answers as the prompt says, in the language of the model `paced`, one word a token; see triton_models/cpu/paced.

    Beyond that language: `fault` (a name in FAULTS) refuses the turn, `refusal` refuses with that text, `burst` writes
    that many tokens a message, `drop` ends the call's stream after so many tokens, `bug` raises.
    """

    opened: list[pb.OpenTurn] = field(default_factory=list)
    metadata: list[dict[str, Any]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    """What happened: `started`, `ended`, `cancelled` turns."""

    async def Converse(self, request_iterator: Any, ctx: Any) -> None:
        self.metadata.append(dict(ctx.invocation_metadata()))
        lock = asyncio.Lock()
        async with asyncio.TaskGroup() as group:
            while isinstance(request := await ctx.read(), pb.ConverseRequest):
                self.opened.append(request.open)
                if "bug" in str(request.open.messages):
                    raise RuntimeError("secret text of a bug")
                group.create_task(self._run(request.response_id, request.open, ctx, lock))

    async def _run(self, response_id: str, turn: pb.OpenTurn, ctx: Any, lock: asyncio.Lock) -> None:
        self.seen["started"] += 1
        try:
            await _Turn(response_id, turn, ctx, lock).run()
            self.seen["ended"] += 1
        except (asyncio.CancelledError, asyncio.InvalidStateError):  # The latter by a write that the end overtook.
            self.seen["cancelled"] += 1
            raise

    async def until(self, what: str, count: int = 1) -> None:
        """Waits until `what` has happened so often."""
        async with asyncio.timeout(10):
            while self.seen[what] < count:
                await asyncio.sleep(0.005)


class _Turn:
    def __init__(self, response_id: str, turn: pb.OpenTurn, ctx: Any, lock: asyncio.Lock) -> None:
        self.id, self.turn, self.ctx, self.lock = response_id, turn, ctx, lock
        self.sequence = 0
        self.made = 0
        self.text = turn.prompt or "".join(part.text for part in turn.messages[-1].parts)
        self.script: dict[str, Any] = {"text": self.text}
        with contextlib.suppress(ValueError):
            if isinstance(loaded := json.loads(self.text), dict):
                self.script = loaded

    async def run(self) -> None:
        script, sampling = self.script, self.turn.sampling
        try:
            self.check()
        except Fault as fault:
            await self.write(end=chat.End(usage=chat.Usage(), failed=to_status(fault)))
            return
        await self.write(opened=pb.Opened(model=MODEL, prompt_tokens=7, seed=sampling.seed))
        await asyncio.sleep(script.get("prefill_ms", 0) / 1000)
        text = script.get("text", "") * script.get("repeat", 1)
        stop = min((at for s in sampling.stop if (at := text.find(s)) >= 0), default=len(text))
        tokens = [w + " " for w in text[:stop].split(" ")] if text[:stop] else []
        if tokens:
            tokens[-1] = tokens[-1][:-1]
        limit = sampling.max_tokens if sampling.HasField("max_tokens") else len(tokens)
        for choice in range(sampling.choices):
            if "refusal" in script:
                end = chat.ChoiceEnd(choice=choice, reason=chat.FINISH_REASON_CONTENT_FILTER, refusal=script["refusal"])
            else:
                await self.generate(choice, tokens[:limit])
                if script.get("drop") is not None:
                    await self.ctx.abort(grpc.StatusCode.UNAVAILABLE, "dropped")
                if script.get("fail_after") is not None:
                    await self.write(end=chat.End(usage=self.usage(), failed=to_status(ENGINE_GONE)))
                    return
                reason = chat.FINISH_REASON_LENGTH if limit < len(tokens) else chat.FINISH_REASON_STOP
                end = chat.ChoiceEnd(choice=choice, reason=reason)
            await self.write(choice_end=end)
        await self.write(end=chat.End(usage=self.usage(), completed=chat.Completed()))

    def check(self) -> None:
        if name := self.script.get("fault"):
            raise FAULTS[name]
        if self.turn.model not in ("", MODEL):
            raise Fault(
                "MODEL_NOT_FOUND",
                f"no model {self.turn.model!r}",
                field="model",
                model=self.turn.model,
            )
        if self.turn.sampling.HasField("temperature") and not 0 <= self.turn.sampling.temperature <= 2:
            raise invalid("sampling.temperature", "must be a number from 0 to 2")
        if self.turn.sampling.max_tokens > 100_000:
            raise invalid("sampling.max_tokens", "must be at most 100000")
        if len(self.turn.sampling.stop) > 16:
            raise invalid("sampling.stop", "must be at most 16 strings")
        if self.turn.sampling.choices > 16:
            raise invalid("sampling.choices", "must be from 1 to 16")

    async def generate(self, choice: int, tokens: list[str]) -> None:
        script, at = self.script, 0
        last = next(
            (script[k] for k in ("fail_after", "stall_after", "drop") if script.get(k) is not None), len(tokens)
        )
        burst = script.get("burst", 1)
        for first in range(0, min(last, len(tokens)), burst):
            events = []
            for token in tokens[first : first + burst]:
                logprobs = []
                if self.turn.sampling.logprobs:
                    logprobs = [
                        chat.TokenLogprob(
                            token=token, token_bytes=token.encode(), logprob=LOG_PROB, end=at + len(token)
                        )
                    ]
                lane = chat.Lane(choice=choice, channel=chat.CHANNEL_CONTENT)
                delta = chat.Delta(lane=lane, offset=at, text=token, logprobs=logprobs)
                events.append(self.event(delta=delta))
                at += len(token)
                self.made += 1
            async with self.lock:
                await self.ctx.write(pb.ConverseResponse(events=events))
            if interval := script.get("interval_ms", 1):
                await asyncio.sleep(interval / 1000)
        if script.get("stall_after") is not None:
            await asyncio.Event().wait()

    def usage(self) -> chat.Usage:
        return chat.Usage(prompt_tokens=7, completion_tokens=self.made)

    def event(self, **kind: Any) -> pb.Event:
        self.sequence += 1
        return pb.Event(response_id=self.id, first_sequence=self.sequence, sequence=self.sequence, **kind)

    async def write(self, **kind: Any) -> None:
        async with self.lock:
            await self.ctx.write(pb.ConverseResponse(events=[self.event(**kind)]))


@dataclass
class Inference(inference_pb2_grpc.InferenceServiceServicer):
    """Lists two models, on two pages."""

    ready: set[str] = field(default_factory=lambda: {MODEL, "org/other"})

    async def ListModels(self, request: Any, ctx: Any) -> inference_pb2.ListModelsResponse:
        name, following = ("org/other", "") if request.page_token else (MODEL, "more")
        model = inference_pb2.Model(id=name, context_length=4096, ready=name in self.ready)
        return inference_pb2.ListModelsResponse(models=[model], next_page_token=following)


@dataclass
class Context(context_pb2_grpc.ContextServiceServicer):
    """Keeps conversations in memory; each has one turn, made up."""

    conversations: dict[str, context_pb2.Conversation] = field(default_factory=dict)

    async def CreateConversation(self, request: Any, ctx: Any) -> context_pb2.CreateConversationResponse:
        made = context_pb2.Conversation(id=request.conversation_id, title=request.title)
        made.created.seconds = made.updated.seconds = 1_700_000_000
        self.conversations[made.id] = made
        return context_pb2.CreateConversationResponse(conversation=made)

    async def ListConversations(self, request: Any, ctx: Any) -> context_pb2.ListConversationsResponse:
        ids = sorted(self.conversations, reverse=True)
        start = int(request.page_token or 0)
        page = [self.conversations[i] for i in ids[start : start + request.page_size]]
        end = start + len(page)
        following = str(end) if end < len(ids) else ""
        return context_pb2.ListConversationsResponse(conversations=page, next_page_token=following)

    async def GetConversation(self, request: Any, ctx: Any) -> context_pb2.GetConversationResponse:
        question = chat.Message(role=chat.ROLE_USER, parts=[chat.Part(text="Hi "), chat.Part(text="there")])
        answer = chat.Message(role=chat.ROLE_ASSISTANT, parts=[chat.Part(text="Hello")])
        turn = context_pb2.Turn(
            id="turn-1",
            messages=[question],
            answer=answer,
            status=context_pb2.TURN_STATUS_COMPLETED,
            model=MODEL,
            usage=chat.Usage(prompt_tokens=3, completion_tokens=2),
        )
        return context_pb2.GetConversationResponse(conversation=self._find(request), turns=[turn])

    async def DeleteConversation(self, request: Any, ctx: Any) -> context_pb2.DeleteConversationResponse:
        del self.conversations[self._find(request).id]
        return context_pb2.DeleteConversationResponse()

    def _find(self, request: Any) -> context_pb2.Conversation:
        if request.conversation_id not in self.conversations:
            raise Fault(
                "CONVERSATION_NOT_FOUND",
                "no such conversation",
                field="conversation_id",
                conversation_id=request.conversation_id,
            )
        return self.conversations[request.conversation_id]


@dataclass
class Edge:
    """A running edge, and what is behind it."""

    port: int
    node: Node
    orchestrator: Orchestrator
    inference: Inference
    context: Context

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def running_edge(placed: tuple[str, ...] = PLACED, **settings: str) -> AsyncIterator[Edge]:
    """Runs an edge on a port of its own; `settings` are environment variables, what isn't `placed` is far away."""
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    environ = {"TOKENLOOM_EDGE_HTTP_FD": str(sock.detach()), **settings}
    orchestrator, inference, context = Orchestrator(), Inference(), Context()
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        node = Node(placed, environ, stack, tasks)
        orchestrator_pb2_grpc.add_OrchestratorServiceServicer_to_server(orchestrator, node.server)
        inference_pb2_grpc.add_InferenceServiceServicer_to_server(inference, node.server)
        context_pb2_grpc.add_ContextServiceServicer_to_server(context, node.server)
        await start(node)
        edge = Edge(port, node, orchestrator, inference, context)
        try:
            yield edge
        finally:
            await node.drain()
            for task in list(tasks._tasks):
                task.cancel()

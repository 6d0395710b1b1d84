"""Stand-ins for what is around the service under test: real servicers with scripted behaviour, a server that copies."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message

from mesh import inproc
from mesh.faults import Fault, to_status
from mesh.streams import EOF, Listener, Pipe
from tokenloom.chat.v1.chat_pb2 import (
    CHANNEL_CONTENT,
    FINISH_REASON_STOP,
    Cancelled,
    ChoiceEnd,
    Completed,
    Delta,
    End,
    Lane,
    Usage,
)
from tokenloom.context.v1.context_pb2 import BuildContextResponse, RecordTurnResponse, Turn
from tokenloom.context.v1.context_pb2_grpc import ContextServiceServicer
from tokenloom.inference.v1.inference_pb2 import Accepted, GenerateRequest, GenerateResponse, Start, Tokens
from tokenloom.inference.v1.inference_pb2_grpc import InferenceServiceServicer
from tokenloom.moderation.v1.moderation_pb2 import CheckInputResponse, ScreenResponse, Verdict
from tokenloom.moderation.v1.moderation_pb2_grpc import ModerationServiceServicer


class CopyingPipe(Pipe):
    """Copies each message, and finds one that is changed after its write; listeners never run in the sender's step."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._written: list[bytes] = []

    async def listen(self, listener: Listener) -> None:
        while (message := await self.read()) is not EOF:
            if (answer := listener(message)) is not None:
                await answer

    def put(self, message: Message) -> bool:
        lay = len(self._items)
        full = super().put(message)
        if not self.ended:
            self._written[lay - (len(self._items) == lay) :] = [self._items[-1].SerializeToString(deterministic=True)]
        return full

    def _next(self) -> Message:
        message, written = super()._next(), self._written.pop(0)
        if message.SerializeToString(deterministic=True) != written:
            raise RuntimeError(f"a {type(message).__name__} was changed after it was written")
        return type(message).FromString(written)


class CopyingServer(inproc.Server):
    """Copies each message on its way, those of streams by CopyingPipe."""

    def __init__(self) -> None:
        super().__init__(CopyingPipe)

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        copied = {name: _copied(each) for name, each in handlers.items() if not each.response_streaming}
        super().add_registered_method_handlers(service, handlers | copied)


def _copied(handler: Any) -> Any:
    async def unary(request: Message, ctx: Any) -> Message:
        response: Message = await handler.unary_unary(type(request).FromString(request.SerializeToString()), ctx)
        return type(response).FromString(response.SerializeToString())

    return grpc.unary_unary_rpc_method_handler(unary)


ENGINE_GONE = Fault("ENGINE_UNAVAILABLE", "the engine died")


@dataclass
class Inference(InferenceServiceServicer):
    """Answers with `pieces`; when `gated`, waits at `gate` after each; fails before piece `fails_after`."""

    pieces: list[str] = field(default_factory=lambda: ["Hel", "lo ", "there"])
    gated: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: Fault | None = None
    fails_after: int | None = None
    starts: list[Start] = field(default_factory=list)
    cancels: int = 0
    """Generations that were told to stop, by a command or by the end of the call."""

    async def Generate(self, request_iterator: Any, ctx: Any) -> None:
        start = (await ctx.read()).start
        self.starts.append(start)
        if self.refuses:
            await ctx.write(GenerateResponse(end=End(usage=Usage(), failed=to_status(self.refuses))))
            return
        await ctx.write(GenerateResponse(accepted=Accepted(model="double", prompt_tokens=5, seed=1)))
        commands = asyncio.ensure_future(ctx.read())
        try:
            written = 0
            for index, piece in enumerate(self.pieces):
                if index == self.fails_after:
                    await ctx.write(self._end(written, failed=to_status(ENGINE_GONE)))
                    return
                await ctx.write(self._tokens(piece, sum(map(len, self.pieces[:index]))))
                written += 1
                if self.gated:
                    gate = asyncio.ensure_future(self.gate.wait())
                    done, _ = await asyncio.wait([commands, gate], return_when=asyncio.FIRST_COMPLETED)
                    gate.cancel()
                    if commands in done and isinstance(commands.result(), GenerateRequest):
                        self.cancels += 1
                        await ctx.write(self._end(written, cancelled=Cancelled()))
                        return
            await ctx.write(GenerateResponse(choice_end=ChoiceEnd(choice=0, reason=FINISH_REASON_STOP)))
            await ctx.write(self._end(written, completed=Completed()))
            await commands  # the half-close
        except asyncio.CancelledError:
            self.cancels += 1
            raise
        finally:
            commands.cancel()

    @staticmethod
    def _tokens(text: str, offset: int) -> GenerateResponse:
        lane = Lane(choice=0, channel=CHANNEL_CONTENT)
        return GenerateResponse(tokens=Tokens(deltas=[Delta(lane=lane, offset=offset, text=text)]))

    @staticmethod
    def _end(written: int, **outcome: Any) -> GenerateResponse:
        return GenerateResponse(end=End(usage=Usage(prompt_tokens=5, completion_tokens=written), **outcome))


@dataclass
class Moderation(ModerationServiceServicer):
    """Refuses input that holds `forbidden`, ends a lane where it begins, releases everything else at once."""

    forbidden: str = "forbidden"
    slow: asyncio.Event | None = None
    """Input checks wait for it."""

    async def CheckInput(self, request: Any, ctx: Any) -> CheckInputResponse:
        if self.slow:
            await self.slow.wait()
        text = request.prompt + "".join(part.text for message in request.messages for part in message.parts)
        if self.forbidden in text:
            return CheckInputResponse(verdict=Verdict(category="illicit", policy="test", refusal="I can't."))
        return CheckInputResponse()

    async def Screen(self, request_iterator: Any, ctx: Any) -> None:
        text = ""
        while isinstance(request := await ctx.read(), object) and request is not grpc.aio.EOF:
            kind = request.WhichOneof("command")
            if kind == "text":
                text += request.text.text
            if kind != "open":
                lane = request.text.lane if kind == "text" else request.finish.lane
                found = text.find(self.forbidden)
                verdict = Verdict(category="illicit", policy="test") if found >= 0 else None
                to = found if found >= 0 else len(text)
                finished = kind == "finish" or found >= 0
                await ctx.write(ScreenResponse(lane=lane, release_to=to, verdict=verdict, finished=finished))


@dataclass
class Context(ContextServiceServicer):
    """Keeps recorded turns; its context is what was sent."""

    turns: list[Turn] = field(default_factory=list)
    broken: bool = False

    async def BuildContext(self, request: Any, ctx: Any) -> BuildContextResponse:
        return BuildContextResponse(messages=request.messages)

    async def RecordTurn(self, request: Any, ctx: Any) -> RecordTurnResponse:
        if self.broken:
            raise Fault("SERVICE_UNAVAILABLE", "the store is gone", service="context")
        self.turns.append(request.turn)
        return RecordTurnResponse()

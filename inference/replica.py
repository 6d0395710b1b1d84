"""One Triton server that serves a model: its streams, and whether it lives.

A replica is dead when its server drops a stream, or when nothing on it has progressed for `stall_seconds` and a canary,
a generation of one token, has no answer within `canary_seconds` either. A long prefill lets the canary through, and in
a full queue the streams ahead progress, so neither is death. Triton itself is no help here: it stays ready when the
process behind a model is gone, and its streams just hang.

A dead replica's streams end at once; it gets no new ones until it tells its tensors and answers a canary.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import grpc.aio
import structlog

from inference import triton
from inference.request import Prepared
from inference.settings import Entry, Settings
from inference.transport import OPTIONS, Cancel, Receiver, Transport, unavailable
from inference.triton_pb2 import ModelInferRequest, ModelMetadataRequest
from inference.triton_pb2_grpc import GRPCInferenceServiceStub
from mesh.faults import Fault

TICK_SECONDS = 0.25  # between two looks at a live replica, and between two tries to find a lost one
PROBE_SECONDS = 5.0
RESTART_AGAIN_SECONDS = 20.0
OWN_PAUSE_SECONDS = 1.0  # Beyond it this process was stopped or starved, and its clocks prove nothing.
FOUND_SECONDS = 1.0  # how long a request waits for a replica that may just be found
LOOK_SECONDS = 0.02

Word: TypeAlias = Literal["alive", "stuck", "gone"]  # The canary: answered; not, or refused; dropped by its server.

log = structlog.get_logger(__name__)


class Replica:
    """A Triton server's model: takes streams while `live`. `canary_token` is any ordinary token of it."""

    dialect: triton.Dialect  # how to speak to it; known once it is live

    def __init__(self, at: Entry, transport: Transport, settings: Settings, canary_token: int) -> None:
        self.at = at
        self.clock: Callable[[], float] = asyncio.get_running_loop().time
        self.progressed = self.clock()
        self.calls: dict[Receiver, Cancel] = {}
        self._transport, self._settings, self._canary_token = transport, settings, canary_token
        self._channel = grpc.aio.insecure_channel(at.address, options=OPTIONS)
        self._triton = GRPCInferenceServiceStub(self._channel)
        self._lost = asyncio.Event()
        self._lost.set()
        self._canary: _Canary | None = None  # the one in flight
        self._asked_restart = 0.0

    @property
    def live(self) -> bool:
        """Whether it was found, and lost no stream since."""
        return not self._lost.is_set()

    def open(self, request: ModelInferRequest, receiver: Receiver) -> None:
        """Starts a stream. The receiver notes `progressed` at each message, and reports its end to `closed`."""
        if not self.calls:
            self.progressed = self.clock()  # An idle replica's silence says nothing.
        self.calls[receiver] = self._transport.stream_infer(request, receiver)

    def cancel(self, receiver: Receiver) -> None:
        """Ends a receiver's stream, if it has one: the engine is told at once, the receiver hears nothing more."""
        if (cancel := self.calls.get(receiver)) is not None:
            cancel()
            self.closed(receiver, None)

    def closed(self, receiver: Receiver, fault: Fault | None) -> None:
        """A receiver's stream is over."""
        self.calls.pop(receiver, None)
        if fault is not None and fault.reason == "ENGINE_UNAVAILABLE":
            self._lost.set()
        if not self.calls and self._canary is not None:
            self._canary.says(triton.Answer())  # Nobody waits for it any more.

    async def run(self) -> None:
        """Keeps finding out whether the replica lives, until cancelled."""
        while True:
            while not await self._answers():
                self._end_streams()
                await asyncio.sleep(TICK_SECONDS)
            self._lost.clear()
            log.info("replica is live", address=self.at.address, model=self.at.model)
            while await self._lives():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TICK_SECONDS):
                        await self._lost.wait()
            self._lost.set()
            log.warning("replica is lost", address=self.at.address, model=self.at.model)

    async def aclose(self) -> None:
        """Ends all streams and connections."""
        await self._transport.aclose()
        await self._channel.close()

    async def _lives(self) -> bool:
        """Whether a live replica still is: it lost no stream, and isn't silent for longer than it may be."""
        asked = self.clock()
        if self.live and self.calls and asked - self.progressed >= self._settings.stall_seconds:
            word = await self._probe(self._settings.canary_seconds)
            paused = self.clock() - asked > self._settings.canary_seconds + OWN_PAUSE_SECONDS
            if word == "stuck" and self.calls and self.progressed < asked and not paused:
                self._end_streams()
                self._ask_restart()
                return False
            self.progressed = self.clock()
            return self.live and word != "gone"
        return self.live

    async def _answers(self) -> bool:
        """Whether a lost replica tells its tensors and answers a canary; one that is wedged is restarted."""
        about = ModelMetadataRequest(name=self.at.model)
        try:
            self.dialect = triton.Dialect(await self._triton.ModelMetadata(about, timeout=PROBE_SECONDS))
            word = await self._probe(PROBE_SECONDS)
        except grpc.aio.AioRpcError as error:  # A deadline: its port is open, but there is only silence.
            word = "stuck" if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED else "gone"
        except triton.DialectError as error:
            log.error("replica speaks another dialect", address=self.at.address, error=str(error))
            word = "gone"
        if word == "stuck":
            self._ask_restart()
        return word == "alive"

    async def _probe(self, seconds: float) -> Word:
        """What a canary says of the replica."""
        self._canary = canary = _Canary()
        request = self.dialect.bare(f"canary-{uuid.uuid4().hex}", [self._canary_token], 1)
        cancel = self._transport.stream_infer(request, canary)
        try:
            async with asyncio.timeout(seconds):
                answer = await canary
        except TimeoutError:
            answer = triton.Answer(error=f"no answer within {seconds:g} seconds")
        finally:
            cancel()
            self._canary = None
        if answer is not None and answer.error:
            log.warning("canary failed", address=self.at.address, model=self.at.model, error=answer.error)
        return "gone" if answer is None else "stuck" if answer.error else "alive"

    def _end_streams(self) -> None:
        fault = unavailable("the engine stopped answering")
        for receiver in list(self.calls):
            self.cancel(receiver)
            receiver.closed(fault)

    def _ask_restart(self) -> None:
        """Has the supervisor restart a wedged server of its own; not again while that may still be under way."""
        path, now = self._settings.restart_file, self.clock()
        if path is not None and self.at.supervised and now - self._asked_restart >= RESTART_AGAIN_SECONDS:
            self._asked_restart = now
            log.warning("asking for a restart of the engine's server", address=self.at.address)
            path.touch()


class _Canary(asyncio.Future["triton.Answer | None"]):
    """The first answer of a generation of one token; None when its server drops it."""

    def take(self, batch: Sequence[bytes]) -> None:
        self.says(triton.Reader().read(batch))

    def closed(self, fault: Fault | None) -> None:
        self.says(None)

    def says(self, answer: triton.Answer | None) -> None:
        if not self.done():
            self.set_result(answer)


async def choose(of: Prepared, max_streams: int) -> Replica:
    """The least loaded live replica, waited for if there is none. Raises the fault ENGINE_UNAVAILABLE or OVERLOADED."""
    for _ in range(int(min(FOUND_SECONDS, of.budget) / LOOK_SECONDS)):
        if of.model.ready:
            break
        await asyncio.sleep(LOOK_SECONDS)
    if not (live := [replica for replica in of.model.replicas if replica.live]):
        raise unavailable("no engine serves this model at present")
    best = min(live, key=lambda replica: len(replica.calls))
    if len(best.calls) + of.sampling.choices > max_streams:
        raise Fault("OVERLOADED", "too many generations are running")
    return best

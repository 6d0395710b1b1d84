"""One Triton server that serves a model: its streams, and whether it lives.

A replica is dead when its server drops a stream, or when nothing on it has progressed for `stall_seconds` and a canary,
a generation of one token, has no answer within `canary_seconds` either, unless the engine's metrics show it stepping:
a long prefill may keep the canary waiting. In a full queue the streams ahead progress. Triton itself is no help: it
stays ready when the process behind a model is gone, and its streams just hang.

A dead replica's streams end at once; it gets no new ones until it is ready, tells its tensors, and answers a canary.
"""

import asyncio
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import grpc
import grpc.aio
import structlog

from inference import triton
from inference.models import Entry
from inference.settings import Settings
from inference.transport import Call, Receiver, Transport, unavailable
from inference.triton_pb2 import ModelInferRequest, ModelMetadataRequest, ModelReadyRequest, ServerReadyRequest
from inference.triton_pb2_grpc import GRPCInferenceServiceStub
from mesh.faults import Fault

TICK_SECONDS = 0.25
PROBE_SECONDS = 5.0
BACKOFF_SECONDS = (0.1, 0.5)
RESTART_AGAIN_SECONDS = 20.0
MAX_METRICS_BYTES = 4 * 2**20
OWN_PAUSE_SECONDS = 1.0  # Beyond it this process was stopped or starved, and its clocks prove nothing.
UNARY_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)

# What a canary says: it was answered; it wasn't, or refused; its server dropped it.
Word: TypeAlias = Literal["alive", "stuck", "gone"]

log = structlog.get_logger(__name__)


class Replica:
    """A Triton server's model: takes streams while `live`."""

    def __init__(self, at: Entry, transport: Transport, settings: Settings, canary_token: int) -> None:
        """`canary_token` is any ordinary token of the model."""
        self.at = at
        self.live = False
        self.clock: Callable[[], float] = asyncio.get_running_loop().time
        self.progressed = self.clock()
        self.calls: dict[Receiver, Call] = {}
        self._transport, self._settings, self._canary_token = transport, settings, canary_token
        self._channel = grpc.aio.insecure_channel(at.address, options=UNARY_OPTIONS)
        self._triton = GRPCInferenceServiceStub(self._channel)
        self._dialect: triton.Dialect | None = None
        self._lost = asyncio.Event()
        self._heard: asyncio.Future[Word] | None = None  # what the canary in flight says
        self._asked_restart = 0.0

    @property
    def dialect(self) -> triton.Dialect:
        """How to speak to it; it has been live once."""
        if self._dialect is None:
            raise RuntimeError("the replica was never live")
        return self._dialect

    def open(self, request: ModelInferRequest, receiver: Receiver) -> None:
        """Starts a stream. The receiver notes `progressed` at each message, and reports its end to `closed`."""
        if not self.calls:
            self.progressed = self.clock()  # An idle replica's silence says nothing.
        self.calls[receiver] = self._transport.stream_infer(request, receiver)

    def cancel(self, receiver: Receiver) -> None:
        """Ends a receiver's stream, if it has one: the engine is told at once, the receiver hears nothing more."""
        if (call := self.calls.get(receiver)) is not None:
            call.cancel()
            self.closed(receiver, None)

    def closed(self, receiver: Receiver, fault: Fault | None) -> None:
        """A receiver's stream is over."""
        self.calls.pop(receiver, None)
        if fault is not None and fault.reason == "ENGINE_UNAVAILABLE":
            self.live = False
            self._lost.set()
        if not self.calls and self._heard is not None and not self._heard.done():
            self._heard.set_result("alive")  # Nobody waits for the canary's word any more.

    async def run(self) -> None:
        """Keeps finding out whether the replica lives, until cancelled."""
        while True:
            await self._revive()
            self.live = True
            log.info("replica is live", address=self.at.address, model=self.at.model)
            try:
                await self._watch()
            finally:
                self.live = False
            log.warning("replica is lost", address=self.at.address, model=self.at.model)

    async def aclose(self) -> None:
        """Ends its streams and connections."""
        for receiver in list(self.calls):
            self.cancel(receiver)
        await self._transport.aclose()
        await self._channel.close()

    async def _watch(self) -> None:
        """Returns once the replica is dead or lost a stream."""
        self._lost.clear()
        while True:
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await self._lost.wait()
                return
            except TimeoutError:
                pass
            asked = self.clock()
            if not self.calls or asked - self.progressed < self._settings.stall_seconds:
                continue
            iterations = await self._iterations()
            word = await self._canary(self._settings.canary_seconds)
            if word == "stuck" and iterations is not None and await self._iterations() != iterations:
                word = "alive"  # It steps: a long prefill keeps the canary waiting.
            now = self.clock()
            paused = now - asked > self._settings.canary_seconds + OWN_PAUSE_SECONDS
            if word == "gone":
                return
            if word == "alive" or not self.calls or paused:
                self.progressed = now
            elif self.progressed < asked:
                self._end_streams()
                self._ask_restart()
                return

    async def _revive(self) -> None:
        """Returns once the replica answers. The first failure ends what streams it still had."""
        delay, longest = BACKOFF_SECONDS
        while True:
            try:
                await self._triton.ServerReady(ServerReadyRequest(), timeout=PROBE_SECONDS)
                ready = await self._triton.ModelReady(ModelReadyRequest(name=self.at.model), timeout=PROBE_SECONDS)
                if ready.ready:
                    about = ModelMetadataRequest(name=self.at.model)
                    self._dialect = triton.Dialect(await self._triton.ModelMetadata(about, timeout=PROBE_SECONDS))
                    word = await self._canary(PROBE_SECONDS)
                    if word == "alive":
                        return
                    if word == "stuck":
                        self._ask_restart()
            except grpc.aio.AioRpcError as error:
                log.debug("replica doesn't answer", address=self.at.address, code=error.code().name)
            except triton.DialectError as error:
                log.error("replica speaks another dialect", address=self.at.address, error=str(error))
            self._end_streams()
            await asyncio.sleep(delay)
            delay = min(delay * 2, longest)

    async def _canary(self, seconds: float) -> Word:
        """What a generation of one token says of the replica."""
        self._heard = asyncio.get_running_loop().create_future()
        request = self.dialect.canary(f"canary-{uuid.uuid4().hex}", self._canary_token)
        call = self._transport.stream_infer(request, _Ear(self._heard))
        try:
            async with asyncio.timeout(seconds):
                return await self._heard
        except TimeoutError:
            log.warning("canary has no answer", address=self.at.address, model=self.at.model, seconds=seconds)
            return "stuck"
        finally:
            call.cancel()
            self._heard = None

    async def _iterations(self) -> float | None:
        """How often the engine has stepped, if the server's metrics tell."""

        def read() -> float | None:
            try:
                with urllib.request.urlopen(self.at.metrics, timeout=1) as response:  # noqa: S310  # the operator's URL
                    lines = response.read(MAX_METRICS_BYTES).decode().splitlines()
                counts = [line for line in lines if 'general_type="iteration_counter"' in line]
                own = next((line for line in counts if f'model="{self.at.model}"' in line), None)
                return float(own.rsplit(" ", 1)[1]) if own else None
            except (OSError, ValueError) as error:
                log.debug("no metrics", url=self.at.metrics, error=str(error))
                return None

        return await asyncio.to_thread(read) if self.at.metrics else None

    def _end_streams(self) -> None:
        fault = unavailable("the engine stopped answering")
        for receiver in list(self.calls):
            self.cancel(receiver)
            receiver.closed(fault)

    def _ask_restart(self) -> None:
        """Has the supervisor restart a wedged server of its own; not again while that may still be under way."""
        path: Path | None = self._settings.restart_file
        now = self.clock()
        if path is None or not self.at.supervised or now - self._asked_restart < RESTART_AGAIN_SECONDS:
            return
        self._asked_restart = now
        log.warning("asking for a restart of the engine's server", address=self.at.address)
        path.touch()


class _Ear:
    """Hears whether a canary sang."""

    def __init__(self, heard: "asyncio.Future[Word]") -> None:
        self._heard = heard

    def message(self, data: bytes) -> None:
        answer = triton.read(data)
        if answer.error:
            log.warning("canary was refused", error=answer.error)
        if answer.error or answer.ids or answer.final:
            self._say("stuck" if answer.error else "alive")

    def closed(self, fault: Fault | None) -> None:
        self._say("gone")

    def _say(self, word: Word) -> None:
        if not self._heard.done():
            self._heard.set_result(word)


def choose(replicas: Sequence[Replica], choices: int, max_streams: int) -> Replica:
    """The least loaded live replica. Raises the fault ENGINE_UNAVAILABLE or OVERLOADED."""
    live = [replica for replica in replicas if replica.live]
    if not live:
        raise unavailable("no engine serves this model at present")
    best = min(live, key=lambda replica: len(replica.calls))
    if len(best.calls) + choices > max_streams:
        raise Fault(
            grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", "too many generations are running", retry_after=1.0
        )
    return best

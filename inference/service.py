"""The InferenceService: protos to calls and back."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from inference.generation import Generation, merge
from inference.replica import choose
from inference.request import ON_LOOP_BYTES, Model, chat_messages, prepare, tokenise
from inference.settings import Settings
from mesh.faults import Fault, invalid, one_of, to_status
from mesh.streams import Outlet
from tokenloom.chat.v1.chat_pb2 import End, Usage
from tokenloom.inference.v1 import inference_pb2 as pb
from tokenloom.inference.v1 import inference_pb2_grpc

MAX_COUNTED = 1024
PAGE = 100
TICK_SECONDS = 0.25
LULL_SECONDS = 0.01  # in which an answer's end reaches its reader
HALF_CLOSE_SECONDS = 1.0  # how long an ended generation waits for its client to say that it has heard
LAST_WORDS_SECONDS = 30.0  # how long a reader has for what is left once a generation has ended


class InferenceService(inference_pb2_grpc.InferenceServiceServicer):
    """Serves the models, the first of which is the default. Its calls are described in the proto."""

    def __init__(self, models: Sequence[Model], settings: Settings) -> None:
        self._models = {model.id: model for model in models}
        self._default, self._settings = models[0], settings
        self._live: dict[str, Generation] = {}

    async def Generate(self, request_iterator: object, ctx: Any) -> None:  # type: ignore[override] # it isn't a generator
        first = await ctx.read()
        if not isinstance(first, pb.GenerateRequest) or one_of(first, "command") != "start":
            raise invalid("command", "start must come first")
        outlet: Outlet[pb.GenerateResponse] = Outlet(ctx, merge, self._settings.pending_bytes)
        async with asyncio.TaskGroup() as tasks, outlet:
            try:
                generation = await self._admit(first.start, outlet)
                del first  # The whole prompt.
            except Fault as fault:
                outlet.send(pb.GenerateResponse(end=End(usage=Usage(), failed=to_status(fault))))
                await outlet.flushed()
                return
            try:
                commands = tasks.create_task(_obey(ctx, generation))
                ended = asyncio.get_running_loop().create_future()
                generation.on_end = partial(ended.set_result, None)
                await ended
                if not await outlet.flushed(LAST_WORDS_SECONDS):
                    raise Fault("SLOW_READER", "the reader didn't take the end of its answer")
                _expect(generation)
                # A cancel may be on its way: written to a call that has ended, it would take the End with it.
                if not commands.done():
                    await asyncio.wait([commands], timeout=HALF_CLOSE_SECONDS)
                    commands.cancel()
            finally:
                generation.close()
                del self._live[generation.request.id]

    async def CountTokens(self, request: pb.CountTokensRequest, ctx: Any) -> pb.CountTokensResponse:
        model = self._model(request.model)
        if len(request.messages) > MAX_COUNTED:
            raise invalid("messages", f"must be at most {MAX_COUNTED}")
        tokenizer, window = model.tokenizer, model.context_length
        messages = chat_messages(request.messages, tokenizer)
        sizes = [len(message["content"].encode()) for message in messages]
        least = [tokenizer.lower_bound(size) for size in sizes]
        # What can't fit the window anyway isn't tokenised: its lower bound says enough.
        small = [message for message, bound in zip(messages, least, strict=True) if bound < window]
        counts, overhead = await tokenise(partial(tokenizer.count, small), sum(sizes) + 32 * len(sizes))
        rest = iter(counts)
        return pb.CountTokensResponse(
            tokens=[next(rest) if bound < window else bound for bound in least],
            overhead_tokens=overhead,
            context_length=window,
            tokenizer_digest=tokenizer.digest,
        )

    async def ListModels(self, request: pb.ListModelsRequest, ctx: Any) -> pb.ListModelsResponse:
        if request.page_size < 0:
            raise invalid("page_size", "must be at least 0")
        if request.page_token and not (request.page_token.isascii() and request.page_token.isdecimal()):
            raise invalid("page_token", "must come from the page before")
        start = int(request.page_token or 0)
        end = start + min(request.page_size or PAGE, PAGE)
        page = list(self._models.values())[start:end]
        return pb.ListModelsResponse(
            models=[pb.Model(id=m.id, context_length=m.context_length, ready=m.ready) for m in page],
            next_page_token=str(end) if end < len(self._models) else "",
        )

    async def watch(self, report: Callable[[bool], None]) -> None:
        """Ends generations that run out of time, and reports whether any engine answers when that changes."""
        clock = asyncio.get_running_loop().time
        reported = None
        while True:
            ready = any(model.ready for model in self._models.values())
            if ready != reported:
                report(ready)
                reported = ready
            for generation in list(self._live.values()):
                generation.check(clock())
            await asyncio.sleep(TICK_SECONDS)

    async def _admit(self, start: pb.Start, outlet: Outlet[pb.GenerateResponse]) -> Generation:
        began = asyncio.get_running_loop().time()
        prepared = await prepare(start, self._model(start.model))
        replica = await choose(prepared, self._settings.max_streams)
        if prepared.id in self._live:
            raise Fault("ALREADY_EXISTS", "the generation id is in use", field="generation_id")
        generation = self._live[prepared.id] = Generation(prepared, replica, self._settings, outlet, began)
        return generation

    def _model(self, model_id: str) -> Model:
        model = self._models.get(model_id) if model_id else self._default
        if model is None:
            raise Fault("MODEL_NOT_FOUND", f"the model {model_id!r} does not exist here", field="model", model=model_id)
        return model


def _expect(generation: Generation) -> None:
    """Has the answer tokenised for the next prompt, when those who wait for its end have it."""
    loop, expect, answer = asyncio.get_running_loop(), generation.request.model.tokenizer.expect, generation.answer
    if len(answer.encode()) <= ON_LOOP_BYTES:
        loop.call_later(LULL_SECONDS, expect, answer)
    else:
        loop.run_in_executor(None, expect, answer)


async def _obey(ctx: Any, generation: Generation) -> None:
    while isinstance(request := await ctx.read(), pb.GenerateRequest):
        if one_of(request, "command") != "cancel":
            raise invalid("command", "start comes only once")
        choices, limit = request.cancel.choices, generation.request.sampling.choices
        if any(choice >= limit for choice in choices):
            raise invalid("cancel.choices", f"must be below {limit}")
        generation.cancel(choices)

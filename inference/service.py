"""The InferenceService: protos to calls and back."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import grpc
import grpc.aio

from inference.generation import Generation, merge
from inference.replica import choose
from inference.request import Model, chat_messages, prepare
from inference.settings import Settings
from mesh.faults import Fault, invalid, one_of, to_status
from mesh.streams import Outlet
from tokenloom.chat.v1.chat_pb2 import End, Usage
from tokenloom.inference.v1 import inference_pb2_grpc
from tokenloom.inference.v1.inference_pb2 import (
    CountTokensRequest,
    CountTokensResponse,
    GenerateRequest,
    GenerateResponse,
    ListModelsRequest,
    ListModelsResponse,
    Start,
)
from tokenloom.inference.v1.inference_pb2 import Model as ModelProto

Context: TypeAlias = "grpc.aio.ServicerContext[GenerateRequest, GenerateResponse]"
MAX_COUNTED = 1024
PAGE = 100
TICK_SECONDS = 0.25
LAST_WORDS_SECONDS = 30.0  # how long a reader has for what is left once a generation has ended


class InferenceService(inference_pb2_grpc.InferenceServiceServicer):
    """Serves the models, the first of which is the default."""

    def __init__(self, models: Sequence[Model], settings: Settings) -> None:
        self._models = {model.id: model for model in models}
        self._default = models[0]
        self._settings = settings
        self._live: dict[str, Generation] = {}

    async def Generate(  # type: ignore[override]  # a coroutine that reads and writes, not a generator
        self, request_iterator: object, ctx: "Context"
    ) -> None:
        """One generation; see the proto."""
        first = await ctx.read()
        if not isinstance(first, GenerateRequest) or one_of(first, "command") != "start":
            raise invalid("command", "start must come first")
        try:
            generation = await self._admit(first.start)
        except Fault as fault:
            await ctx.write(GenerateResponse(end=End(usage=Usage(), failed=to_status(fault))))
            return
        try:
            async with asyncio.TaskGroup() as tasks:
                outlet = Outlet(ctx, tasks, merge, self._settings.pending_bytes)
                generation.start(outlet)
                commands = tasks.create_task(self._obey(ctx, generation))
                await generation.ended.wait()
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await outlet.flushed()
                commands.cancel()
        except TimeoutError:
            message = "the reader didn't take the end of its answer"
            raise Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "SLOW_READER", message) from None
        finally:
            generation.close()
            del self._live[generation.request.id]

    async def CountTokens(self, request: CountTokensRequest, ctx: Any) -> CountTokensResponse:
        """Tokens of each message in the model's template."""
        model = self._model(request.model)
        if len(request.messages) > MAX_COUNTED:
            raise invalid("messages", f"must be at most {MAX_COUNTED}")
        tokenizer, window = model.tokenizer, model.context_length
        messages = chat_messages(request.messages, tokenizer)
        least = [tokenizer.lower_bound(len(message["content"].encode())) for message in messages]
        # What can't fit the window anyway isn't tokenised: its lower bound says enough.
        small = [message for message, bound in zip(messages, least, strict=True) if bound < window]
        counts, overhead = await asyncio.to_thread(tokenizer.count, small)
        rest = iter(counts)
        return CountTokensResponse(
            tokens=[next(rest) if bound < window else bound for bound in least],
            overhead_tokens=overhead,
            context_length=window,
            tokenizer_digest=tokenizer.digest,
        )

    async def ListModels(self, request: ListModelsRequest, ctx: Any) -> ListModelsResponse:
        """The models, paged."""
        if request.page_size < 0:
            raise invalid("page_size", "must be at least 0")
        if request.page_token and not (request.page_token.isascii() and request.page_token.isdecimal()):
            raise invalid("page_token", "must come from the page before")
        start = int(request.page_token or 0)
        end = start + min(request.page_size or PAGE, PAGE)
        models = list(self._models.values())
        return ListModelsResponse(
            models=[
                ModelProto(id=model.id, context_length=model.context_length, ready=model.ready)
                for model in models[start:end]
            ],
            next_page_token=str(end) if end < len(models) else "",
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
            now = clock()
            for generation in list(self._live.values()):
                generation.check(now)
            await asyncio.sleep(TICK_SECONDS)

    async def _admit(self, start: Start) -> Generation:
        prepared = await prepare(start, self._model(start.model))
        if prepared.id in self._live:
            raise Fault(
                grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS", "the generation id is in use", field="generation_id"
            )
        replica = choose(prepared.model.replicas, prepared.sampling.choices, self._settings.max_streams)
        generation = Generation(prepared, replica, self._settings)
        self._live[prepared.id] = generation
        return generation

    def _model(self, model_id: str) -> Model:
        if not model_id:
            return self._default
        model = self._models.get(model_id)
        if model is None:
            raise Fault(
                grpc.StatusCode.NOT_FOUND,
                "MODEL_NOT_FOUND",
                f"the model {model_id!r} does not exist here",
                field="model",
                model=model_id,
            )
        return model

    async def _obey(self, ctx: Context, generation: Generation) -> None:
        while isinstance(request := await ctx.read(), GenerateRequest):
            if one_of(request, "command") != "cancel":
                raise invalid("command", "start comes only once")
            choices = request.cancel.choices
            if any(choice >= generation.request.sampling.choices for choice in choices):
                raise invalid("cancel.choices", f"must be below {generation.request.sampling.choices}")
            generation.cancel(choices)

"""The context service's composition root."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from context.service import ContextService
from context.sqlite_store import SqliteStore
from context.tokens import TokenCounter
from mesh.node import Node
from mesh.settings import Count, Seconds, SettingsError
from tokenloom.context.v1.context_pb2_grpc import add_ContextServiceServicer_to_server
from tokenloom.inference.v1.inference_pb2_grpc import InferenceServiceStub


@dataclass(frozen=True)
class Settings:
    """TOKENLOOM_CONTEXT_<NAME>."""

    count_timeout_seconds: Seconds = 5.0  # What counting tokens may take.
    cached_counts: Count = 100_000  # Messages whose count is remembered.


async def start(node: Node) -> None:
    """Place context in a process; its file is TOKENLOOM_DATA_DIR/context.db."""
    settings = node.settings(Settings, "context")
    if not (data_dir := node.environ.get("TOKENLOOM_DATA_DIR")):
        raise SettingsError("TOKENLOOM_DATA_DIR: required")
    store = await asyncio.to_thread(SqliteStore, Path(data_dir) / "context.db")
    node.stack.push_async_callback(store.aclose)
    inference = InferenceServiceStub(node.channel("inference"))
    counter = TokenCounter(inference, settings.count_timeout_seconds, settings.cached_counts)
    service = ContextService(store, counter, lambda: time.time_ns() // 1000)
    add_ContextServiceServicer_to_server(service, node.server)

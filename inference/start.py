"""The inference service's composition root."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from inference.replica import Replica
from inference.request import Model
from inference.service import InferenceService
from inference.settings import Entry, Settings, load_models
from inference.tokenizer import ChatTokenizer
from inference.transport import METHOD, OPTIONS, Transport
from lean_grpc.client import Client
from lean_grpc.plain import PlainClient
from mesh.node import Node
from mesh.settings import SettingsError
from tokenloom.inference.v1 import inference_pb2_grpc

KEEPALIVE_SECONDS = 2.0


async def start(node: Node) -> None:
    """Loads the models and serves them; their engines are found in the background."""
    settings = node.settings(Settings, "inference")
    models = []
    for entries in load_models(settings.models).values():
        tokenizer = await asyncio.to_thread(load_tokenizer, settings.models.parent, entries[0])
        models.append(make_model(entries, tokenizer, settings))
        for replica in models[-1].replicas:
            node.stack.push_async_callback(replica.aclose)
            node.tasks.create_task(replica.run())
    service = InferenceService(models, settings)
    node.tasks.create_task(service.watch(lambda ready: node.ready("inference", ready)))
    inference_pb2_grpc.add_InferenceServiceServicer_to_server(service, node.server)


def load_tokenizer(base: Path, entry: Entry) -> ChatTokenizer:
    """The tokenizer of a model. Raises SettingsError when it can't be used."""
    template = None if entry.chat_template is None else base / entry.chat_template
    try:
        return ChatTokenizer(base / entry.tokenizer, template)
    except Exception as error:  # Its library raises bare ones.
        raise SettingsError(f"{entry.id}: its tokenizer or template can't be used: {error}") from error


def make_model(entries: Sequence[Entry], tokenizer: ChatTokenizer, settings: Settings) -> Model:
    """A model with its replicas, none of them live yet."""
    first, canary = entries[0], tokenizer.encode_text("a")[0]
    end_ids = tokenizer.end_ids if first.end_id is None else [first.end_id, *tokenizer.end_ids]
    replicas = [Replica(entry, make_transport(entry, settings), settings, canary) for entry in entries]
    return Model(first.id, first.context_length, tokenizer, list(dict.fromkeys(end_ids)), replicas)


def make_transport(entry: Entry, settings: Settings) -> Transport:
    """The configured way to read a server's token streams."""
    if settings.transport == "grpc":
        return Transport(PlainClient(entry.address, METHOD, OPTIONS))
    # Pings, without which a stopped server is silence: to our own, as another may not expect them.
    return Transport(Client(entry.address, METHOD, keepalive_seconds=KEEPALIVE_SECONDS if entry.supervised else None))

"""The inference service's composition root."""

import asyncio
from pathlib import Path

from inference.models import ModelEntry, load_models
from inference.replica import Replica
from inference.request import Model
from inference.service import InferenceService
from inference.settings import Settings
from inference.tokenizer import ChatTokenizer
from inference.transport import Transport
from mesh.node import Node, run
from tokenloom.inference.v1 import inference_pb2_grpc


async def start(node: Node) -> None:
    """Loads the models and serves them; their engines are found in the background."""
    settings = node.settings(Settings, "inference")
    tokenizers: dict[tuple[Path, Path | None], ChatTokenizer] = {}
    models = []
    for entry in load_models(settings.models):
        files = (entry.tokenizer, entry.chat_template)
        if files not in tokenizers:
            tokenizers[files] = await asyncio.to_thread(ChatTokenizer, *files)
        model = make_model(entry, tokenizers[files], settings)
        for replica in model.replicas:
            node.stack.push_async_callback(replica.aclose)
            node.tasks.create_task(replica.run())
        models.append(model)
    service = InferenceService(models, settings)
    node.tasks.create_task(service.watch(lambda ready: node.ready("inference", ready)))
    inference_pb2_grpc.add_InferenceServiceServicer_to_server(service, node.server)


def make_model(entry: ModelEntry, tokenizer: ChatTokenizer, settings: Settings) -> Model:
    """A model with its replicas, none of them live yet."""
    canary = tokenizer.encode_text("a")[0]
    replicas = [Replica(at, make_transport(at.address, settings), settings, canary) for at in entry.replicas]
    end_ids = tokenizer.end_ids if entry.end_id is None else [entry.end_id, *tokenizer.end_ids]
    return Model(entry, tokenizer, list(dict.fromkeys(end_ids)), replicas)


def make_transport(address: str, settings: Settings) -> Transport:
    """The configured way to read a server's token streams."""
    if settings.transport == "h2":
        from inference.h2_transport import H2Transport

        return H2Transport(address)
    from inference.grpc_transport import GrpcTransport

    return GrpcTransport(address)


if __name__ == "__main__":
    run({"inference": start})

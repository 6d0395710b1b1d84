"""Composition root of the edge; the only place of it that reads the environment."""

import ipaddress
import socket

from edge.api import Api
from edge.app import App
from edge.http_server import HttpServer
from edge.relay import Relay
from edge.settings import EdgeSettings
from mesh.node import Node
from mesh.settings import SettingsError
from mesh.sockets import bind
from tokenloom.context.v1.context_pb2_grpc import ContextServiceStub
from tokenloom.inference.v1.inference_pb2_grpc import InferenceServiceStub
from tokenloom.orchestrator.v1.orchestrator_pb2_grpc import OrchestratorServiceStub

LAST_WORDS_SECONDS = 0.5  # Of a drain: what is still open then is told that it ends.


async def start(node: Node) -> None:
    """Serves HTTP until the node drains. Raises SettingsError for an address that others reach without a key."""
    settings, api_key = node.settings(EdgeSettings, "edge"), node.environ.get("TOKENLOOM_API_KEY", "")
    relay = Relay(OrchestratorServiceStub(node.channel("orchestrator")), settings)
    api = Api(ContextServiceStub(node.channel("context")), InferenceServiceStub(node.channel("inference")))
    server = HttpServer(App(api.routes(relay), api_key, settings), settings)
    fd = settings.http_fd
    sock = bind(settings.host, settings.port, open_to_others=True) if fd is None else socket.socket(fileno=fd)
    if not api_key and not ipaddress.ip_address(sock.getsockname()[0]).is_loopback:
        sock.close()
        raise SettingsError("TOKENLOOM_API_KEY: required unless the edge listens on loopback")
    server.start(sock, node.tasks)
    node.tasks.create_task(relay.keep_alive())
    node.on_drain(server.drain)
    node.on_drain(lambda: relay.drain(node.drain_seconds - LAST_WORDS_SECONDS))

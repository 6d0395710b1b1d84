"""The orchestrator's composition root."""

from mesh.node import Node
from orchestrator.conduct import Peers, Settings
from orchestrator.service import OrchestratorService
from tokenloom.context.v1.context_pb2_grpc import ContextServiceStub
from tokenloom.inference.v1.inference_pb2_grpc import InferenceServiceStub
from tokenloom.moderation.v1.moderation_pb2_grpc import ModerationServiceStub
from tokenloom.orchestrator.v1.orchestrator_pb2_grpc import add_OrchestratorServiceServicer_to_server


async def start(node: Node) -> None:
    """Place the orchestrator in a process."""
    context, moderation = ContextServiceStub(node.channel("context")), ModerationServiceStub(node.channel("moderation"))
    peers = Peers(context, moderation, InferenceServiceStub(node.channel("inference")))
    service = OrchestratorService(peers, node.tasks, node.settings(Settings, "orchestrator"))
    add_OrchestratorServiceServicer_to_server(service, node.server)

"""The moderation service's composition root."""

import asyncio

from mesh.node import Node
from moderation.policies import PolicyDirectory
from moderation.service import ModerationService
from moderation.settings import Settings
from tokenloom.moderation.v1.moderation_pb2_grpc import add_ModerationServiceServicer_to_server


async def start(node: Node) -> None:
    """Place moderation in a process. Raises PolicyError when the policies can't be loaded."""
    settings = node.settings(Settings, "moderation")
    policies = await asyncio.to_thread(PolicyDirectory, settings.policies)
    node.tasks.create_task(policies.watch(settings.reload_seconds), name="policies")
    add_ModerationServiceServicer_to_server(ModerationService(policies), node.server)

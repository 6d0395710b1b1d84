"""The moderation service as a process: `python -m moderation`."""

import asyncio

from mesh.node import Node, run
from mesh.settings import SettingsError
from moderation.policies import PolicyDirectory, PolicyError
from moderation.service import ModerationService
from moderation.settings import Settings
from tokenloom.moderation.v1.moderation_pb2_grpc import add_ModerationServiceServicer_to_server


async def start(node: Node) -> None:
    """Place moderation in a process. Raises SettingsError when the policies can't be loaded."""
    settings = node.settings(Settings, "moderation")
    try:
        policies = await asyncio.to_thread(PolicyDirectory, settings.policies)
    except PolicyError as error:
        raise SettingsError(f"TOKENLOOM_MODERATION_POLICIES: {error}") from error
    node.tasks.create_task(policies.watch(settings.reload_seconds), name="policies")
    add_ModerationServiceServicer_to_server(ModerationService(policies), node.server)


if __name__ == "__main__":
    run({"moderation": start})

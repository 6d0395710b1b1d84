"""The moderation service's composition root."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from mesh.node import Node
from mesh.settings import Seconds
from moderation.policies import PolicyDirectory
from moderation.service import ModerationService
from tokenloom.moderation.v1.moderation_pb2_grpc import add_ModerationServiceServicer_to_server


@dataclass(frozen=True)
class Settings:
    """TOKENLOOM_MODERATION_<NAME>."""

    policies: Path = Path(__file__).parent.parent / "config" / "policies"  # The directory of policy files.
    reload_seconds: Seconds = 1.0  # How often it is looked at.


async def start(node: Node) -> None:
    """Place moderation in a process. Raises SettingsError when the policies can't be loaded."""
    settings = node.settings(Settings, "moderation")
    policies = await asyncio.to_thread(PolicyDirectory, settings.policies)
    node.tasks.create_task(policies.watch(settings.reload_seconds), name="policies")
    add_ModerationServiceServicer_to_server(ModerationService(policies), node.server)

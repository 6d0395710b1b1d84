"""What a store keeps, and what of that later turns may use."""

from collections.abc import Sequence
from dataclasses import dataclass

import grpc

from mesh.faults import Fault
from tokenloom.chat.v1.chat_pb2 import ROLE_DEVELOPER, ROLE_SYSTEM, ROLE_USER, Message
from tokenloom.context.v1.context_pb2 import TURN_STATUS_CANCELLED, TURN_STATUS_COMPLETED, Turn

INSTRUCTIONS = (ROLE_SYSTEM, ROLE_DEVELOPER)
_TITLE_CHARACTERS = 80

Use = tuple[int, str]
"""A place in the list of conversations: when one was last used, in microseconds since 1970, and its id."""
LATEST: Use = (2**63 - 1, "")
NEWEST = "~"  # Above every id.


@dataclass(frozen=True, slots=True)
class Past:
    """A turn as prompts see it. `position`: the bytes of all usable turns before it."""

    turn: Turn
    position: int


@dataclass(frozen=True, slots=True)
class History:
    """What prompts may use of a conversation."""

    past: Sequence[Past]
    """A page of its usable turns, newest first."""
    usable_turns: int
    """All of them."""
    instructions: Sequence[Message]
    """Its system and developer messages, each once, oldest first: the latest 256."""


def not_found(conversation_id: str) -> Fault:
    """No such conversation in the caller's scope."""
    code, reason, text = (
        grpc.StatusCode.NOT_FOUND,
        "CONVERSATION_NOT_FOUND",
        f"there is no conversation {conversation_id}",
    )
    return Fault(code, reason, text, field="conversation_id", conversation_id=conversation_id)


def heard(turn: Turn) -> bool:
    """Whether the turn counts for later ones: a rail or a failure didn't end it."""
    return turn.status in (TURN_STATUS_COMPLETED, TURN_STATUS_CANCELLED)


def usable(turn: Turn) -> bool:
    """Whether the turn's exchange can be part of a prompt: without an answer, roles wouldn't alternate."""
    return heard(turn) and turn.HasField("answer")


def instructions(turn: Turn) -> list[Message]:
    """What the turn tells the model for all later ones."""
    return [message for message in turn.messages if message.role in INSTRUCTIONS] if heard(turn) else []


def title_of(turn: Turn) -> str:
    """The beginning of its first user message, on one line."""
    said = ["".join(part.text for part in message.parts) for message in turn.messages if message.role == ROLE_USER]
    return " ".join("".join(said[:1])[: 4 * _TITLE_CHARACTERS].split())[:_TITLE_CHARACTERS].rstrip()

"""`tokenloom chat`: a conversation in the terminal, over the same gRPC calls that any client has."""

import queue
import readline  # noqa: F401 (gives input() line editing and history)
import signal
import sys
from collections.abc import Iterator, Mapping
from types import FrameType

import grpc

from mesh.ids import new_id
from tokenloom.chat.v1 import chat_pb2
from tokenloom.context.v1 import context_pb2, context_pb2_grpc
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb
from tokenloom.orchestrator.v1 import orchestrator_pb2_grpc

SCOPE = chat_pb2.Scope(tenant="local", user="anonymous")
"""The scope that the edge gives to callers without a key, so that the page shows these conversations, too."""


def chat(addresses: Mapping[str, str], model: str, environ: Mapping[str, str]) -> None:
    """Talks until the end of input. `addresses` names `orchestrator` and `context`; an empty `model` is the default.

    Ctrl-C stops an answer. Raises grpc.RpcError when a service can't be reached.
    """
    key = environ.get("TOKENLOOM_API_KEY")
    metadata = (("authorization", f"Bearer {key}"),) if key else ()
    conversation = new_id("conv")
    with grpc.insecure_channel(addresses["context"]) as channel:
        context_pb2_grpc.ContextServiceStub(channel).CreateConversation(
            context_pb2.CreateConversationRequest(scope=SCOPE, conversation_id=conversation),
            metadata=metadata,
            timeout=5,
        )
    with grpc.insecure_channel(addresses["orchestrator"]) as channel:
        commands: queue.SimpleQueue[pb.ConverseRequest | None] = queue.SimpleQueue()
        stub = orchestrator_pb2_grpc.OrchestratorServiceStub(channel)
        events = _events(stub.Converse(iter(commands.get, None), metadata=metadata))
        _print("Ctrl-C stops an answer, Ctrl-D leaves.\n")
        while True:
            try:
                text = input("\n> ").strip()
            except KeyboardInterrupt:
                continue
            except EOFError:
                commands.put(None)
                _print("\n")
                return
            if text:
                message = chat_pb2.Message(role=chat_pb2.ROLE_USER, parts=[chat_pb2.Part(text=text)])
                turn = pb.OpenTurn(scope=SCOPE, conversation_id=conversation, turn_id=new_id("turn"), model=model)
                turn.messages.append(message)
                _answer(turn, commands, events)


def _answer(
    turn: pb.OpenTurn, commands: queue.SimpleQueue[pb.ConverseRequest | None], events: Iterator[pb.Event]
) -> None:
    """Runs one turn and prints it as it comes."""
    response = new_id("resp")

    def stop(number: int, frame: FrameType | None) -> None:
        commands.put(pb.ConverseRequest(response_id=response, cancel=pb.Cancel()))

    # A handler instead of KeyboardInterrupt, which would tear the stream's iterator in the middle of a read.
    before = signal.signal(signal.SIGINT, stop)
    try:
        commands.put(pb.ConverseRequest(response_id=response, open=turn))
        for event in events:
            if event.response_id != response:
                continue
            if event.HasField("delta"):
                _print(event.delta.text)
            elif event.HasField("choice_end"):
                _print(event.choice_end.refusal)
            elif event.HasField("end"):
                if event.end.HasField("failed"):
                    _print(f"[{event.end.failed.message}]")
                elif event.end.HasField("cancelled"):
                    _print(" [stopped]")
                _print("\n")
                return
    finally:
        signal.signal(signal.SIGINT, before)


def _events(responses: Iterator[pb.ConverseResponse]) -> Iterator[pb.Event]:
    for response in responses:
        yield from response.events


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()

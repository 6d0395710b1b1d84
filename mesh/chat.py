"""`tokenloom chat`: a conversation in the terminal, over the same gRPC calls that any client has."""

import functools
import queue
import readline  # noqa: F401 (gives input() line editing and history)
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc

from mesh.data_dir import Refused
from mesh.ids import new_id
from mesh.status import running
from tokenloom.chat.v1 import chat_pb2
from tokenloom.context.v1 import context_pb2, context_pb2_grpc
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb
from tokenloom.orchestrator.v1 import orchestrator_pb2_grpc

# What the edge gives to callers without a key, so that the page shows these conversations, too.
SCOPE = chat_pb2.Scope(tenant="local", user="anonymous")
_print = functools.partial(print, end="", flush=True)
Commands = queue.SimpleQueue[pb.ConverseRequest | None]


def chat(data_dir: Path, model: str, environ: Mapping[str, str]) -> None:
    """Talks to the mesh on `data_dir` until input ends; no `model` is the default. Raises Refused without a mesh."""
    state = running(data_dir)
    if state is None:
        raise Refused(f"no mesh runs on {data_dir.resolve()}: start one with `tokenloom up`")
    addresses = {name: it["addresses"]["grpc"] for it in state["processes"] for name in it["services"]}
    key = environ.get("TOKENLOOM_API_KEY")
    metadata = (("authorization", f"Bearer {key}"),) if key else ()
    create = context_pb2.CreateConversationRequest(scope=SCOPE, conversation_id=new_id("conv"))
    commands: Commands = queue.SimpleQueue()
    try:
        with grpc.insecure_channel(addresses["context"]) as channel:
            context_pb2_grpc.ContextServiceStub(channel).CreateConversation(create, metadata=metadata, timeout=5)
        with grpc.insecure_channel(addresses["orchestrator"]) as channel:
            stub = orchestrator_pb2_grpc.OrchestratorServiceStub(channel)
            responses = stub.Converse(iter(commands.get, None), metadata=metadata)
            _talk(create.conversation_id, model, commands, (event for each in responses for event in each.events))
    except grpc.RpcError as error:
        raise Refused(f"the mesh doesn't answer: {error.details()}") from error


def _talk(conversation: str, model: str, commands: Commands, events: Iterator[pb.Event]) -> None:
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
            turn = pb.OpenTurn(scope=SCOPE, conversation_id=conversation, turn_id=new_id("turn"), model=model)
            turn.messages.add(role=chat_pb2.ROLE_USER).parts.add(text=text)
            _answer(turn, commands, events)


def _answer(turn: pb.OpenTurn, commands: Commands, events: Iterator[pb.Event]) -> None:
    """Runs one turn and prints it as it comes."""
    response = new_id("resp")
    cancel = pb.ConverseRequest(response_id=response, cancel=pb.Cancel())
    # A handler instead of KeyboardInterrupt, which would tear the stream's iterator in the middle of a read.
    before = signal.signal(signal.SIGINT, lambda number, frame: commands.put(cancel))
    try:
        commands.put(pb.ConverseRequest(response_id=response, open=turn))
        for event in events:
            if event.response_id != response:
                continue
            _print(event.delta.text + event.choice_end.refusal)
            if event.HasField("end"):
                ending = {"failed": f"[{event.end.failed.message}]", "cancelled": " [stopped]"}
                _print(ending.get(event.end.WhichOneof("outcome") or "", "") + "\n")
                return
        raise Refused("the mesh has ended the conversation")
    finally:
        signal.signal(signal.SIGINT, before)

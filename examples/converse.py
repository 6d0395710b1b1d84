"""Two messages and a Cancel on one Converse stream, from the protos alone: python examples/converse.py HOST:PORT"""

import sys

import grpc

from tokenloom.chat.v1.chat_pb2 import ROLE_USER, Message, Part, Scope
from tokenloom.orchestrator.v1.orchestrator_pb2 import Cancel, ConverseRequest, OpenTurn
from tokenloom.orchestrator.v1.orchestrator_pb2_grpc import OrchestratorServiceStub


def say(response_id: str, text: str) -> ConverseRequest:
    messages = [Message(role=ROLE_USER, parts=[Part(text=text)])]
    return ConverseRequest(response_id=response_id, open=OpenTurn(scope=Scope(tenant="t", user="u"), messages=messages))


requests = [say("a", "Hello!"), say("b", "Tell me a long story."), ConverseRequest(response_id="b", cancel=Cancel())]
for response in OrchestratorServiceStub(grpc.insecure_channel(sys.argv[1])).Converse(iter(requests)):
    for event in response.events:
        print(event.response_id, event.sequence, event.WhichOneof("kind"), repr(event.delta.text))

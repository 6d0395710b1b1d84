"""The edge over doubles of its peers: what HTTP clients see, and what the mesh is told when they go."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from edge_double import MODEL, Edge, running_edge

from edge.api import Api
from edge.app import App
from edge.http_server import HttpServer
from edge.relay import Relay
from edge.settings import EdgeSettings

CHAT = "/v1/chat/completions"


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with running_edge() as running:
        yield running


@pytest.fixture
async def http(edge: Edge) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=edge.url, trust_env=False) as client:
        yield client


def body(text: str = "Hi", **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **fields}


def script(**fields: Any) -> str:
    return json.dumps(fields)


def error_of(response: httpx.Response) -> dict[str, Any]:
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert isinstance(error["message"], str)
    assert isinstance(error["type"], str)
    return dict(error)


class Raw:
    """An HTTP/1.1 connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def post(self, path: str, content: Any, *headers: str) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        head = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(data)}", *headers]
        self.send("\r\n".join((*head, "", "")).encode() + data)

    async def head(self) -> tuple[int, dict[str, str]]:
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        return int(lines[0].split()[1]), headers

    async def response(self) -> tuple[int, dict[str, str], bytes]:
        status, headers = await self.head()
        if headers.get("transfer-encoding") == "chunked":
            data = b""
            while chunk := await self.chunk():
                data += chunk
            return status, headers, data
        return status, headers, await self.reader.readexactly(int(headers.get("content-length", "0")))

    async def chunk(self) -> bytes:
        size = int(await self.reader.readline(), 16)
        data = await self.reader.readexactly(size)
        assert await self.reader.readexactly(2) == b"\r\n"
        return data

    async def closed(self) -> bool:
        return await self.reader.read(1) == b""

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


class Connect:
    """Opens raw connections; closes what is left of them."""

    def __init__(self) -> None:
        self.opened: list[Raw] = []

    async def __call__(self, edge: Edge) -> Raw:
        self.opened.append(Raw(*await asyncio.open_connection("127.0.0.1", edge.port)))
        return self.opened[-1]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    connect = Connect()
    yield connect
    for raw in connect.opened:
        raw.writer.transport.abort()


# Answers.


async def test_a_plain_chat(edge: Edge, http: httpx.AsyncClient) -> None:
    response = await http.post(CHAT, json=body("two words"), headers={"x-request-id": "mine-1"})
    assert response.status_code == 200
    assert response.headers["x-request-id"] == "mine-1"
    assert response.json()["choices"][0]["message"]["content"] == "two words"
    assert response.json()["usage"]["total_tokens"] == 9
    assert edge.orchestrator.metadata[0]["x-request-id"] == "mine-1"


async def test_a_streamed_chat_comes_piece_by_piece(edge: Edge, connect: Connect) -> None:
    raw = await connect(edge)
    raw.post(CHAT, body(script(text="a b c", stall_after=2), stream=True))
    status, headers = await raw.head()
    assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    pieces = [await raw.chunk() for _ in range(3)]
    assert b'"role":"assistant"' in pieces[0]
    assert [b'"content":"a "' in pieces[1], b'"content":"b "' in pieces[2]] == [True, True]


@pytest.mark.parametrize("path", [CHAT, "/v1/completions"])
async def test_the_head_comes_on_admission_before_any_token(edge: Edge, connect: Connect, path: str) -> None:
    raw, text = await connect(edge), script(prefill_ms=60_000)
    raw.post(path, body(text, stream=True) if path == CHAT else {"prompt": text, "stream": True})
    assert (await raw.head())[0] == 200
    assert edge.orchestrator.seen["ended"] == 0


async def test_what_is_refused_before_admission_is_no_stream(http: httpx.AsyncClient) -> None:
    for stream in (False, True):
        response = await http.post(CHAT, json=body(script(fault="too_long"), stream=stream))
        error = error_of(response)
        assert (response.status_code, error["code"], error["param"]) == (400, "context_length_exceeded", "messages")
        assert "5000" in error["message"]
        assert "4096" in error["message"]


@pytest.mark.parametrize(
    ("fault", "status", "code", "retry_after"),
    [("overloaded", 429, "overloaded", "1"), ("gone", 503, "engine_unavailable", "3")],
)
async def test_faults_that_pass_say_when_to_retry(
    http: httpx.AsyncClient, fault: str, status: int, code: str, retry_after: str
) -> None:
    response = await http.post(CHAT, json=body(script(fault=fault)))
    assert (response.status_code, error_of(response)["code"]) == (status, code)
    assert response.headers["retry-after"] == retry_after


async def test_a_mesh_that_is_not_there() -> None:
    nowhere = {f"TOKENLOOM_ADDRESS_{name}": "127.0.0.1:1" for name in ("ORCHESTRATOR", "CONTEXT", "INFERENCE")}
    async with (
        running_edge(placed=("edge",), **nowhere) as edge,
        httpx.AsyncClient(base_url=edge.url, trust_env=False, timeout=30) as http,
    ):
        for stream in (False, True):
            response = await http.post(CHAT, json=body(stream=stream))
            assert (response.status_code, error_of(response)["code"]) == (503, "service_unavailable")
        assert (await http.get("/chats")).status_code == 503
        assert (await http.get("/v1/models")).status_code == 503
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/healthz")).status_code == 200


async def test_a_bug_says_nothing_of_itself(http: httpx.AsyncClient) -> None:
    response = await http.post(CHAT, json=body(script(bug=True)))
    assert (response.status_code, error_of(response)["code"]) == (500, "internal")
    assert "secret" not in response.text


@pytest.mark.parametrize("how", [{"fail_after": 2}, {"drop": 2}])
async def test_a_failure_in_the_middle_is_one_terminal_event(http: httpx.AsyncClient, how: dict[str, int]) -> None:
    response = await http.post(CHAT, json=body(script(text="a b c d", **how), stream=True))
    events = response.text.split("\n\n")[:-1]
    assert response.status_code == 200
    assert "error" in json.loads(events[-1].removeprefix("data: "))
    assert sum("error" in event for event in events) == 1
    assert "[DONE]" not in response.text
    plain = await http.post(CHAT, json=body(script(text="a b c d", **how)))
    assert plain.status_code == 503
    error_of(plain)


async def test_two_prompts_are_two_turns_of_one_call(edge: Edge, http: httpx.AsyncClient) -> None:
    response = await http.post("/v1/completions", json={"prompt": ["a b", "c"], "n": 2})
    assert [choice["text"] for choice in response.json()["choices"]] == ["a b", "a b", "c", "c"]
    assert (len(edge.orchestrator.metadata), len(edge.orchestrator.opened)) == (1, 2)


async def test_a_bad_prompt_among_good_ones_refuses_all(edge: Edge, http: httpx.AsyncClient) -> None:
    bad = script(fault="too_long")
    response = await http.post("/v1/completions", json={"prompt": [script(prefill_ms=60_000), bad], "stream": True})
    assert response.status_code == 400
    await edge.orchestrator.until("cancelled")


async def test_a_silent_stream_is_kept_alive(connect: Connect) -> None:
    async with running_edge(TOKENLOOM_EDGE_KEEPALIVE_SECONDS="0.05") as edge:
        raw = await connect(edge)
        raw.post(CHAT, body(script(text="a b", prefill_ms=400), stream=True))
        _, _, data = await raw.response()
    assert data.count(b": keep-alive\n\n") >= 2
    assert data.endswith(b"data: [DONE]\n\n")


async def test_bytes_are_sent_without_delay() -> None:
    """Nagle's algorithm would hold back a token until the one before is acknowledged."""
    server = HttpServer(App({}, "", EdgeSettings()), EdgeSettings())
    sock = socket.create_server(("127.0.0.1", 0))
    async with asyncio.TaskGroup() as tasks:
        server.start(sock, tasks)
        _, writer = await asyncio.open_connection(*sock.getsockname())
        while not server.server_state.connections:
            await asyncio.sleep(0.005)
        (connection,) = server.server_state.connections
        assert connection.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        await server.drain()


# Clients that go, stall or linger.


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("where", [{"prefill_ms": 60_000}, {"text": "a b c", "stall_after": 1}])
async def test_a_disconnect_cancels_the_turn(edge: Edge, connect: Connect, stream: bool, where: dict[str, Any]) -> None:
    raw = await connect(edge)
    raw.post(CHAT, body(script(**where), stream=stream))
    await edge.orchestrator.until("started")
    if stream:
        await raw.head()
    raw.writer.transport.abort()
    await edge.orchestrator.until("cancelled")
    assert edge.orchestrator.seen["ended"] == 0


async def test_a_reader_that_stalls_is_dropped(connect: Connect) -> None:
    async with running_edge(TOKENLOOM_EDGE_WRITE_SECONDS="0.3") as edge:
        raw = await connect(edge)
        raw.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.reader._transport.pause_reading()  # type: ignore[attr-defined]
        raw.post(CHAT, body(script(text="x" * 1000 + " ", repeat=50_000, burst=50, interval_ms=0), stream=True))
        await edge.orchestrator.until("cancelled")


async def test_a_slow_reader_loses_nothing(edge: Edge, connect: Connect) -> None:
    raw = await connect(edge)
    raw.post(CHAT, body(script(text="x" * 1000 + " ", repeat=3000, burst=10, interval_ms=0), stream=True))
    await asyncio.sleep(0.3)
    _, _, data = await raw.response()
    assert data.count(b"x" * 1000) == 3000
    assert data.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    "part",
    [
        b"GET /healthz HTTP/1.1\r\nHost: loc",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
)
async def test_a_stalled_request_ends_in_408(connect: Connect, part: bytes) -> None:
    async with running_edge(TOKENLOOM_EDGE_REQUEST_SECONDS="0.2") as edge:
        raw = await connect(edge)
        raw.send(part)
        status, headers, data = await raw.response()
        assert (status, json.loads(data)["error"]["type"]) == (408, "invalid_request_error")
        assert headers["x-request-id"]
        assert await raw.closed()


async def test_a_stalled_request_waits_for_the_answer_before_it(connect: Connect) -> None:
    async with running_edge(TOKENLOOM_EDGE_REQUEST_SECONDS="0.1") as edge:
        raw = await connect(edge)
        raw.post(CHAT, body(script(text="a b c d", interval_ms=100), stream=True))
        raw.send(b"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{")
        assert (await raw.response())[2].endswith(b"data: [DONE]\n\n")
        assert await raw.closed()


async def test_a_disconnect_is_told_to_what_runs_not_to_what_waits(edge: Edge, connect: Connect) -> None:
    raw = await connect(edge)
    raw.post(CHAT, body(script(text="a b c", interval_ms=50, repeat=1000), stream=True))
    await raw.head()
    raw.post(CHAT, body())
    await edge.orchestrator.until("started")
    raw.writer.transport.abort()
    await edge.orchestrator.until("cancelled")
    assert (edge.orchestrator.seen["started"], edge.orchestrator.seen["ended"]) == (1, 0)


async def test_nonsense_never_breaks_into_an_answer(edge: Edge, connect: Connect) -> None:
    raw = await connect(edge)
    raw.post(CHAT, body(script(text="a b c d", interval_ms=50), stream=True))
    await raw.head()
    raw.send(b"nonsense\r\n\r\n" + b"x" * 100_000)
    data = b""
    while chunk := await raw.chunk():
        data += chunk
    assert data.endswith(b"data: [DONE]\n\n")
    assert await raw.closed()


async def test_a_body_that_stalls_after_its_answer(connect: Connect) -> None:
    async with running_edge(TOKENLOOM_EDGE_REQUEST_SECONDS="0.3") as edge:
        raw = await connect(edge)
        raw.send(b"POST /nope HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert (await raw.response())[0] == 404
        assert await raw.closed()


async def test_a_request_may_not_drip(connect: Connect) -> None:
    async with running_edge(TOKENLOOM_EDGE_REQUEST_SECONDS="0.3") as edge:
        raw = await connect(edge)
        raw.send(b"GET /healthz HTTP/1.1\r\n")
        while not raw.reader.at_eof() and not raw.reader._buffer:  # type: ignore[attr-defined]
            raw.send(b"X: x\r\n")
            await asyncio.sleep(0.02)
        assert (await raw.response())[0] == 408


# Connections.


async def test_a_connection_lives_on_after_errors(edge: Edge, connect: Connect) -> None:
    raw = await connect(edge)
    expected = []
    for path, content, status in (
        (CHAT, b"{", 400),
        ("/nope", b"{}", 404),
        ("/healthz", b"", 405),
        (CHAT, body(n=0), 400),
        (CHAT, body(script(fault="gone")), 503),
        (CHAT, body(script(text="a b", fail_after=1), stream=True), 200),
        (CHAT, body(), 200),
    ):
        raw.post(path, content)
        expected.append(((await raw.response())[0], status))
    assert [got for got, _ in expected] == [want for _, want in expected]


async def test_requests_sent_ahead_are_answered_in_order(edge: Edge, connect: Connect) -> None:
    raw = await connect(edge)
    for i in range(20):
        raw.post(CHAT, body(f"{i} !", stream=bool(i % 2)) if i % 3 else b"{")
    for i in range(20):
        status, _, data = await raw.response()
        assert status == (200 if i % 3 else 400)
        assert not i % 3 or f'"{i} '.encode() in data


async def test_a_request_split_at_every_byte(edge: Edge, connect: Connect) -> None:
    raw = await connect(edge)
    data = json.dumps(body("é中", stream=False)).encode()
    chunked = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (5, data[:5], len(data) - 5, data[5:])
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    for byte in head + chunked:
        raw.send(bytes([byte]))
        await raw.writer.drain()
    assert json.loads((await raw.response())[2])["choices"][0]["message"]["content"] == "é中"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_beyond_the_limit_is_413_and_the_connection_lives(
    edge: Edge, connect: Connect, announced: bool
) -> None:
    raw = await connect(edge)
    size = 50 * 2**20
    if announced:
        raw.send(b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (CHAT.encode(), size))
    else:
        raw.send(b"POST %b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" % CHAT.encode())
        raw.send(b"%x\r\n" % size)
    for _ in range(50):
        raw.send(b"x" * 2**20)
        await raw.writer.drain()
    if not announced:
        raw.send(b"\r\n0\r\n\r\n")
    status, _, data = await raw.response()
    assert (status, json.loads(data)["error"]["param"]) == (413, "messages")
    raw.post(CHAT, body())
    assert (await raw.response())[0] == 200


async def test_five_megabytes_of_text_reach_the_mesh(edge: Edge, http: httpx.AsyncClient) -> None:
    response = await http.post(CHAT, json=body("é" * 5_000_000, max_tokens=1))
    assert response.status_code == 200
    assert len(edge.orchestrator.opened[0].messages[0].parts[0].text) == 5_000_000


async def test_a_body_is_asked_for_when_the_client_waits(edge: Edge, connect: Connect) -> None:
    raw = await connect(edge)
    data = json.dumps(body()).encode()
    raw.send(b"POST %b HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n" % CHAT.encode())
    raw.send(b"Content-Length: %d\r\n\r\n" % len(data))
    assert await raw.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    raw.send(data)
    assert (await raw.response())[0] == 200


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n" + b"X: " + b"x" * 70_000 + b"\r\n", 431),
        (b"GET /" + b"x" * 200_000, 431),
    ],
)
async def test_broken_requests_are_refused_and_closed(
    edge: Edge, connect: Connect, request_bytes: bytes, status: int
) -> None:
    raw = await connect(edge)
    raw.send(request_bytes)
    got, _, data = await raw.response()
    assert (got, set(json.loads(data)["error"])) == (status, {"message", "type", "param", "code"})
    assert await raw.closed()


async def test_old_and_odd_http(edge: Edge, connect: Connect) -> None:
    old = await connect(edge)
    old.send(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert (await old.response())[::2] == (200, b'{"status":"ok"}')
    assert await old.closed()
    streaming = await connect(edge)
    wanted = json.dumps(body(stream=True)).encode()
    streaming.send(b"POST %b HTTP/1.0\r\nHost: localhost\r\n" % CHAT.encode())
    streaming.send(b"Content-Length: %d\r\n\r\n%b" % (len(wanted), wanted))
    status, _, data = await streaming.response()
    assert (status, json.loads(data)["error"]["code"]) == (505, "http_version_not_supported")
    upgrading = await connect(edge)
    upgrading.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    assert (await upgrading.response())[0] == 200
    head = await connect(edge)
    head.send(b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await head.head())[0] == 200
    assert (await head.response())[::2] == (200, b'{"status":"ok"}')


async def test_a_broken_answer_has_no_good_end(connect: Connect) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/late":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"a", "more_body": True})
        raise RuntimeError("secret")

    server = HttpServer(app, EdgeSettings())
    sock = socket.create_server(("127.0.0.1", 0))
    async with asyncio.TaskGroup() as tasks:
        server.start(sock, tasks)
        for path, status, rest in ((b"/early", 500, b""), (b"/late", 200, b"1\r\na\r\n")):
            reader, writer = await asyncio.open_connection(*sock.getsockname())
            raw = Raw(reader, writer)
            raw.send(b"GET %b HTTP/1.1\r\n\r\n" % path)
            got, _ = await raw.head()
            data = await reader.read()
            assert (got, b"secret" in data, b"0\r\n\r\n" in data) == (status, False, False)
            assert not rest or data == rest
            await raw.close()
        await server.drain()


# The other routes.


async def test_models(http: httpx.AsyncClient) -> None:
    models = (await http.get("/v1/models")).json()
    assert (models["object"], [model["id"] for model in models["data"]]) == ("list", [MODEL, "org/other"])
    assert (await http.get("/v1/models/org/other")).json()["id"] == "org/other"
    assert (await http.get("/v1/models/org%2Fother")).json()["id"] == "org/other"
    missing = await http.get("/v1/models/none")
    assert (missing.status_code, error_of(missing)["code"]) == (404, "model_not_found")


async def test_unknown_routes_and_methods(http: httpx.AsyncClient) -> None:
    missing = await http.get("/v2/models")
    assert (missing.status_code, error_of(missing)["code"]) == (404, "unknown_url")
    wrong = await http.get(CHAT)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    error_of(wrong)
    assert (await http.request("PATCH", "/chat/x")).headers["allow"] == "DELETE, GET"


async def test_health_and_readiness(edge: Edge, http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    assert (await http.get("/readyz")).json() == {"status": "ready"}
    edge.inference.ready = {MODEL}
    assert (await http.get("/readyz")).status_code == 200
    edge.inference.ready = {"org/other"}
    response = await http.get("/readyz")
    assert (response.status_code, error_of(response)["code"]) == (503, "engine_unavailable")


async def test_metrics_count_requests(http: httpx.AsyncClient) -> None:
    await http.post(CHAT, json=body())
    text = (await http.get("/metrics")).text
    assert 'tokenloom_edge_requests_total{method="POST",route="/v1/chat/completions",status="200"}' in text


async def test_conversations(edge: Edge, http: httpx.AsyncClient) -> None:
    ids = [(await http.post("/chat", json={"title": f"chat {i}"})).json()["id"] for i in range(3)]
    first = (await http.get("/chats", params={"limit": 2})).json()
    assert [chat["id"] for chat in first["data"]] == ids[:0:-1]
    last = (await http.get("/chats", params={"limit": 2, "after": first["next"]})).json()
    assert ([chat["title"] for chat in last["data"]], last["next"], last["has_more"]) == (["chat 0"], None, False)
    chat = (await http.get(f"/chat/{ids[0]}")).json()
    assert chat["turns"][0]["messages"] == [{"role": "user", "content": "Hi there"}]
    assert chat["turns"][0]["answer"] == {"role": "assistant", "content": "Hello"}
    answer = (await http.post(f"/chat/{ids[0]}/completion", json=body("well met"))).json()
    turn = edge.orchestrator.opened[-1]
    assert (answer["object"], answer["choices"][0]["message"]["content"]) == ("chat.completion", "well met")
    assert (answer["conversation_id"], answer["turn_id"]) == (ids[0], turn.turn_id)
    assert (turn.conversation_id, bool(turn.turn_id)) == (ids[0], True)
    streamed = await http.post(f"/chat/{ids[0]}/completion", json=body(stream=True))
    assert f'"conversation_id":"{ids[0]}"' in streamed.text
    assert (await http.delete(f"/chat/{ids[0]}")).json()["deleted"] is True
    gone = await http.get(f"/chat/{ids[0]}")
    assert (gone.status_code, error_of(gone)["code"]) == (404, "conversation_not_found")
    assert (await http.post("/chat")).status_code == 200


@pytest.mark.parametrize("limit", ["0", "201", "x", "-1", "9" * 5000, "٣", ""])
async def test_a_bad_page_size_is_refused(http: httpx.AsyncClient, limit: str) -> None:
    response = await http.get("/chats", params={"limit": limit})
    assert (response.status_code, error_of(response)["param"]) == (400, "limit")


async def test_the_page_has_a_strict_policy(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]
    again = await http.get("/", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await http.get("/static/app.js")).headers["content-type"] == "text/javascript; charset=utf-8"
    for outside in ("/static/../settings.py", "/static/%2e%2e/settings.py", "/static/nothing.js"):
        assert (await http.get(outside)).status_code == 404


def conforms(value: Any, schema: Any, schemas: dict[str, Any]) -> None:
    """Asserts that a value is what the schema says, and has nothing that it doesn't say."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix("#/components/schemas/")]
    if "anyOf" in schema:
        schema = schema["anyOf"][value is None]
        return conforms(value, schema, schemas)
    if "const" in schema or "enum" in schema:
        assert value in schema.get("enum", [schema.get("const")])
        return None
    names = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
    assert names.get(type(value), "null") in ([schema["type"]] if isinstance(schema["type"], str) else schema["type"])
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value) <= set(schema["properties"])
        for name, field in value.items():
            conforms(field, schema["properties"][name], schemas)
    elif isinstance(value, list):
        for item in value:
            conforms(item, schema["items"], schemas)
    return None


async def test_the_description_is_complete(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    refs = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert refs == set(schemas)
    assert {"messages", "max_completion_tokens", "top_k"} <= set(schemas["ChatRequest"]["properties"])
    nobody = cast(Any, None)
    served = Api(nobody, nobody).routes(Relay(nobody, EdgeSettings()))
    described = {path: {method.upper() for method in methods} for path, methods in document["paths"].items()}
    assert described == {path.replace("+}", "}"): set(methods) for path, methods in served.items()}


async def test_answers_are_as_described(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]

    async def check(method: str, path: str, template: str = "", **request: Any) -> Any:
        response = await http.request(method, path, **request)
        described = document["paths"][template or path][method.lower()]["responses"]["200"]["content"]
        kind = response.headers["content-type"].split(";")[0]
        if response.status_code != 200:
            return conforms(response.json(), {"$ref": "#/components/schemas/ErrorResponse"}, schemas)
        if kind != "text/event-stream":
            conforms(response.json(), described[kind]["schema"], schemas)
            return response.json()
        for event in response.text.split("\n\n")[:-2]:
            conforms(json.loads(event.removeprefix("data: ")), described[kind]["schema"], schemas)
        return None

    chat = (await check("POST", "/chat", json={"title": "t"}))["id"]
    usage = {"stream_options": {"include_usage": True}}
    for extra in ({}, {"logprobs": True, "n": 2}):
        for text in ("two words", script(refusal="No.")):
            await check("POST", CHAT, json=body(text, **extra))
            await check("POST", CHAT, json=body(text, stream=True, **usage, **extra))
            await check("POST", f"/chat/{chat}/completion", "/chat/{id}/completion", json=body(text, **extra))
    for extra in ({}, {"logprobs": 0}):
        await check("POST", "/v1/completions", json={"prompt": "two words", **extra})
        await check("POST", "/v1/completions", json={"prompt": "two words", "stream": True, **usage, **extra})
    await check("GET", "/v1/models")
    await check("GET", f"/v1/models/{MODEL}", "/v1/models/{id}")
    await check("GET", "/v1/models/none", "/v1/models/{id}")
    await check("GET", "/chats")
    await check("GET", f"/chat/{chat}", "/chat/{id}")
    await check("DELETE", f"/chat/{chat}", "/chat/{id}")
    await check("GET", "/healthz")
    await check("GET", "/readyz")


# Who may call.


async def test_pages_of_other_origins_are_kept_out(http: httpx.AsyncClient) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}, {"host": ""}):
        response = await http.get("/v1/models", headers=headers)
        assert (response.status_code, "access-control-allow-origin" in response.headers) == (403, False)
        error_of(response)
    for headers in ({"host": "localhost:1"}, {"host": "[::1]:8080"}, {"origin": "http://localhost:3000"}):
        assert (await http.get("/v1/models", headers=headers)).status_code == 200


async def test_the_key_is_demanded() -> None:
    async with (
        running_edge(TOKENLOOM_API_KEY="sesame") as edge,
        httpx.AsyncClient(base_url=edge.url, trust_env=False) as http,
    ):
        for headers in (
            {},
            {"authorization": "Bearer wrong"},
            {"authorization": "sesame"},
            {"authorization": "Bearer é"},
        ):
            encoded = {name: value.encode("latin-1") for name, value in headers.items()}
            response = await http.post(CHAT, json=body(), headers=encoded)
            assert (response.status_code, error_of(response)["code"]) == (401, "invalid_api_key")
            assert (await http.get("/openapi.json", headers=encoded)).status_code == 401
            assert (await http.get("/nope", headers=encoded)).status_code == 401
        for path in ("/healthz", "/readyz", "/", "/static/app.js"):
            assert (await http.get(path)).status_code == 200
        http.headers["authorization"] = "Bearer sesame"
        assert (await http.post(CHAT, json=body())).status_code == 200
        assert (await http.get("/v1/models", headers={"host": "mesh.example"})).status_code == 200
        assert edge.orchestrator.metadata[0]["authorization"] == "Bearer sesame"


async def test_cors_for_allowed_origins_only() -> None:
    async with (
        running_edge(TOKENLOOM_EDGE_CORS_ORIGINS="https://app.example, https://b.example") as edge,
        httpx.AsyncClient(base_url=edge.url, trust_env=False) as http,
    ):
        asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
        preflight = await http.options(CHAT, headers={"origin": "https://app.example", **asked})
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "https://app.example"
        assert preflight.headers["access-control-allow-headers"] == "authorization"
        answer = await http.get("/v1/models", headers={"origin": "https://b.example"})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://b.example")
        other = await http.options(CHAT, headers={"origin": "https://evil.example", **asked})
        assert (other.status_code, "access-control-allow-origin" in other.headers) == (403, False)


# The end.


async def test_draining_lets_streams_end(connect: Connect) -> None:
    async with running_edge() as edge:
        raw, idle = await connect(edge), await connect(edge)
        raw.post(CHAT, body(script(text="a b c d e f", interval_ms=50), stream=True))
        await raw.head()
        drain = asyncio.create_task(edge.node.drain())
        _ = await idle.closed()
        data = b""
        while chunk := await raw.chunk():
            data += chunk
        assert data.endswith(b"data: [DONE]\n\n")
        assert await raw.closed()
        await drain
        with pytest.raises(ConnectionError):
            await connect(edge)


async def test_draining_drops_what_takes_too_long(connect: Connect) -> None:
    async with running_edge(TOKENLOOM_DRAIN_SECONDS="0.2") as edge:
        raw = await connect(edge)
        raw.post(CHAT, body(script(stall_after=0, text="a"), stream=True))
        await raw.head()
        began = time.monotonic()
        await edge.node.drain()
        assert time.monotonic() - began < 10
        await edge.orchestrator.until("cancelled")


async def test_what_a_drain_cuts_off_is_told_so(connect: Connect) -> None:
    async with running_edge(TOKENLOOM_DRAIN_SECONDS="1") as edge:
        streamed, plain = await connect(edge), await connect(edge)
        streamed.post(CHAT, body(script(stall_after=1, text="a b"), stream=True))
        plain.post(CHAT, body(script(stall_after=1, text="a b")))
        await edge.orchestrator.until("started", 2)
        await streamed.head()
        drain = asyncio.create_task(edge.node.drain())
        status, _, data = await plain.response()
        assert (status, json.loads(data)["error"]["code"]) == (503, "service_unavailable")
        data = b""
        while chunk := await streamed.chunk():
            data += chunk
        assert json.loads(data.split(b"data: ")[-1])["error"]["code"] == "service_unavailable"
        await drain


async def test_many_streams_at_once_stay_apart(edge: Edge, http: httpx.AsyncClient) -> None:
    async def one(i: int) -> None:
        text = " ".join(f"{i}-{k}" for k in range(20))
        response = await http.post(CHAT, json=body(script(text=text), stream=True), timeout=30)
        events = [json.loads(e[6:]) for e in response.text.split("\n\n")[:-2]]
        assert "".join(event["choices"][0]["delta"].get("content", "") for event in events) == text

    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(base_url=edge.url, limits=limits, trust_env=False) as client:
        http = client
        await asyncio.gather(*(one(i) for i in range(64)))

"""`tokenloom chat`, driven as a person drives it."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest

from tests.whole_mesh import ROOT, Mesh, command, environment


class Terminal:
    """A `tokenloom chat` with what it has printed so far."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.printed = b""

    def say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def read_until(self, text: str) -> None:
        """Reads on until something new that holds `text` was printed."""
        assert self.process.stdout
        fresh = b""
        while text.encode() not in fresh:
            byte = self.process.stdout.read(1)
            assert byte, f"it ended after {self.printed.decode()!r}"
            fresh += byte
            self.printed += byte


@pytest.fixture
def terminal(any_mesh: Mesh, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    model = getattr(request, "param", "paced")
    with subprocess.Popen(
        command("chat", "--data-dir", str(any_mesh.data_dir), "--model", model),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        # A reader that waits for what never comes ends with the process.
        timer = threading.Timer(45, process.kill)
        timer.start()
        it = Terminal(process)
        it.read_until("> ")
        yield it
        timer.cancel()
        process.kill()


def test_answers_stream_and_the_end_of_input_leaves(terminal: Terminal) -> None:
    terminal.say("well met")
    terminal.read_until("well met\n\n> ")
    terminal.say("再会")
    terminal.read_until("再会\n\n> ")
    assert terminal.process.stdin
    terminal.process.stdin.close()
    assert terminal.process.wait(10) == 0


def test_an_interrupt_stops_the_answer_and_only_that(terminal: Terminal) -> None:
    terminal.say(json.dumps({"text": "on and ", "repeat": 3000, "interval_ms": 20}))
    terminal.read_until("on and on")
    terminal.process.send_signal(signal.SIGINT)
    terminal.read_until("[stopped]\n\n> ")
    terminal.say("still here")
    terminal.read_until("still here\n\n> ")


@pytest.mark.parametrize("terminal", ["no-such-model"], indirect=True)
def test_an_error_is_shown_and_the_chat_goes_on(terminal: Terminal) -> None:
    for _ in range(2):
        terminal.say("hello")
        terminal.read_until("no-such-model")
        terminal.read_until("]\n\n> ")

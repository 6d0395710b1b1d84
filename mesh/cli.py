"""The `tokenloom` command."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

DATA_DIR = Path("data")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (default: the process's own) and returns its exit code."""
    arguments = _parser().parse_args(argv)
    command: str = arguments.command
    return {"up": _up, "status": _status, "chat": _chat}[command](arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tokenloom", description="A chat-serving mesh in front of Triton.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument(
        "--data-dir", type=Path, default=DATA_DIR, metavar="DIR", help="conversations, logs, locks (default: ./data)"
    )
    up = commands.add_parser("up", parents=[data], help="start the mesh and keep it running")
    up.add_argument("--port", type=_port, default=8080, help="HTTP port (default: 8080; 0: any that is free)")
    up.add_argument("--host", default="127.0.0.1", help="address to serve on; beyond loopback needs TOKENLOOM_API_KEY")
    up.add_argument(
        "--models", type=Path, metavar="FILE", help="serve these models (YAML) instead of the bundled Triton"
    )
    up.add_argument("--split", action="store_true", help="a process a service, instead of one for all")
    status = commands.add_parser("status", parents=[data], help="show each process; exit code 0 if all are healthy")
    status.add_argument("--json", action="store_true", help="for programs")
    chat = commands.add_parser("chat", parents=[data], help="chat in the terminal")
    chat.add_argument("--model", default="", help="which model (default: the first)")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError(text)
    return port


def _up(arguments: argparse.Namespace) -> int:
    from mesh.data_dir import Refused
    from mesh.process import StartFailed
    from mesh.settings import SettingsError
    from mesh.supervisor import Plan, up

    plan = Plan(arguments.host, arguments.port, arguments.data_dir, arguments.models, arguments.split)
    try:
        up(plan, os.environ)
    except (Refused, SettingsError, StartFailed) as error:
        return _fail(str(error))
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from mesh.status import status, table

    report = status(arguments.data_dir)
    sys.stdout.write((json.dumps(report, indent=2) if arguments.json else table(report)) + "\n")
    return 0 if report["ready"] else 1


def _chat(arguments: argparse.Namespace) -> int:
    import grpc

    from mesh.chat import chat
    from mesh.status import running

    state = running(arguments.data_dir)
    if state is None:
        return _fail(f"no mesh runs on {arguments.data_dir.resolve()}: start one with `tokenloom up`")
    addresses = {name: it["addresses"]["grpc"] for it in state["processes"] for name in it["services"]}
    try:
        chat(addresses, arguments.model, os.environ)
    except grpc.RpcError as error:
        return _fail(f"the mesh doesn't answer: {error.details()}")
    return 0


def _fail(line: str) -> int:
    sys.stderr.write(f"tokenloom: {line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())

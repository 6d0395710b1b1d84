"""The `tokenloom` command."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mesh.data_dir import Refused
from mesh.settings import SettingsError


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (default: the process's own) and returns its exit code."""
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # Its C core writes to stderr, also of peers that end.
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except (Refused, SettingsError) as error:
        sys.stderr.write(f"tokenloom: {error}\n")
        return 1


def _run(arguments: argparse.Namespace) -> int:
    """Runs a command, which alone is imported: so each starts as soon as it can."""
    if arguments.command == "up":
        from mesh.supervisor import up

        up(arguments, os.environ)
    elif arguments.command == "chat":
        from mesh.chat import chat

        chat(arguments.data_dir, arguments.model, os.environ)
    else:
        from mesh.status import status, table

        report = status(arguments.data_dir)
        sys.stdout.write((json.dumps(report, indent=2) if arguments.json else table(report)) + "\n")
        return 0 if report["ready"] else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tokenloom", description="A chat-serving mesh in front of Triton.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    data = argparse.ArgumentParser(add_help=False)
    about = "conversations, logs, locks (default: ./data)"
    data.add_argument("--data-dir", type=Path, default=Path("data"), metavar="DIR", help=about)
    up = commands.add_parser("up", parents=[data], help="start the mesh and keep it running")
    up.add_argument("--port", type=_port, default=8080, help="HTTP port (default: 8080; 0: any that is free)")
    up.add_argument("--host", default="127.0.0.1", help="address to serve on; beyond loopback needs TOKENLOOM_API_KEY")
    up.add_argument("--models", type=Path, metavar="FILE", help="serve these (YAML) instead of the bundled Triton")
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


if __name__ == "__main__":
    sys.exit(main())

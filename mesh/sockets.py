"""The sockets that a mesh serves on: the HTTP port that it owns, and loopback ports for all else."""

import contextlib
import ipaddress
import os
import random
import socket
from pathlib import Path

from mesh.data_dir import Refused


def bind(host: str, port: int, *, open_to_others: bool) -> socket.socket:
    """A listening socket; port 0 is any free one. Raises Refused for a taken port, or a host open to others unasked."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, *_, address = min(found, key=lambda info: info[0] != socket.AF_INET)
        if not (open_to_others or ipaddress.ip_address(address[0]).is_loopback):
            why = f"the host {host} can be reached from elsewhere"
            raise Refused(f"{why}: set TOKENLOOM_API_KEY, or use --host 127.0.0.1")
        both = family == socket.AF_INET6
        return socket.create_server(address, family=family, backlog=1024, dualstack_ipv6=both)
    except socket.gaierror as error:
        raise Refused(f"the host {host} is unknown: {error.strerror}") from error
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise Refused(f"port {port} on {host} can't be used: {reason} (give --port another one)") from error


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on, below those that the system gives to outgoing connections.

    So none is lost to a connection while its server restarts, and a client that waits for it can't reach itself.
    """
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    candidates = range(max(1024, lowest - 16_384), max(lowest, 2048))  # On some systems that range begins at 1024.
    found: list[int] = []
    for port in random.sample(candidates, k=len(candidates)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            break
    return found

"""What of the edge can be set, by TOKENLOOM_EDGE_<NAME>; docs/settings.md says more."""

from dataclasses import dataclass

from mesh.settings import Count, Seconds


@dataclass(frozen=True)
class EdgeSettings:
    """Settings of the edge; times are in seconds, sizes in bytes."""

    host: str = "127.0.0.1"  # Where to listen, when no socket is inherited.
    port: int = 8080  # Likewise; 0 takes a free one.
    http_fd: int | None = None  # An inherited listening socket's descriptor.
    cors_origins: str = ""  # Origins whose pages may call this server, separated by commas.
    max_body_bytes: Count = 16 * 1024 * 1024  # A larger request body is refused with 413.
    request_seconds: Seconds = 30.0  # A request that hasn't arrived whole after this long is refused with 408.
    write_seconds: Seconds = 30.0  # A client that reads nothing for this long is dropped, and its turn cancelled.
    keepalive_seconds: Seconds = 10.0  # A stream silent for this long gets an SSE comment.
    turn_seconds: Seconds = 600.0  # The time budget of each turn; at most 3600.

"""A collector of OTLP traces that throws them away: `python -m bench.sink` prints its port."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc


class _Any(grpc.GenericRpcHandler):
    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        return grpc.unary_unary_rpc_method_handler(lambda request, context: b"")


def main() -> None:
    """Serves until it is ended."""
    server = grpc.server(ThreadPoolExecutor(1), handlers=[_Any()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()

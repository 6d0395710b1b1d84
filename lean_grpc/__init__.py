"""A lean gRPC client for one kind of call, a request and then a stream of messages; it knows nothing of who uses it."""

"""HTTP and SSE for OpenAI clients and the chat page, spoken to the mesh as gRPC streams."""

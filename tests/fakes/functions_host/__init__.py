"""An offline, in-memory Durable host that executes generated function apps."""

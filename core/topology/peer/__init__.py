"""multipers, an optional peer: in a process of its own interpreter, never in ours."""

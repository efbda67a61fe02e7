"""How two networks are connected: curves and lines between them, and what they pass over."""

"""Checkpoints that a person brought: reading them with their data, and measuring them."""

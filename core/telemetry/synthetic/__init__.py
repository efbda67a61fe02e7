"""Telemetry with known causes, and chaotic flows: what the pipeline can be scored on."""

"""Telemetry: where it misbehaves, and which parameters explain it.

Importing this package is cheap: each name below is loaded from its module when it is first used.
"""

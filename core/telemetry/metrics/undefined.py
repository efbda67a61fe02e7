"""The error of a metric that has no value for its input."""

from core.errors import BadInput


class Undefined(BadInput):
    """The metric isn't defined here (no event, nothing but events, no alarm, ...); the message is the reason."""

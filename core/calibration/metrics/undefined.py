"""The error of a metric that has no value for its input."""


class Undefined(ValueError):
    """The metric isn't defined here (no wrong answers, one sample, ...); the message is the reason."""

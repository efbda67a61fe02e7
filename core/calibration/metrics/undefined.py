"""The error of a metric that has no value for its input."""


class Undefined(ValueError):  # noqa: N818 - a reason, named like the other errors a person reads
    """The metric isn't defined here (no wrong answers, one sample, ...); the message is the reason."""

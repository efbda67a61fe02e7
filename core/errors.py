"""The errors that a person is meant to read: one sentence with what, where, what was expected and what to do."""


class BadInput(ValueError):
    """What a person handed in (file, parameter, address) can't be used. The message is shown as it is."""


class TooLarge(BadInput):
    """The work needs more memory, time or space than this installation allows. The message is shown as it is."""


class TooSlow(BadInput):
    """What was to be sent did not come. The message is shown as it is."""


class TooOften(BadInput):
    """This was asked more often than this installation takes. The message is shown as it is.

    Attributes:
        seconds: until it would be taken.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class NotFound(LookupError):
    """No such thing for this person: absent, expired, revoked and forbidden all look the same."""

    def __init__(
        self, message: str = "Not found. The link may be wrong, expired or revoked; ask its owner for another."
    ) -> None:
        super().__init__(message)


class StepFailed(RuntimeError):
    """A step of an analysis failed in a way that its job can explain in plain words."""


class Unavailable(RuntimeError):
    """Something that Assay itself needs does not answer at the moment; nothing is wrong with what was asked.

    The message is shown as it is.
    """

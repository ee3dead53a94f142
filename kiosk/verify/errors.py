"""What can be wrong with a code before any signature is looked at."""

from kiosk.domain.reasons import Reason


class MalformedError(ValueError):
    """The bytes are not what their format says; `reason` is the stable code."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason

"""The errors people can read: a stable code for programs, a Swedish sentence that says what to do next."""

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal with a reason. `field` names the form field it belongs to, if any."""

    code = "refused"

    def __init__(self, message: str | Promise, *, code: str = "", field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.code = code or type(self).code
        self.field = field


class StaleState(DomainError):
    """Somebody else changed the row first."""

    code = "stale_state"


class MoveRefused(DomainError):
    """The row cannot go from its present state to the one asked for."""

    code = "move_refused"

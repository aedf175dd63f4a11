"""Errors that leave the hub: a caller's mistake or a broken world, never an expected outcome.

HubError
├── InvalidRequest        400  invalid_request, or the code of what was refused
│   └── RefusedContent    4xx  the code of the refusal (unreadable original, wrong type, too large)
├── NotAuthenticated      401  not_authenticated
├── NotAllowed            403  not_allowed   (the caller's own scope, never a child's existence)
├── NotFound              404  not_found     (absent and denied look the same)
├── Conflict              409  conflict
├── TooManyRequests       429  too_many_requests
└── SourceUnavailable     503  unavailable   (LogRolledBack: the database is an older one)
"""

from typing import ClassVar


class HubError(Exception):
    """Something went wrong in the hub."""

    status: int = 500
    code: str = "internal_error"
    title: ClassVar[str] = "the hub could not do this"

    def __init__(self, message: str | None = None, *, where: str | None = None) -> None:
        super().__init__(message or self.title)
        self.where = where


class InvalidRequest(HubError):
    """The request cannot be understood."""

    status = 400
    code = "invalid_request"
    title = "the request cannot be understood"

    def __init__(
        self, message: str | None = None, *, where: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, where=where)
        self.code = code or self.code


class RefusedContent(InvalidRequest):
    """What was sent was refused as a whole; the original is kept when the sender is known."""

    def __init__(
        self, message: str, *, status: int, code: str, where: str, receipt: str | None
    ) -> None:
        super().__init__(message, where=where, code=code)
        self.status = status
        self.receipt = receipt


class NotAuthenticated(HubError):
    """The caller is not authenticated."""

    status = 401
    code = "not_authenticated"
    title = "sign in and try again"


class NotAllowed(HubError):
    """The caller's own token or role does not reach this operation."""

    status = 403
    code = "not_allowed"
    title = "this token does not reach this operation"


class NotFound(HubError):
    """Nothing to share; absent and denied look the same on purpose."""

    status = 404
    code = "not_found"
    title = "there is nothing here that can be shared with you"


class Conflict(HubError):
    """The request conflicts with what the hub holds."""

    status = 409
    code = "conflict"
    title = "the request conflicts with an earlier one"


class TooManyRequests(HubError):
    """The caller asks more often than agreed; asking again later is safe."""

    status = 429
    code = "too_many_requests"
    title = "you ask too often; wait a moment"


class SourceUnavailable(HubError):
    """A part of the hub that this needs does not answer now."""

    status = 503
    code = "unavailable"
    title = "the hub cannot do this right now; try again in a moment"

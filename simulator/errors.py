"""Errors as the real server words them."""


class ApiError(Exception):
    """A refusal of the Bot API: code, description, parameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(what: str) -> ApiError:
    """Give a 400 in the server's words."""
    return ApiError(400, f"Bad Request: {what}")


def forbidden(what: str) -> ApiError:
    """Give a 403 in the server's words."""
    return ApiError(403, f"Forbidden: {what}")


def conflict(what: str) -> ApiError:
    """Give a 409 in the server's words."""
    return ApiError(409, f"Conflict: {what}")


def too_many(seconds: int) -> ApiError:
    """Give a 429 with its retry_after, in seconds."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def body_of(error: ApiError) -> dict[str, object]:
    """Give the JSON of a refusal."""
    body: dict[str, object] = {"ok": False, "error_code": error.code, "description": error.description}
    return {**body, "parameters": error.parameters} if error.parameters else body

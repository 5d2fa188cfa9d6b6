"""Logs: lines on stderr, ids only, tokens cut out whoever writes them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from copy import copy
from typing import Any

import structlog

TOKEN = re.compile(r"(bot)?\d{1,20}:[A-Za-z0-9_-]{30,}")


def redact(text: str) -> str:
    """Cut bot tokens out of a text."""
    return TOKEN.sub("<token>", text)


def _redacted(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _without_tokens(value) for key, value in event.items()}


def _without_tokens(value: Any) -> Any:
    """Keep numbers as they are; anything else is shown as words that can be searched for tokens."""
    return value if value is None or isinstance(value, int | float) else redact(str(value))


class Redacting(logging.Formatter):
    """The formatter of everybody else's log lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record with tokens cut out; tracebacks of libraries may hold payloads, so only names."""
        record = copy(record)  # it belongs to every other handler as well
        if record.exc_info and record.exc_info[0] is not None:
            record.msg = f"{record.getMessage()} ({record.exc_info[0].__name__})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return redact(super().format(record))


def set_up_logs() -> None:
    """Send everything to stderr: our own lines by structlog, the libraries' from WARNING up."""
    logging.raiseExceptions = False  # a line that cannot be written is not written with its arguments instead
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            _redacted,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

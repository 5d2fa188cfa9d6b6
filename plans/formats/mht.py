"""Web pages in one file (mht): a letter whose first page is the document."""

from email import message_from_bytes

from plans.formats.html import read_page
from plans.grid import Grid
from plans.plan import Unreadable


def read(data: bytes) -> Grid:
    """Read the page of a web archive; its pictures are left alone. Raises Unreadable, TooLarge."""
    for part in message_from_bytes(data).walk():
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            if isinstance(page, bytes) and page.strip():
                return read_page(page, part.get_content_charset())
    raise Unreadable

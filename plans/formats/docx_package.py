"""The container of a Word document: its parts, and how they name one another."""

import io
import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from plans.plan import Unreadable

RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
TYPES = "[Content_Types].xml"
MAIN = (b"wordprocessingml", b"main+xml")  # what the types say of a document and of a template
OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/"
# «Strict» documents name the same things otherwise.
STRICT_SIGN = b"http://purl.oclc.org/ooxml/"
STRICT = (
    (
        STRICT_SIGN + b"wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (STRICT_SIGN + b"officeDocument/relationships", OFFICE + b"relationships"),
    (STRICT_SIGN + b"officeDocument/math", OFFICE + b"math"),
)


@dataclass(frozen=True)
class Relation:
    """A part that another one names: what for («numbering»), and its name."""

    kind: str
    target: str


class Package:
    """A container that is open. Its methods raise what zipfile and lxml raise on damaged ones."""

    def __init__(self, data: bytes) -> None:
        self._packed = zipfile.ZipFile(io.BytesIO(data))
        self._names = {name.casefold(): name for name in self._packed.namelist()}

    def main(self) -> str:
        """Give the name of the part with the document itself. Raises Unreadable."""
        types = self.part(TYPES)
        if not all(word in types for word in MAIN):
            raise Unreadable
        related = self.relations("").values()
        return next((one.target for one in related if one.kind == "officeDocument"), "word/document.xml")

    def part(self, name: str) -> bytes:
        """Give a part as it is. Raises KeyError."""
        return self._packed.read(self._names[name.casefold()])

    def tree(self, name: str) -> etree._Element:
        """Give a part of XML, a strict one with the usual names. Raises KeyError, XMLSyntaxError."""
        part = self.part(name)
        if STRICT_SIGN in part:
            for strict, usual in STRICT:
                part = part.replace(strict, usual)
        return etree.fromstring(part, _parser())

    def relations(self, name: str) -> Mapping[str, Relation]:
        """Give the parts inside the container that a part names, by the id it calls them."""
        folder, own = posixpath.split(name)
        listed = posixpath.join(folder, "_rels", f"{own}.rels")
        if listed.casefold() not in self._names:
            return {}
        return {
            one.get("Id", ""): Relation(
                one.get("Type", "").rpartition("/")[2], _inside(folder, one.get("Target", ""))
            )
            for one in self.tree(listed).iterchildren(RELATIONSHIP)
            if one.get("TargetMode") != "External"
        }


def _inside(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )

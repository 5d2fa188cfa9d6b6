"""The common form that every file format is read into: texts and tables in their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Cell:
    """One place of a table; a merged cell has its text in its first place only.

    ``beside`` marks the rest of a cell merged to the right, ``below`` of one merged downwards.
    """

    text: str = ""
    beside: bool = False
    below: bool = False


@dataclass(frozen=True)
class TextBlock:
    """A paragraph as printed; lines of it are separated by newlines. ``line`` counts from 1."""

    text: str
    line: int | None = None

    @property
    def joined(self) -> str:
        """The paragraph on one line."""
        return " ".join(self.text.split())


@dataclass(frozen=True)
class TableBlock:
    """Rows of cells, each text on one line; ``line`` is where the table begins in a text file."""

    rows: tuple[tuple[Cell, ...], ...]
    line: int | None = None

    @classmethod
    def of_texts(cls, rows: Iterable[Iterable[str]], line: int | None = None) -> Self:
        """Make a table of a format that knows no merged cells."""
        return cls(tuple(tuple(Cell(" ".join(text.split())) for text in row) for row in rows), line)

    @property
    def words(self) -> str:
        """All words of the table: a line for each row."""
        return "\n".join(" ".join(cell.text for cell in row if cell.text) for row in self.rows)


Block = TextBlock | TableBlock


@dataclass(frozen=True)
class Grid:
    """A file: its blocks in order."""

    blocks: tuple[Block, ...]

    @property
    def texts(self) -> tuple[TextBlock, ...]:
        """Only the paragraphs."""
        return tuple(block for block in self.blocks if isinstance(block, TextBlock))

    @property
    def everything(self) -> str:
        """All words of the file, tables included."""
        return "\n".join(block.text if isinstance(block, TextBlock) else block.words for block in self.blocks)

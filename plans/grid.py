"""The common form that every file format is read into: texts and tables in their order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TextBlock:
    """A paragraph as printed; lines of it are separated by newlines."""

    text: str

    @property
    def joined(self) -> str:
        """The paragraph on one line."""
        return " ".join(self.text.split())


@dataclass(frozen=True)
class TableBlock:
    """Rows of cells; a merged cell has its text in its first place and empty cells after it."""

    rows: tuple[tuple[str, ...], ...]


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
        parts: list[str] = []
        for block in self.blocks:
            if isinstance(block, TextBlock):
                parts.append(block.text)
            else:
                parts.extend(" ".join(row) for row in block.rows)
        return "\n".join(parts)

"""Bytes that lie whole in our store."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class StoredFile(Base):
    """A file of DATA_DIR, named by its SHA-256; the row is written after the bytes."""

    __tablename__ = "stored_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    stored_at: Mapped[datetime]

"""Remembering: tables, constraints, sessions and the engine's manners."""

from sqlalchemy.ext.asyncio import AsyncSession as Session

from models import assignments, files, letters, machinery, organisations, people, roadmaps
from models.base import Base

__all__ = [
    "Base",
    "Session",
    "assignments",
    "files",
    "letters",
    "machinery",
    "organisations",
    "people",
    "roadmaps",
]

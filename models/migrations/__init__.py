"""Versions of the schema, written by alembic."""

"""Hostile files by kind, each made when it is needed, with what must become of it."""

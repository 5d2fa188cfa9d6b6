"""Figures out: documents. Pure, run in a child process."""

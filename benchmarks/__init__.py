"""Ratios against floors and peers, one command: ``make bench``."""

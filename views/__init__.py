"""Saying: facts in, screens out; every Russian word of a message lives here."""

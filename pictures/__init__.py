"""A picture in; a clean one, its print and its likeness to others out.

Pure: no database, no Telegram, no clock.
"""

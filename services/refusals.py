"""Refusals: exceptions that carry facts; views turn them into words."""


class Refusal(Exception):
    """Something that may not be done; nothing half-done stays."""


class NotFound(Refusal):
    """No such thing for this person: missing and foreign look the same."""

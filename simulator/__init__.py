"""A Telegram on this machine: the Bot API over HTTP, people, and a page with their phones."""

from simulator.people import Album, Group, Kind, Media, Origin, Person
from simulator.server import Simulator

__all__ = ["Album", "Group", "Kind", "Media", "Origin", "Person", "Simulator"]

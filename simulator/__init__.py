"""A Telegram on this machine: the Bot API over HTTP, people, and a page with their phones."""

from simulator.people import Group, Person
from simulator.server import Simulator

__all__ = ["Group", "Person", "Simulator"]

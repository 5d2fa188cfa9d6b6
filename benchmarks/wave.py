"""A wave: how much of Telegram's limit it used, what was refused, how long answers to people waited."""

from dataclasses import dataclass

from benchmarks.telegram import LIMIT


@dataclass(frozen=True)
class Wave:
    """What became of a wave: messages, the seconds until the last message arrived at the server, refusals.

    ``waits`` are the seconds from the writing of an answer to a person to the record of its delivery,
    ``cpu`` the seconds of the processor that one message took us.
    """

    what: str
    messages: int
    seconds: float
    refusals: int
    waits: tuple[float, ...] = ()
    cpu: float = 0.0

    @property
    def share(self) -> float:
        """Give the share of the limit's rate; the first second may take a whole limit at once."""
        return (self.messages - LIMIT) / (self.seconds - 1) / LIMIT

    def waited(self, share: float) -> float:
        """Give the seconds within which such a share of the answers was delivered."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))]

    def __str__(self) -> str:
        """Print the share, the refusals and the waits."""
        line = f"{self.what:<40} {self.share:>6.1%} of {LIMIT}/s {self.refusals:>6} refused"
        if self.cpu:
            line += f"  {self.cpu * 1000:.1f} ms each"
        if self.waits:
            line += f"  answers p50 {self.waited(0.5):.2f} s, p99 {self.waited(0.99):.2f} s"
        return line

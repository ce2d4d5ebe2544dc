"""Two desks side by side: two states that trust each other's cards."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from tests.cli.desk import RECORD, Desk, answer

SV = (
    *("init", "book", "--name", "sv.example/book", "--state", "SV"),
    *("--clerk", "clerk-01", "--zone", "America/El_Salvador"),
)
US = (
    *("init", "book", "--name", "us.example/book", "--state", "US"),
    *("--clerk", "clerk-07", "--zone", "America/Chicago"),
)
ARRIVED = ("receive", "--unannounced", "--from", "US", "--persons", "17")
BOTH = {"us": US, "sv": SV}


def opened(folder: Path) -> tuple[Desk, Desk]:
    """Return two desks with a book each, in `us` and `sv` of a folder."""
    desks = []
    for name, init in BOTH.items():
        (folder / name).mkdir()
        desk = Desk(folder / name)
        desk.write_passphrase()
        desk.done(*init)
        desks.append(desk)
    us, sv = desks
    return us, sv


def mark_of(desk: Desk, card: str) -> str:
    """Return the fingerprint of the key that signed a card."""
    return str(answer(desk, "verify", card, code=13)["fingerprint"])


def befriend(us: Desk, sv: Desk) -> None:
    """Hand over the cards; each one's outbox is the other's inbox."""
    for desk in (us, sv):
        desk.done("card", "--out", "own.card")
    for desk, other in ((us, sv), (sv, us)):
        card = str(other.folder / "own.card")
        desk.done(
            *("peer", "add", card, "--fingerprint", mark_of(desk, card)),
            *("--inbox", str(other.folder / "out"), "--outbox", "out"),
        )


def moved(folder: Path, place: Path, *, now: datetime) -> tuple[Desk, Desk]:
    """Return two befriended desks of a folder, copied to another place.

    Args:
        folder: Where both were made; it is only read.
        place: Where the copies go.
        now: The clock there.
    """
    us, sv = (
        Desk(shutil.copytree(folder / name, place / name), now=now) for name in BOTH
    )
    for desk, other in ((us, sv), (sv, us)):
        # A card that is known needs no fingerprint: only the ways are other ones.
        desk.done(
            *("peer", "add", str(other.folder / "own.card")),
            *("--inbox", str(other.folder / "out"), "--outbox", "out"),
        )
    return us, sv


def later(*desks: Desk, hours: int = 1) -> None:
    """Let some hours pass at every desk."""
    for desk in desks:
        desk.now += timedelta(hours=hours)


def depart(desk: Desk) -> None:
    """Record a departure, some days after it happened."""
    desk.now = max(desk.now, desk.now.replace(day=20))
    desk.done(*RECORD)

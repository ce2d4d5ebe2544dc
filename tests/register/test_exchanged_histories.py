"""Simulated months between two states, honest and attacked, from seeds.

Each is honest first: files are lost, repeated and reordered, and no alarm is raised.
Then one state is attacked, and the next exchange says so: at the state that is shown
the other history, or at the one whose book is not what its peer cosigned.
`TRANSFER_LEDGER_HISTORIES=3000 pytest tests/register/test_exchanged_histories.py`.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from shutil import rmtree

import pytest
from typing_extensions import override

from ledger.errors import IncompleteError, LedgerError, RewrittenError, SignatureError
from ledger.register.mirroring import Taken
from ledger.register.peering import card_data
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from tests.office import Office
from tests.register.neighbours import Packet, Receiver, card_of, packet, sv
from tests.register.stored import garbage, image_of, keep, make, opened, places

HISTORIES = int(os.environ.get("TRANSFER_LEDGER_HISTORIES", "200"))
SEED = 20261124
MOST_STEPS = 5
FEWEST = 2
"""Entries that are cosigned at least, so that there is something to attack."""


IMAGES: dict[str, bytes] = {}


@dataclass
class Place(Receiver):
    """A state whose database is a copy of one that was made once: so it is quicker."""

    @override
    def __post_init__(self) -> None:
        self.there = places(self.folder)
        self.office.write("peer", card_data(card_of(self.sender)))
        book = self.office.book
        if book not in IMAGES:
            IMAGES[book] = image_of(self.office)
        self.there.database.write_bytes(IMAGES[book])


class Month:
    """Two states that exchange their books, and what goes wrong on the way."""

    def __init__(self, folder: Path, chance: Random) -> None:
        rmtree(folder, ignore_errors=True)
        for name in ("us", "sv"):
            (folder / name).mkdir(parents=True)
        self.chance = chance
        office, other = Office(), sv()
        self.us = Place(folder / "us", other, office)
        self.sv = Place(folder / "sv", office, other)
        self.sent: dict[str, list[Packet]] = {"us": [], "sv": []}
        self.answers: dict[str, tuple[bytes, ...]] = {"us": (), "sv": ()}
        self.cosigned = 0

    def other(self, name: str) -> str:
        return "sv" if name == "us" else "us"

    def at(self, name: str) -> Receiver:
        return self.us if name == "us" else self.sv

    def write(self, name: str) -> None:
        """Let clerks record something, sometimes a void entry round the program."""
        office = self.at(name).office
        for _ in range(self.chance.randrange(1, 4)):
            if self.chance.random() < 0.1:
                office.put(garbage(self.chance.randrange(10**6)))
            elif name == "us":
                office.transfer()
            else:
                office.remark(0)
        with opened(self.at(name).there) as register:
            keep(register.journal, office)

    def offer(self, name: str, *, start: int | None = None) -> Packet:
        """Return what a state sends: from where it likes, with its cosignature."""
        office = self.at(name).office
        if start is None:
            start = self.chance.choice((0, 0, len(office.notes) - 1))
        made = packet(office, start)
        made.answers = self.answers[name]
        return made

    def receive(self, name: str, made: Packet) -> Taken | None:
        """Let a state take what came, and cosign it; None where it must wait."""
        place = self.at(name)
        try:
            taken = place.take(made)
        except IncompleteError:
            return None
        if taken.evidence is None:
            done = place.cosign()
            assert done is not None
            self.answers[name] = (done.note,)
            if name == "sv":
                self.cosigned = done.size
        return taken

    def step(self) -> None:
        """Let something honest happen; nothing of it may raise an alarm."""
        name = self.chance.choice(("us", "sv"))
        if self.chance.random() < 0.8:
            self.write(name)
        made = self.offer(name)
        self.sent[name].append(made)
        fate = self.chance.random()
        if fate < 0.2:
            return  # lost
        if fate < 0.4:
            made = self.chance.choice(self.sent[name])  # an older one, once more
        taken = self.receive(self.other(name), made)
        assert taken is None or taken.evidence is None

    def settled(self) -> None:
        """Let both states know of each other's cosignature."""
        for name in ("us", "sv"):
            self.receive(self.other(name), self.offer(name, start=0))


def rebuilt(office: Office, size: int) -> Office:
    """Return an office with the same keys and the first entries of another one."""
    other = Office()
    for note in office.notes[1:size]:
        other.put(note)
    other.now = office.now
    return other


def forged(month: Month, *, size: int) -> tuple[Office, int]:
    """Return another history of so many entries, and where it leaves the first."""
    fork = month.chance.randrange(1, month.cosigned)
    office = rebuilt(month.us.office, fork)
    while len(office.notes) < size:
        persons = month.chance.randrange(1, 900)
        office.transfer(persons={"n": persons, "qualifier": "exact"})
    return office, fork


def rewrite(month: Month) -> bool:
    """Rewrite cosigned entries with every key of the state, and go on."""
    more = month.chance.randrange(1, 4)
    office, fork = forged(month, size=month.cosigned + more)
    return alarmed(month.sv, packet(office, month.chance.randrange(fork + 1)))


def fork(month: Month) -> bool:
    """Show a checkpoint of the size that was cosigned, of another history."""
    office, _ = forged(month, size=month.cosigned)
    return alarmed(month.sv, packet(office, 0))


def partial(month: Month) -> bool:
    """Send entries beyond the fork alone: they cannot lead to the signed root."""
    office, _ = forged(month, size=month.cosigned + 2)
    return alarmed(month.sv, packet(office, month.cosigned))


def stolen_log_key(month: Month) -> bool:
    """Sign, with the log key alone, entries that no clerk ever signed."""
    office = rebuilt(month.us.office, month.cosigned)
    office.notes[month.chance.randrange(1, month.cosigned)] = garbage(1)
    office.notes.append(garbage(2))
    return alarmed(month.sv, packet(office, 0))


def invented_root(month: Month) -> bool:
    """Sign, with the log key, a root that no entries lead to."""
    office = month.us.office
    made = packet(office, 0)
    other = Checkpoint(office.book, len(office.notes), merkle.leaf_hash(b"x"))
    made.checkpoint = sign_checkpoint(other, office.keys["log"])
    return alarmed(month.sv, made)


def cut_tail(month: Month) -> bool:
    """Cut entries that the other state cosigned, and the memory of them."""
    return alarmed(put_back(month, more=0), month.offer("sv", start=0))


def old_backup(month: Month) -> bool:
    """Put an old backup back, without a memory, and go on recording."""
    more = month.chance.randrange(1, 9)
    return alarmed(put_back(month, more=more), month.offer("sv", start=0))


def put_back(month: Month, *, more: int) -> Receiver:
    size = month.chance.randrange(2, month.cosigned)
    office = rebuilt(month.us.office, size)
    for _ in range(more):
        office.transfer(persons={"n": 901, "qualifier": "exact"})
    place = month.us
    rmtree(place.there.state, ignore_errors=True)
    place.there.database.unlink()
    make(office, place.there.database).close()
    place.office = office
    return place


def replay(month: Month) -> bool:
    """Send every file of the past once more: nothing moves backwards."""
    before = month.sv.rows()
    for made in month.sent["us"]:
        month.receive("sv", made)
    return month.sv.rows()[: len(before)] == before


def alarmed(place: Receiver, made: Packet) -> bool:
    """Return whether an offer is refused as another history, or becomes evidence."""
    before = place.rows()
    try:
        taken = place.take(made)
    except (RewrittenError, SignatureError):
        caught = True
    else:
        caught = taken.evidence is not None
    return caught and place.rows() == before


ATTACKS: tuple[Callable[[Month], bool], ...] = (
    *(rewrite, fork, partial, stolen_log_key, invented_root),
    *(cut_tail, old_backup, replay),
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_caught_at_the_next_exchange_and_no_alarm_is_false(
    tmp_path: Path, attack: Callable[[Month], bool]
) -> None:
    first = SEED + HISTORIES * ATTACKS.index(attack)
    for seed in range(first, first + HISTORIES // len(ATTACKS)):
        chance = Random(seed)  # noqa: S311 (nothing here is secret)
        month = Month(tmp_path / "month", chance)
        try:
            for _ in range(chance.randrange(2, MOST_STEPS)):
                month.step()
            month.write("us")
            month.settled()
        except LedgerError as error:
            pytest.fail(f"false alarm in history {seed}: {error}")
        assert month.cosigned > FEWEST, "too little was exchanged to attack it"
        assert attack(month), f"nobody noticed in history {seed}"


def test_control_an_attack_on_what_was_never_exchanged_is_not_seen(
    tmp_path: Path,
) -> None:
    month = Month(tmp_path / "month", Random(SEED))  # noqa: S311 (as above)
    month.write("us")
    month.settled()
    office = rebuilt(month.us.office, month.cosigned)
    office.transfer(persons={"n": 7, "qualifier": "exact"})

    assert not alarmed(month.sv, packet(office, 0))

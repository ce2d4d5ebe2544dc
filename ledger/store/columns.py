"""Long columns of small numbers: what is kept of each entry of a long book, packed.

A history looks things up by entry and by reference. In dictionaries of Python a book
of a million entries would fill gigabytes; here an entry takes about fifty bytes.
"""

from array import array
from collections.abc import Iterator, MutableMapping
from typing import TypeVar

from typing_extensions import override

K = TypeVar("K")
V = TypeVar("V")

_ROOM = 65_536  # numbers that a column may leave out at once
_LARGEST = 2**63 - 1  # what eight bytes hold


class Growing(MutableMapping[K, V]):
    """A mapping to which things are added; what is there stays."""

    @override
    def __delitem__(self, name: K) -> None:
        """Refuse."""
        raise TypeError

    @override
    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)


class Column:
    """Whole numbers by number, from 0 on, 8 bytes each; 0 where there is none.

    A number far beyond the others, or one that eight bytes do not hold, is kept aside:
    only somebody's hand can have put it there.
    """

    __slots__ = ("_dense", "_far")

    def __init__(self) -> None:
        self._dense = array("q")
        self._far: dict[int, int] = {}

    def __getitem__(self, number: int) -> int:
        """Return what is kept under a number."""
        if number in self._far:
            return self._far[number]
        return self._dense[number] if 0 <= number < len(self._dense) else 0

    def __setitem__(self, number: int, value: int) -> None:
        """Keep something under a number."""
        dense, far = self._dense, self._far
        if value > _LARGEST:
            far[number] = value
        elif 0 <= number < len(dense):
            far.pop(number, None)
            dense[number] = value
        elif 0 <= number <= len(dense) + _ROOM and number <= 2 * len(dense) + _ROOM:
            between = (far.get(n, 0) for n in range(len(dense), number))
            dense.extend(0 if kept > _LARGEST else kept for kept in between)
            dense.append(value)
            for n in [n for n in far if n <= number and far[n] <= _LARGEST]:
                del far[n]
        else:
            far[number] = value

    def __iter__(self) -> Iterator[int]:
        """Return the numbers under which something is kept, in order."""
        dense = (number for number, value in enumerate(self._dense) if value)
        yield from sorted({*dense, *self._far}) if self._far else dense


class ByRef:
    """Numbers by reference: a column for each letter (`T-1`, `R-1`, `I-1`, `#1`).

    What stands in another book has a column for that book (`@us.example/book#1`).
    """

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}

    def __getitem__(self, ref: str) -> int:
        """Return what is kept under a reference; 0 if nothing is."""
        head, number = _parts(ref)
        column = self._columns.get(head)
        return 0 if column is None else column[number]

    def __setitem__(self, ref: str, value: int) -> None:
        """Keep something under a reference."""
        head, number = _parts(ref)
        self._columns.setdefault(head, Column())[number] = value

    def __iter__(self) -> Iterator[str]:
        """Return the references under which something is kept."""
        for head, column in self._columns.items():
            yield from (f"{head}{number}" for number in column)


def _parts(ref: str) -> tuple[str, int]:
    """Return what comes before the number of a reference, and the number."""
    sign = "-" if ref[0] in "TRI" else "#"
    head, _, number = ref.rpartition(sign)
    return head + sign, int(number)


class Subjects(Growing[int, tuple[str, ...]]):
    """The references that each entry concerns, as text end to end."""

    def __init__(self) -> None:
        self._begin = Column()
        self._text = bytearray(b"\n")

    @override
    def __getitem__(self, seq: int) -> tuple[str, ...]:
        """Return the references that an entry concerns."""
        begin = self._begin[seq]
        if not begin:
            raise KeyError(seq)
        end = self._text.index(b"\n", begin)
        return tuple(self._text[begin:end].decode("ascii").split())

    @override
    def __setitem__(self, seq: int, refs: tuple[str, ...]) -> None:
        """Keep the references that an entry concerns."""
        self._begin[seq] = len(self._text)
        self._text += f"{' '.join(refs)}\n".encode("ascii")

    @override
    def __iter__(self) -> Iterator[int]:
        """Return the entries that are known, in order."""
        return iter(self._begin)


class Threads(Growing[str, list[int]]):
    """The entries that concern a reference: each knows the one before it."""

    def __init__(self) -> None:
        self._last = ByRef()
        self._seqs = array("q", [0])
        self._before = array("q", [0])

    @override
    def setdefault(self, ref: str, default: list[int] | None = None) -> list[int]:
        """Return the end of a thread: all that can be done is to append to it."""
        return _End(self, ref)

    def put(self, ref: str, seq: int) -> None:
        """Add an entry that concerns a reference."""
        self._before.append(self._last[ref])
        self._last[ref] = len(self._seqs)
        self._seqs.append(seq)

    @override
    def __getitem__(self, ref: str) -> list[int]:
        """Return the entries that concern a reference, in the order they came."""
        place = self._last[ref]
        if not place:
            raise KeyError(ref)
        found = []
        while place:
            found.append(self._seqs[place])
            place = self._before[place]
        found.reverse()
        return found

    @override
    def __setitem__(self, ref: str, seqs: list[int]) -> None:
        """Add entries that concern a reference."""
        for seq in seqs:
            self.put(ref, seq)

    @override
    def __iter__(self) -> Iterator[str]:
        """Return every reference that some entry concerns."""
        return iter(self._last)


class _End(list[int]):
    """The end of a thread."""

    def __init__(self, threads: Threads, ref: str) -> None:
        super().__init__()
        self._threads, self._ref = threads, ref

    @override
    def append(self, seq: int) -> None:
        """Add an entry to the thread."""
        self._threads.put(self._ref, seq)


class Openings(Growing[str, int]):
    """The entry that gave each reference."""

    def __init__(self) -> None:
        self._places = ByRef()

    @override
    def __getitem__(self, ref: str) -> int:
        """Return the entry that gave a reference."""
        place = self._places[ref]
        if not place:
            raise KeyError(ref)
        return place - 1

    @override
    def __setitem__(self, ref: str, seq: int) -> None:
        """Keep which entry gave a reference."""
        self._places[ref] = seq + 1

    @override
    def __iter__(self) -> Iterator[str]:
        """Return every reference that was given."""
        return iter(self._places)

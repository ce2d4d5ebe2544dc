"""Stored tree hashes, compared with those that the judged entries complete.

Many are read at once; only where these are not all as they should be is each looked
at alone, and only that finds anything.
"""

from typing import TypeAlias

from ledger.errors import TamperedError
from ledger.register.levels import Work
from ledger.tlog.merkle import Node

Completed: TypeAlias = list[tuple[Node, bytes]]


class StoredTree:
    """The tree hashes of a book, as a verification comes to them.

    Args:
        work: The verification.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting: list[tuple[int, Completed]] = []

    def completed(self, seq: int, nodes: Completed) -> None:
        """Take note of the hashes that an entry completes."""
        if nodes:
            self._waiting.append((seq, nodes))

    def compare(self) -> None:
        """Compare what was noted since the last time."""
        waiting, self._waiting = self._waiting, []
        if not self._all_there([pair for _, nodes in waiting for pair in nodes]):
            for seq, nodes in waiting:
                _compare_each(self._work, seq, nodes)

    def _all_there(self, nodes: Completed) -> bool:
        """Return whether hashes are stored as they should be, level by level."""
        levels: dict[int, Completed] = {}
        for node, expected in nodes:
            levels.setdefault(node.level, []).append((node, expected))
        try:
            return all(self._level_fits(level) for level in levels.values())
        except TamperedError:
            return False

    def _level_fits(self, nodes: Completed) -> bool:
        """Return whether hashes of one level, in order, are what is stored there."""
        first, last = nodes[0][0], nodes[-1][0]
        found = self._work.journal.nodes_between(first.level, first.index, last.index)
        return found == [(node.index, expected) for node, expected in nodes]


def _compare_each(work: Work, seq: int, completed: Completed) -> None:
    """Compare stored tree hashes with those that an entry completes."""
    for node, expected in completed:
        try:
            (found,) = work.journal.read_nodes([node])
        except TamperedError:
            found = b""
        if not found and seq >= work.projected:
            continue  # whoever takes the entry in writes them
        if found != expected:
            work.add(
                seq,
                "tree",
                "node-differs",
                table="node",
                field="hash",
                expected=expected.hex(),
                found=found.hex() or None,
                row=f"level={node.level}, number={node.index}",
            )

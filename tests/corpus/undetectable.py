"""What no look inside a book can find, and the control that finds each of them.

Whoever has the keys and rewrites everything, on a machine that remembers nothing,
leaves a sound book behind. So what counts is what others hold: the memory of each
machine that wrote or verified, a checkpoint that somebody keeps, the genesis that was
handed over on a card. To take away a kept checkpoint alone is the first step of each,
and hides nothing by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.corpus.base import ADDED_CLERK, ENTRIES, REMARK, SIGNED, Body
from tests.corpus.cuts_and_rollbacks import other_book
from tests.corpus.desk import Desk
from tests.corpus.keys_and_signatures import CLERK
from tests.office import signer

Control = Literal["memory", "checkpoint", "pin"]


@dataclass(frozen=True, slots=True)
class Undetectable:
    """A book that is sound by all inner checks and yet is not what it was.

    Attributes:
        do: Does it to a fresh copy.
        controls: What finds it, with the exit code.
    """

    do: Callable[[Desk], None]
    controls: Mapping[Control, int]

    @property
    def name(self) -> str:
        """What was done, as words."""
        return self.do.__name__.replace("_", " ")


def an_edit_is_linked_and_signed_anew_with_stolen_keys(desk: Desk) -> None:
    """Clerks' and log keys are stolen: an entry is edited, all after it is linked and
    signed anew, and the only checkpoint left is a new one."""

    def edit(body: Body) -> None:
        body["data"]["text"] = "the lists agree"

    desk.relink(REMARK, edit, CLERK, ADDED_CLERK, signed=ENTRIES, keep=False)


def a_tail_is_cut_with_all_that_follows_from_it(desk: Desk) -> None:
    """Entries from the end are taken away with everything derived from them and the
    checkpoints that cover them. No key is needed."""
    desk.rewrite(desk.notes()[: SIGNED - 4])


def a_whole_book_is_written_by_other_keys(desk: Desk) -> None:
    """Every entry and every key is another; only the name is the same."""
    log = signer("us.example/book", 121)
    desk.rewrite(other_book(desk), signed=ENTRIES, log=log)


UNDETECTABLE = (
    Undetectable(
        an_edit_is_linked_and_signed_anew_with_stolen_keys,
        {"memory": 11, "checkpoint": 11},
    ),
    Undetectable(
        a_tail_is_cut_with_all_that_follows_from_it, {"memory": 11, "checkpoint": 11}
    ),
    Undetectable(
        a_whole_book_is_written_by_other_keys,
        {"memory": 11, "checkpoint": 12, "pin": 11},
    ),
)

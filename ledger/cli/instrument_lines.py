"""What `show` says of an instrument: the stage it reached, and each stage in full."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ledger.cli import words
from ledger.cli.agreed_lines import Line, member_lines
from ledger.cli.lines import claim_lines, payment_lines, remark_lines, told
from ledger.cli.options import Globals
from ledger.cli.render import is_drawn

if TYPE_CHECKING:
    from ledger.register.showing import ShownInstrument

_TOLD = frozenset(("id", "stage", "occurred", "asserted_by", "status"))


def instrument_lines(ask: Globals, found: "ShownInstrument") -> Iterator[Line]:
    """Return the lines of an instrument by a day: its stages, money, and rival claims.

    The stage it reached is said first; a stage that is only alleged is shown, and
    moves nothing.
    """
    from ledger.domain.schemas import data_of  # noqa: PLC0415 - start-up

    yield "ref", found.ref, None
    yield "on", found.on.isoformat(), None
    now = found.stage
    if now is None:
        yield "stage_now", None, None
    else:
        yield "stage_now", words.code(ask, "stage", now.record.stage), now.seq
    for item in found.stages:
        record = item.record
        yield "stage", words.code(ask, "stage", record.stage), item.seq
        if record.occurred is not None:
            yield "occurred", told(ask, record.occurred.text), item.seq
        yield "asserted_by", record.asserted_by, item.seq
        yield "status", words.code(ask, "status", record.status), item.seq
        yield from member_lines(ask, data_of(record), item.seq, told=_TOLD)
        if item.corrected:
            yield "corrected_opening", words.truth(ask, yes=True), item.seq
    for renewal in found.renewals:
        agreed = renewal.record.agreed_on.isoformat()
        yield "renewal_agreed_on", agreed, renewal.seq
    yield from payment_lines(ask, found.payments)
    yield from claim_lines(ask, found.claims)
    yield from remark_lines(found.remarks)
    for ref in found.transfers:
        yield "transfer", ref, None
    for seq in found.later:
        said = ask.say("show.later-words", seq=seq) if is_drawn(ask) else "later"
        yield "later", said, seq

"""What an entry says, in one sentence of the catalogue.

The sentence tells what was recorded, and not what became of it; the whole of the entry
is in its data. Whoever asks hands in how a sentence of the catalogue is said.
"""

from collections.abc import Callable

from ledger.domain.authority import Approval, Confirmation, Key
from ledger.domain.entries import Logged
from ledger.domain.forms import Fact
from ledger.domain.records import (
    Change,
    Claim,
    Correction,
    Exit,
    Instrument,
    Payment,
    Receipt,
    Remark,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.domain.recovery import Recovery
from ledger.domain.values import format_persons
from ledger.exchange.summary_text import shown
from ledger.tlog.canonical import Json

Say = Callable[..., str]


def entry_sentence(entry: Logged, say: Say) -> str:
    """Return what an entry says: by whom, how the claim stands, and what.

    Args:
        entry: The entry, as it was recorded.
        say: Returns a sentence of the catalogue, filled (`Catalogue.say`).
    """
    what = _what(entry, say)
    record = entry.record
    if not isinstance(record, Fact):
        return what
    status = say(f"summary.word.{record.status}")
    return say("history.said", author=record.asserted_by, status=status, what=what)


def _what(entry: Logged, say: Say) -> str:
    match entry.record:
        case Transfer() as transfer:
            return say(
                "history.transfer",
                n=transfer.persons.n,
                persons=format_persons(transfer.persons.n, transfer.persons.qualifier),
                origin=transfer.origin,
                destination=transfer.destination,
            )
        case Receipt() as receipt:
            key = "history.receipt" if receipt.ref is None else "history.unannounced"
            return say(
                key,
                n=receipt.arrived_persons,
                admitted=receipt.held_persons,
                refused=receipt.refused_persons,
                origin=str(receipt.origin),
            )
        case Renewal() as renewal:
            until = "length" if renewal.until is None else "until"
            return say(
                f"history.renewal-{until}",
                n=renewal.persons.n,
                persons=format_persons(renewal.persons.n, renewal.persons.qualifier),
                until=str(renewal.until),
                length="" if renewal.length is None else renewal.length.format(),
            )
        case Exit() as left:
            refs = len(left.transfers)
            return say(
                "history.exit" if refs == 1 else "history.exit-shared",
                n=left.persons.n,
                persons=format_persons(left.persons.n, left.persons.qualifier),
                how=say(f"page.figure.how.{left.how}"),
                transfers=refs,
            )
        case Recovery() as back:
            return say(
                f"history.recovery.{back.how}",
                n=back.persons.n,
                persons=format_persons(back.persons.n, back.persons.qualifier),
                exit=back.exit.seq,
            )
        case Payment() as payment:
            return say(
                f"history.stage.{payment.stage}",
                amount=payment.money.format(),
                payer=payment.payer,
                payee=payment.payee,
            )
        case Claim() as claim:
            return say(
                "history.claim",
                path=claim.path,
                target=claim.target.seq,
                value=shown(claim.value),
            )
        case Remark() as remark:
            return say("history.remark", text=remark.text)
        case Instrument() as instrument:
            stage = say(f"history.instrument.{instrument.stage}")
            return say("history.instrument", title=instrument.title, stage=stage)
        case Correction() as correction:
            changes = "; ".join(_change(change, say) for change in correction.changes)
            return say(
                "history.correction",
                target=correction.target.seq,
                changes=changes,
                reason=correction.reason,
            )
        case Retraction() as retraction:
            return say(
                "history.retraction",
                target=retraction.target.seq,
                reason=retraction.reason,
            )
        case _:
            return _of_keys(entry, say)


def _of_keys(entry: Logged, say: Say) -> str:
    match entry.record:
        case Key() as key:
            name = key.vkey.partition("+")[0]
            role = say(f"role.{key.role}")
            return say(f"history.key.{key.action}", key=name, role=role)
        case Approval(target=target):
            return say("history.approval", target=target.seq)
        case Confirmation(targets=targets):
            named = ", ".join(str(target.seq) for target in targets)
            return say("history.confirmation", n=len(targets), targets=named)
        case _:
            return say(f"kind.{entry.kind}")


def _change(change: Change, say: Say) -> str:
    old, new = (_value(value, say) for value in (change.old, change.new))
    return say("history.change", path=change.path, old=old, new=new)


def _value(value: Json | None, say: Say) -> str:
    return say("summary.unknown") if value is None else shown(value)

"""Books read together: what cites a book that is not here, and what is cited twice."""

from pathlib import Path

from ledger.domain.forms import Reference
from ledger.domain.schemas import read_record
from ledger.domain.shapes import shape_of
from ledger.register.mirrored import reading
from ledger.store.joined import JoinedRecall
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.neighbours import Receiver, packet, sv, trust, us
from tests.register.stored import opened

ELSEWHERE: Json = {"ledger": "mx.example/book", "seq": 3, "leaf": "0" * 64}
NOTICE: dict[str, Json] = {
    "type": "notice",
    "text": "seen",
    "asserted_by": "SV",
    "status": "official",
}


def cite(office: str, seq: int, leaf: bytes) -> Json:
    return {"ledger": office, "seq": seq, "leaf": leaf.hex()}


def test_what_cites_a_book_that_is_not_here_concerns_nothing_here(
    tmp_path: Path,
) -> None:
    office = sv()
    trust(office, Office(book="mx.example/book", state="MX", seed=60))
    office.write("remark", {**NOTICE, "about": [ELSEWHERE]})
    receiver = Receiver(tmp_path, us(), office)
    receiver.take(packet(receiver.sender))
    with opened(receiver.there) as register:
        recall = reading(register).recall
        assert isinstance(recall, JoinedRecall)
        record = read_record("remark", {**NOTICE, "about": [ELSEWHERE]})

        assert recall.cited_refs() == []
        assert recall.refs_cited(shape_of(Reference).read(ELSEWHERE)) == [
            "@mx.example/book#3"
        ]
        assert recall.concerned(record) == ("@mx.example/book#3",)


def test_an_entry_that_cites_two_of_a_mirror_is_one_of_its_transfer(
    tmp_path: Path,
) -> None:
    sender = us()
    sender.claim(1, "/persons/n", 252)
    entries = sender.history.entries
    office = sv()
    trust(office, sender)
    about = [cite(sender.book, seq, entries[seq].leaf) for seq in (1, 2)]
    office.write("remark", {**NOTICE, "about": about})
    receiver = Receiver(tmp_path, sender, office)
    receiver.take(packet(sender))
    with opened(receiver.there) as register:
        recall = reading(register).recall
        (ref,) = [ref for ref in recall.every_ref() if ref.startswith("T-1@")]
        seqs = recall.seqs_of(ref)

    assert len(seqs) == len(set(seqs)) == 3

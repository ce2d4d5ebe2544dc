"""An entry held against its copies: same, different with the place, or absent."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.summary import Sealed, summarise
from ledger.errors import NotFoundError, RefusedError
from ledger.register.comparing import Compared, compare_entry
from ledger.register.exporting import export_tiles
from ledger.register.opening import Places
from ledger.tlog import merkle
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from tests.office import Office
from tests.register.stored import image_of, lay, opened, tampering

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def sample() -> Office:
    office = Office()
    office.transfer(arrangement="a-b")
    office.payment(["T-1"], "5.00")
    office.claim(1, "/persons/n", 252)
    office.remark(1)
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 240})
    office.retract(4)
    office.transfer(persons={"n": 9, "qualifier": "exact"})
    return office


@pytest.fixture
def there(tmp_path: Path) -> Places:
    return lay(tmp_path, image_of(sample()))


def summary(office: Office, **changed: Any) -> dict[str, Any]:
    sealed = Sealed(
        genesis="00",
        checkpoint=(),
        log_keys=(),
        size=office.history.head.size,
        beyond=0,
        prove=lambda _: (),
    )
    refs = ["T-1", "T-2"]
    assert pool_of(office.history, "T-1").cases
    made: dict[str, Any] = summarise(
        office.history,
        refs,
        whole=True,
        on=date(2026, 1, 1),
        made_at=WHEN,
        sealed=sealed,
    )
    return {**json.loads(json.dumps(made)), **changed}


def compared(there: Places, name: str, content: bytes | dict[str, Any]) -> Compared:
    path = there.database.with_name("copy")
    if isinstance(content, dict):
        content = json.dumps(content).encode()
    path.write_bytes(content)
    with opened(there) as register:
        return compare_entry(register, name, path)


def bundle(office: Office) -> bytes:
    size = len(office.notes)
    header = {"schema": "transfer-ledger/bundle/1", "book": office.book}
    lines = [json.dumps({**header, "from": 0, "to": size})]
    lines += [json.dumps(n.decode("utf-8", "surrogateescape")) for n in office.notes]
    leaves = [merkle.leaf_hash(note) for note in office.notes]
    checkpoint = Checkpoint(office.book, size, merkle.root(leaves))
    note = sign_checkpoint(checkpoint, office.keys["log"])
    return "\n".join([*lines, json.dumps(note.decode())]).encode()


@pytest.mark.parametrize("name", ["1", "T-1", "us:T-1", "6"])
def test_the_same_entry_is_the_same_in_every_form(name: str, there: Places) -> None:
    office = sample()
    for form, content in (
        ("database", image_of(office)),
        ("bundle", bundle(office)),
        ("summary", summary(office)),
    ):
        found = compared(there, name, content)

        assert (found.form, found.verdict, found.differences) == (form, "same", ())
        assert found.leaves[0] == found.leaves[1]


def tiled(place: Path) -> Path:
    """Write the sample as a folder of tiles."""
    office, folder = sample(), place / "tiles"
    signed = lay(place, image_of(office, signed=len(office.notes)))
    with opened(signed) as register:
        export_tiles(register, folder)
    return folder


def test_a_folder_of_tiles_is_an_export_too(there: Places, tmp_path: Path) -> None:
    folder = tiled(tmp_path)
    with opened(there) as register:
        same = compare_entry(register, "T-1", folder)
    (bundled,) = (folder / "tile" / "entries").rglob("*.p/*")
    bundled.write_bytes(bundled.read_bytes().replace(b'"n":238', b'"n":235', 1))
    with opened(there) as register:
        changed = compare_entry(register, "1", folder)

    assert (same.form, same.verdict) == ("bundle", "same")
    assert same.leaves[0] == same.leaves[1]
    assert (changed.verdict, places(changed)) == (
        "different",
        [("/data/persons/n", "238", "235")],
    )


def test_an_entry_beyond_the_tiles_is_absent_there(tmp_path: Path) -> None:
    folder, longer = tiled(tmp_path), sample()
    longer.transfer()
    now = lay(tmp_path, image_of(longer))
    with opened(now) as register:
        assert compare_entry(register, "8", folder).absent == "file"


def test_tiles_of_another_book_are_refused(tmp_path: Path) -> None:
    folder = tiled(tmp_path)
    (tmp_path / "other").mkdir()
    other = lay(tmp_path / "other", image_of(Office(book="us.example/other")))
    with opened(other) as register, pytest.raises(RefusedError) as refused:
        compare_entry(register, "0", folder)

    assert refused.value.code == "compare.another-book"


def test_a_folder_without_a_checkpoint_is_no_copy(there: Places) -> None:
    with opened(there) as register, pytest.raises(RefusedError) as refused:
        compare_entry(register, "1", there.database.parent)

    assert refused.value.code == "compare.not-a-file"


def test_the_altered_member_is_named_with_both_values(there: Places) -> None:
    office = sample()
    office.notes[1] = office.notes[1].replace(b'"n":238', b'"n":235')
    found = compared(there, "1", bundle(office))
    (one,) = found.differences

    assert (found.verdict, one.member, one.one, one.other) == (
        "different",
        "/data/persons/n",
        "238",
        "235",
    )


def test_an_entry_that_one_side_lacks_is_absent_there(there: Places) -> None:
    shorter, longer = Office(), sample()
    longer.transfer()

    assert compared(there, "1", image_of(shorter)).absent == "file"
    assert compared(there, "1", summary(sample(), transfers=[])).absent == "file"
    assert compared(there, "8", image_of(longer)).absent == "book"
    assert (
        compared(there, "8", summary(longer, entries=[{"seq": 8, "leaf": "00"}])).absent
        == "book"
    )
    for content in (image_of(shorter), summary(sample())):
        with pytest.raises(NotFoundError) as caught:
            compared(there, "99", content)
        assert caught.value.code == "cite.no-such-entry"


@pytest.mark.parametrize(
    ("sql", "member"),
    [
        ("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 1", "leaf"),
        ("UPDATE entry SET once = NULL WHERE seq = 1", "once"),
        ("UPDATE heading SET signer = 'x' WHERE seq = 1", "heading.signer"),
    ],
)
def test_what_stands_beside_the_bytes_is_compared_too(
    sql: str, member: str, there: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = lay(folder, image_of(sample()))
    with tampering(other.database) as connection:
        connection.execute(sql)

    found = compared(there, "1", other.database.read_bytes())

    assert found.verdict == "different"
    assert [d.member for d in found.differences] == [member]


@pytest.mark.parametrize("seq", [1, 3, 7])
def test_an_entry_whose_line_was_taken_out_of_an_export_is_absent(
    seq: int, there: Places
) -> None:
    lines = bundle(sample()).split(b"\n")
    del lines[seq + 1]

    found = compared(there, str(seq), b"\n".join(lines))

    assert (found.verdict, found.absent) == ("absent", "file")


def test_an_entry_that_stands_on_another_line_is_found(there: Places) -> None:
    lines = bundle(sample()).split(b"\n")
    lines[2], lines[3] = lines[3], lines[2]

    assert compared(there, "1", b"\n".join(lines)).verdict == "same"


def test_a_number_that_was_changed_in_its_place_is_a_difference(there: Places) -> None:
    office = sample()
    office.notes[2] = office.notes[2].replace(b'"seq":2,"v"', b'"seq":3,"v"')

    (one,) = compared(there, "2", bundle(office)).differences

    assert (one.member, one.one, one.other) == ("/seq", "2", "3")


def test_a_transfer_that_is_not_there_is_not_found(there: Places) -> None:
    with pytest.raises(NotFoundError):
        compared(there, "T-9", b"")


def test_the_book_is_not_compared_with_itself(there: Places) -> None:
    with opened(there) as register, pytest.raises(RefusedError) as caught:
        compare_entry(register, "1", there.database)

    assert caught.value.code == "compare.with-itself"


def places(found: Compared) -> list[tuple[str, str | None, str | None]]:
    return [(d.member, d.one, d.other) for d in found.differences]


def row(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document[name][0]
    return found


def test_a_summary_that_says_something_else_is_found_out(there: Places) -> None:
    document = summary(sample())
    row(document, "transfers")["persons"]["n"] = 1
    row(document, "transfers")["group"]["label"] = "others"
    row(document, "payments")["amount"] = "6.00"
    row(document, "claims")["text"] = "no"
    row(document, "corrections")["reason"] = "none"

    assert places(compared(there, "1", document)) == [
        ("/data/group/label", '"alleged members"', '"others"'),
        ("/data/persons/n", "240", "1"),
    ]
    assert places(compared(there, "2", document)) == [
        ("/data/amount", '"5.00"', '"6.00"')
    ]
    assert places(compared(there, "3", document)) == [("/data/text", None, '"no"')]
    assert places(compared(there, "5", document)) == [
        ("/data/reason", '"misread"', '"none"')
    ]


def test_another_leaf_in_a_summary_is_found_out(there: Places) -> None:
    document = summary(sample())
    row(document, "transfers")["entries"][0]["leaf"] = "ff"
    ((member, own, other),) = places(compared(there, "1", document))

    assert (member, other) == ("leaf", "ff")
    assert own is not None


def test_what_a_summary_nests_too_deep_is_there_as_text(there: Places) -> None:
    office = sample()
    deep: Json = 1
    for _ in range(13):
        deep = [deep]
    office.claim(1, "/text", deep)
    seq = office.history.head.size - 1
    place = lay(there.database.parent, image_of(office))
    document = summary(office)
    assert isinstance(document["claims"][1]["value"], str)

    assert compared(place, str(seq), document).verdict == "same"


def test_a_summary_of_less_is_held_against_what_was_known_then(there: Places) -> None:
    office = Office()
    office.transfer(arrangement="a-b")

    assert compared(there, "1", summary(office)).verdict == "same"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"n":238', '"n":237', [("/data/persons/n", "237", "238")]),
        ('"n":238', '"n"#237', []),
        ('"data":{', '"daty":{', []),
        ('"label":"alleged members"', '"label":{"a":1}', None),
    ],
)
def test_a_damaged_entry_is_read_as_far_as_it_can_be(
    old: str,
    new: str,
    found: list[tuple[str, str, str]] | None,
    there: Places,
) -> None:
    document = summary(sample())
    with tampering(there.database) as connection:
        sql = "UPDATE entry SET note = CAST(replace(CAST(note AS TEXT), ?, ?) AS BLOB)"
        connection.execute(f"{sql} WHERE seq = 1", (old, new))
    first, *others = places(compared(there, "1", document))

    assert first[0] == "leaf"
    if found is not None:
        assert others == found
    else:
        assert [member for member, _, _ in others] == [
            "/data/group/label/a",
            "/data/group/label",
        ]


def test_a_row_of_any_depth_is_compared(there: Places) -> None:
    document = summary(sample())
    nested: Any = 1
    for _ in range(40):
        nested = [nested]
    row(document, "payments")["purpose"] = nested
    row(document, "corrections")["changes"] = [{"path": "/text"}]

    assert places(compared(there, "2", document)) == [("/data/purpose", None, "…")]


def test_a_member_that_only_a_correction_has_is_taken_back(tmp_path: Path) -> None:
    office = sample()
    total: Json = {"amount": "5.00", "currency": "USD", "per": "total"}
    office.correct(1, {"path": "/compensation", "new": total})
    place = lay(tmp_path, image_of(office))
    with tampering(place.database) as connection:
        sql = "UPDATE entry SET note = CAST(note || ' ' AS BLOB) WHERE seq = 1"
        connection.execute(sql)

    assert [m for m, _, _ in places(compared(place, "1", summary(office)))] == ["leaf"]

"""The law: the tiles of a tree are the tree, and a bundle gives back its entries."""

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError, UsageError
from ledger.tlog import merkle
from ledger.tlog.merkle import Node
from ledger.tlog.tiles import (
    CHECKPOINT_PATH,
    MAX_ENTRY,
    WIDTH,
    Tile,
    Tiling,
    entries_path,
    entry_bundle,
    hash_tiles,
    parse_entry_bundle,
    tile_path,
)
from tests.vectors import vectors

LEAVES = [
    sha256(bytes([n >> 16, n >> 8 & 255, n & 255])).digest() for n in range(70000)
]
BUNDLES = st.lists(st.binary(max_size=20), min_size=1, max_size=WIDTH)


class Served:
    """Reads the nodes of a tree out of its tiles alone; a `ReadNodes`."""

    def __init__(self, tiles: Sequence[Tile]) -> None:
        self.rows: dict[int, list[bytes]] = {}
        for tile in sorted(tiles, key=lambda tile: (tile.level, tile.index)):
            row = self.rows.setdefault(tile.level, [])
            assert len(row) == tile.index * WIDTH
            data = tile.data
            row += [data[at : at + 32] for at in range(0, len(data), 32)]

    def __call__(self, nodes: Sequence[Node]) -> list[bytes]:
        found = []
        for node in nodes:
            level, height = divmod(node.level, 8)
            start = node.index << height
            hashes = self.rows[level][start : start + (1 << height)]
            assert len(hashes) == 1 << height
            found.append(merkle.root(hashes))
        return found


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 70000])
def test_tiles_reassemble_to_the_root(size: int) -> None:
    served = Served(list(hash_tiles(LEAVES[:size])))

    assert merkle.read_root(served, size=size) == merkle.root(LEAVES[:size])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 1200), st.data())
def test_every_proof_can_be_read_from_the_tiles(size: int, data: st.DataObject) -> None:
    leaves = LEAVES[:size]
    index = data.draw(st.integers(0, size - 1), label="index")
    served = Served(list(hash_tiles(leaves)))

    proof = merkle.prove_inclusion(served, index=index, size=size)

    merkle.check_inclusion(
        proof, index=index, size=size, leaf=leaves[index], root=merkle.root(leaves)
    )


def test_the_tiles_of_70000_entries_are_those_of_the_specification() -> None:
    tiles = list(hash_tiles(LEAVES))

    widths = Counter((tile.level, len(tile.hashes)) for tile in tiles)
    assert widths == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}
    assert {tile.path for tile in tiles if tile.level} == {
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    }


def test_256_entries_fill_a_tile_and_begin_the_one_above() -> None:
    tiling = Tiling()
    filled = [tile for leaf in LEAVES[:256] for tile in tiling.append(leaf)]

    assert [tile.path for tile in filled] == ["tile/0/000"]
    assert [tile.path for tile in tiling.edge()] == ["tile/1/000.p/1"]
    assert tiling.edge()[0].hashes == (merkle.root(LEAVES[:256]),)


def test_a_tree_without_leaves_has_no_tile() -> None:
    assert list(hash_tiles([])) == []


@pytest.mark.parametrize(
    ("index", "place"),
    [
        (0, "000"),
        (67, "067"),
        (999, "999"),
        (1000, "x001/000"),
        (1067, "x001/067"),
        (1234067, "x001/x234/067"),
        (1000000, "x001/x000/000"),
    ],
)
def test_an_index_is_written_in_groups_of_three_digits(index: int, place: str) -> None:
    full = tile_path(level=0, index=index, width=256)
    partial = entries_path(index=index, width=8)

    assert full == f"tile/0/{place}"
    assert partial == f"tile/entries/{place}.p/8"


@given(st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256))
def test_a_path_says_level_index_and_width(level: int, index: int, width: int) -> None:
    path = tile_path(level=level, index=index, width=width)

    found = re.fullmatch(
        r"tile/(\d+)/((?:x\d{3}/)*\d{3})(?:\.p/(\d+))?", path, re.ASCII
    )
    assert found is not None
    assert int(found[1]) == level
    assert int(re.sub("[x/]", "", found[2])) == index
    assert int(found[3] or 256) == width


@pytest.mark.parametrize(
    ("level", "index", "width", "code"),
    [
        (-1, 0, 1, "tiles.no-such-level"),
        (64, 0, 1, "tiles.no-such-level"),
        (0, -1, 1, "tiles.no-such-index"),
        (0, 0, 0, "tiles.no-such-width"),
        (0, 0, 257, "tiles.no-such-width"),
    ],
)
def test_what_no_tile_is_has_no_path(
    level: int, index: int, width: int, code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        tile_path(level=level, index=index, width=width)

    assert caught.value.code == code


@given(BUNDLES)
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert parse_entry_bundle(entry_bundle(entries)) == entries


@given(st.binary(max_size=300))
def test_no_two_files_are_the_same_bundle(data: bytes) -> None:
    try:
        entries = parse_entry_bundle(data)
    except MalformedError:
        return

    assert entry_bundle(entries) == data


@given(BUNDLES, st.data())
def test_a_bundle_that_was_cut_off_is_noticed(
    entries: list[bytes], data: st.DataObject
) -> None:
    bundle = entry_bundle(entries)
    cut = data.draw(st.integers(0, len(bundle) - 1), label="cut")

    try:
        found = parse_entry_bundle(bundle[:cut])
    except MalformedError:
        return

    # A cut between two entries leaves a shorter bundle, which its name betrays.
    assert found == entries[: len(found)]
    assert len(found) < len(entries)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "tiles.bundle-empty"),
        (b"\x00", "tiles.bundle-cut"),
        (b"\x00\x02a", "tiles.bundle-cut"),
        (b"\x00\x01ab", "tiles.bundle-cut"),
        (b"\x00\x00" * 257, "tiles.bundle-too-long"),
        (b"\xff" * (256 * 65537 + 1), "tiles.bundle-too-long"),
    ],
)
def test_what_is_no_bundle_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_entry_bundle(data)

    assert caught.value.code == code


def test_the_largest_bundle_is_read() -> None:
    entries = [bytes(MAX_ENTRY)] * WIDTH

    assert parse_entry_bundle(entry_bundle(entries)) == entries


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "tiles.no-such-width"),
        ([b""] * 257, "tiles.no-such-width"),
        ([bytes(65536)], "tiles.entry-too-big"),
    ],
)
def test_what_fits_into_no_bundle_is_refused(entries: list[bytes], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        entry_bundle(entries)

    assert caught.value.code == code


def test_the_golden_ledger_has_these_tiles_and_this_bundle() -> None:
    folder = vectors("golden", "tlog")
    notes = [vectors("golden", f"entry.{seq}.note").read_bytes() for seq in range(3)]
    (tile,) = hash_tiles(map(merkle.leaf_hash, notes))

    made = {
        CHECKPOINT_PATH: vectors("golden", "checkpoint").read_bytes(),
        tile.path: tile.data,
        entries_path(index=0, width=3): entry_bundle(notes),
    }

    assert made == {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError, TamperedError, UsageError
from ledger.tlog.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    Frontier,
    MemoryNodes,
    Node,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    read_root,
    root,
    root_nodes,
)
from tests.vectors import vectors

LARGEST = 64
LEAVES = [leaf_hash(str(n).encode()) for n in range(LARGEST)]
NODES = MemoryNodes(LEAVES)
ROOTS = [root(LEAVES[:size]) for size in range(LARGEST + 1)]


def included(proof: list[bytes], *, index: int, size: int, leaf: bytes) -> bool:
    try:
        check_inclusion(proof, index=index, size=size, leaf=leaf, root=ROOTS[size])
    except (MalformedError, TamperedError):
        return False
    return True


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """Return the root as RFC 9162 section 2.1.1 defines it, by recursion."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(by_definition(leaves[:half]), by_definition(leaves[half:]))


def test_the_roots_are_those_of_certificate_transparency() -> None:
    # Source: google/certificate-transparency, merkle_tree_test.cc.
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    leaves = [leaf_hash(bytes.fromhex(data)) for data in inputs]
    leaves.append(leaf_hash(bytes(range(0x60, 0x70))))

    assert EMPTY_ROOT.hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert root(leaves[:1]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert root(leaves).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_every_way_to_the_root_leads_to_the_same_root(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)

    assert frontier.size == size
    assert frontier.hashes == tuple(NODES(root_nodes(size)))
    assert (
        frontier.root()
        == root(LEAVES[:size])
        == read_root(NODES, size=size)
        == by_definition(LEAVES[:size])
    )


@pytest.mark.sweep
@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_leaf_proves_itself_and_no_other_leaf_or_index_does(size: int) -> None:
    for index in range(size):
        proof = prove_inclusion(NODES, index=index, size=size)
        assert included(proof, index=index, size=size, leaf=LEAVES[index])
        for other in set(range(size)) - {index}:
            assert not included(proof, index=index, size=size, leaf=LEAVES[other])
            assert not included(proof, index=other, size=size, leaf=LEAVES[index])


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_tree_extends_each_earlier_one_and_no_other(size: int) -> None:
    for old in range(1, size + 1):
        proof = prove_consistency(NODES, old_size=old, size=size)
        check_consistency(
            proof, old_size=old, old_root=ROOTS[old], size=size, root=ROOTS[size]
        )
        with pytest.raises(TamperedError):
            check_consistency(
                proof, old_size=old, old_root=ROOTS[0], size=size, root=ROOTS[size]
            )
        with pytest.raises(TamperedError):
            check_consistency(
                proof, old_size=old, old_root=ROOTS[old], size=size, root=ROOTS[0]
            )


def test_an_appended_leaf_completes_the_nodes_it_is_the_last_leaf_of() -> None:
    frontier = Frontier()

    for index, leaf in enumerate(LEAVES):
        completed = frontier.append(leaf)
        nodes = [node for node, _ in completed]

        assert nodes == [
            Node(level, index >> level)
            for level in range(1, 7)
            if (index + 1) % (1 << level) == 0
        ]
        assert [hashed for _, hashed in completed] == NODES(nodes)


@given(st.integers(0, LARGEST - 1))
def test_a_frontier_goes_on_from_its_hashes(size: int) -> None:
    frontier = Frontier.of(size, NODES(root_nodes(size)))
    frontier.append(LEAVES[size])

    assert frontier.root() == ROOTS[size + 1]


def test_a_proof_is_read_in_one_batch_of_few_nodes() -> None:
    batches: list[int] = []

    def read(nodes: Sequence[Node]) -> list[bytes]:
        batches.append(len(nodes))
        return [EMPTY_ROOT] * len(nodes)

    size = 1_000_003
    prove_inclusion(read, index=12_345, size=size)
    prove_consistency(read, old_size=777_777, size=size)
    read_root(read, size=size)

    assert len(batches) == 3
    assert max(batches) <= 2 * size.bit_length()


@given(st.data(), st.integers(2, LARGEST))
def test_a_proof_with_a_changed_hash_fails(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(NODES, index=index, size=size)
    changed = data.draw(st.integers(0, len(proof) - 1))
    proof[changed] = leaf_hash(b"changed")

    assert not included(proof, index=index, size=size, leaf=LEAVES[index])


@pytest.mark.parametrize(
    ("proof", "index", "size", "leaf", "code"),
    [
        ([], 0, 2, LEAVES[0], "tree.proof-too-short"),
        ([LEAVES[1]] * 2, 0, 2, LEAVES[0], "tree.proof-too-long"),
        ([LEAVES[1][:31]], 0, 2, LEAVES[0], "tree.bad-hash-size"),
        ([LEAVES[1]], 0, 2, b"short", "tree.bad-hash-size"),
        ([], -1, 2, LEAVES[0], "tree.index-beyond-size"),
        ([], 2, 2, LEAVES[0], "tree.index-beyond-size"),
        ([], 0, 0, LEAVES[0], "tree.index-beyond-size"),
        ([], 0, MAX_SIZE + 1, LEAVES[0], "tree.index-beyond-size"),
    ],
)
def test_an_inclusion_proof_of_another_shape_is_malformed(
    proof: list[bytes], index: int, size: int, leaf: bytes, code: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        check_inclusion(proof, index=index, size=size, leaf=leaf, root=ROOTS[2])

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("proof", "old", "size", "code"),
    [
        ([], 1, 2, "tree.proof-too-short"),
        ([LEAVES[1]], 2, 2, "tree.proof-too-long"),
        ([LEAVES[1] + b"!"], 1, 2, "tree.bad-hash-size"),
        ([], 0, 2, "tree.bad-old-size"),
        ([], 3, 2, "tree.bad-old-size"),
        ([], 1, MAX_SIZE + 1, "tree.bad-old-size"),
    ],
)
def test_a_consistency_proof_of_another_shape_is_malformed(
    proof: list[bytes], old: int, size: int, code: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        check_consistency(
            proof, old_size=old, old_root=LEAVES[0], size=size, root=ROOTS[2]
        )

    assert caught.value.code == code


def test_there_is_no_proof_of_what_is_not_in_the_tree() -> None:
    with pytest.raises(UsageError, match=r"tree\.no-such-leaf"):
        prove_inclusion(NODES, index=2, size=2)
    with pytest.raises(UsageError, match=r"tree\.no-such-size"):
        prove_consistency(NODES, old_size=0, size=2)


def test_a_frontier_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(MalformedError, match=r"tree\.bad-frontier"):
        Frontier.of(3, [LEAVES[0]])
    with pytest.raises(MalformedError, match=r"tree\.bad-frontier"):
        Frontier.of(-1, [LEAVES[0]])
    with pytest.raises(MalformedError, match=r"tree\.bad-hash-size"):
        Frontier.of(1, [b"short"])
    with pytest.raises(MalformedError, match=r"tree\.bad-hash-size"):
        Frontier().append(b"short")


def test_all_98_published_inclusion_cases_come_out_as_published() -> None:
    cases = published("inclusion")

    assert len(cases) == 98
    assert [case["desc"] for case in cases if refused(case) != case["wantErr"]] == []


def test_all_98_published_consistency_cases_come_out_as_published_but_one() -> None:
    cases = published("consistency")

    assert len(cases) == 98
    assert all(refused(case) for case in cases if case["size1"] == 0)
    assert [case["desc"] for case in cases if refused(case) != case["wantErr"]] == [
        # Its roots are the words "don't care 1", and we want hashes of 32 bytes.
        "sizes are equal (one) and proof is empty"
    ]


def test_the_case_whose_roots_are_words_comes_out_as_published_with_hashes() -> None:
    check_consistency([], old_size=1, old_root=LEAVES[0], size=1, root=LEAVES[0])
    with pytest.raises(TamperedError):
        check_consistency([], old_size=1, old_root=LEAVES[0], size=1, root=LEAVES[1])


def published(folder: str) -> list[dict[str, Any]]:
    return [
        json.loads(path.read_bytes())
        for path in vectors("transparency-dev-merkle", folder).rglob("*.json")
    ]


def refused(case: dict[str, Any]) -> bool:
    proof = [base64.b64decode(line) for line in case["proof"] or []]
    hashes = {
        name: base64.b64decode(case[name] or "")
        for name in ("root", "leafHash", "root1", "root2")
        if name in case
    }
    try:
        if "leafIdx" in case:
            check_inclusion(
                proof,
                index=case["leafIdx"],
                size=case["treeSize"],
                leaf=hashes["leafHash"],
                root=hashes["root"],
            )
        else:
            check_consistency(
                proof,
                old_size=case["size1"],
                old_root=hashes["root1"],
                size=case["size2"],
                root=hashes["root2"],
            )
    except (MalformedError, TamperedError):
        return True
    return False

"""How a book is kept honest: bytes, hashes and signatures, and no meaning.

This room knows no state, no person and no rule. It turns an opaque JSON object into a
numbered and signed page, links the pages, commits to all of them with one hash, and
shows that a page is among them. It reads no file and no clock: bytes, keys and times
are handed in.

=============  ======================================================================
`canonical`    one value, one spelling: RFC 8785 without null and floats
`merkle`       the tree of RFC 9162: roots, proofs, and their checks
`ed25519`      which public keys may be trusted
`note`         text that is signed: the C2SP signed note, and keys as vkeys
`entry`        a page: a note of a header line and one line of JSON
`chain`        what makes an entry the next one
`checkpoint`   name, size and root of a book, signed by its log key
`cosignature`  another state's statement that it saw a checkpoint, at a time
`proof`        the receipt: inclusion proof and checkpoint in one file
=============  ======================================================================

An entry is stored as the bytes that were signed, and never written anew:

>>> from datetime import UTC, datetime
>>> from ledger.tlog import chain, checkpoint, entry, merkle, note, proof
>>> clerk = note.Ed25519Signer(name="us.example/clerk-07", seed=bytes([2] * 32))
>>> page = entry.Entry(
...     ledger="us.example/book",
...     seq=0,
...     prev=entry.ZERO,
...     at=datetime(2026, 11, 20, 9, 5, tzinfo=UTC),
...     kind="remark",
...     once="0193" + "0" * 28,
...     by="us.example/clerk-07",
...     data={"text": "the first page"},
... )
>>> stored = page.sign(clerk)
>>> print(stored.decode())  # doctest: +ELLIPSIS
transfer-ledger/entry/v1
{"at":"2026-11-20T09:05:00Z","by":"us.example/clerk-07","data":{"text":...,"v":1}
<BLANKLINE>
— us.example/clerk-07 ...
<BLANKLINE>

Whoever reads it goes in steps, and believes the body only after the signature:

>>> found = entry.EntryNote.parse(stored)
>>> found.check_signature(clerk.key)
>>> found.envelope() == page
True

Its leaf hash is SHA-256(0x00 ‖ stored bytes). The next entry names it as `prev`, so an
entry that follows nothing is seen at once:

>>> head = chain.advance(chain.EMPTY, leaf=entry.leaf(stored), at=page.at)
>>> chain.link_faults(page, ledger="us.example/book", head=head)
['chain.seq', 'chain.prev']

The same hash is a leaf of the tree. The log key, named as the book, signs its root, and
a proof leads from the leaf to that root:

>>> log = note.Ed25519Signer(name="us.example/book", seed=bytes([1] * 32))
>>> leaves = [entry.leaf(stored), merkle.leaf_hash(b"another page")]
>>> root = merkle.root(leaves)
>>> signed = checkpoint.sign_checkpoint(
...     checkpoint.Checkpoint("us.example/book", size=2, root=root), log
... )
>>> hashes = merkle.prove_inclusion(merkle.MemoryNodes(leaves), index=0, size=2)
>>> receipt = proof.Proof(index=0, hashes=tuple(hashes), checkpoint=signed)
>>> print(receipt.format().decode())  # doctest: +ELLIPSIS
c2sp.org/tlog-proof@v1
index 0
...
<BLANKLINE>
us.example/book
2
...
<BLANKLINE>
— us.example/book ...
<BLANKLINE>
>>> proof.check_proof(receipt, leaf=leaves[0], key=log.key).size
2

Every format is a pair, and parsing accepts exactly what formatting writes: one value,
one spelling. What does not follow a format is a `MalformedError`, a hash that differs a
`TamperedError`, a signature that does not hold a `SignatureError`.
"""

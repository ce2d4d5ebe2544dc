"""transfer-ledger: a signed, append-only register of interstate transfers of detainees.

The rooms, from the ground up, and what each is for:

- `ledger.errors`: what can go wrong, named for who has to act.
- `ledger.tlog`: bytes, hashes, proofs and signatures. Knows no state and no term.
- `ledger.domain`: what may be recorded and what follows from it.
- `ledger.audit`, `ledger.store`, `ledger.keys`, `ledger.exchange`: judge a whole
  book; keep it; hold the keys; read and write what leaves the office.
- `ledger.register`: what one can do with a book.
- `ledger.cli`: how people ask for it.

Nothing is imported here, so that the command line starts quickly.
"""

__version__ = "0.1.0"

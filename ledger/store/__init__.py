"""Where a book is kept, and what is kept beside it.

- `ledger.store.tables`: the tables, declared with SQLModel.
- `ledger.store.guards`: what keeps rows from being changed, and the schema's digest.
- `ledger.store.engine`: opening and making the database file, its settings, its errors.
- `ledger.store.journal`: entries, tree and checkpoints: append and read, in plain SQL.
- `ledger.store.recall`: the part of a book's history that concerns a question.
- `ledger.store.projections`: what is derived from entries, as rows.
- `ledger.store.intake`: judging entries and writing the rows that follow from them.
- `ledger.store.watermark`: how far a book had come when this user last signed it.
- `ledger.store.pending`: what was asked for and is not yet known to be recorded.
- `ledger.store.smallfiles`: how the files of these two are read and replaced.

Kept out: what may be recorded (`ledger.domain`), and where the folders are
(`ledger.cli`).
"""

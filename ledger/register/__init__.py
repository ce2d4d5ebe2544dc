"""What one can do with a book: the room where store, keys and clock readings meet.

- `ledger.register.opening`: opening a book.
- `ledger.register.founding` and `making`: what a book is to be, and making it.
- `ledger.register.writing`: recording an entry, exactly once.
- `ledger.register.asking`: what falls due, who is held, what a transfer's state is.
- `ledger.register.checking`: verifying a book, level by level.
- `ledger.register.certifying`: checkpoints and signed summaries.

Nothing here prints or reads the clock; times, passphrases and folders are handed in.
"""

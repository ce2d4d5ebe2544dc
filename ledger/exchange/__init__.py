"""What leaves the office and what comes in: files that others can check.

A file that goes out is a published format, so that its reader needs no program of
ours: a summary is checked with `ssh-keygen`, a proof with any C2SP tool. A file that
comes in is read strictly: size, encoding, grammar, then signature, and one value has
one spelling.

- `ledger.exchange.catalogue`: the sentences of one language, by key.
- `ledger.exchange.sshsig`: OpenSSH signatures over whole files, and fingerprints.
- `ledger.exchange.plaintext`: text from anywhere, made safe to show.
- `ledger.exchange.outbox`: files, written whole and never over another, read strictly.
- `ledger.exchange.summary_text`: the readable file of a summary.
- `ledger.exchange.summary_check`: checking a summary without the book.

Kept out: deciding whose fingerprint to trust.
"""

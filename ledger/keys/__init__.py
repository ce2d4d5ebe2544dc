"""The private keys: how they are locked, and the only hands that touch the files.

- `ledger.keys.pkcs8`: a seed under a passphrase, as encrypted PKCS#8 PEM. Pure.
- `ledger.keys.files`: makes key files, and reads them only when nobody else can.

Kept out: what a key may sign (`ledger.domain`), how it signs (`ledger.tlog.note`),
and where the folder of keys is (`ledger.cli`). Nothing here ever writes a seed or a
passphrase to a log, an error or a file that is not encrypted.
"""

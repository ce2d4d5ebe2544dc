"""Key files that are replaced: a new passphrase, and an old key put aside.

Nothing is ever deleted that could still open something: a file gets its new content in
one step, and the files of a key that has ended are renamed, not removed.
"""

import secrets
from contextlib import ExitStack
from pathlib import Path

from ledger.errors import LockedError, RefusedError
from ledger.keys.files import (
    check_passphrase,
    key_files,
    load_signer,
    open_private,
    permitted,
    sync_folder,
    write_new_file,
)
from ledger.keys.pkcs8 import BLOCK_SIZE, ROUNDS, SALT_SIZE, seal
from ledger.tlog.note import Ed25519Signer, VerifyKey


def change_passphrase(
    folder: Path,
    *,
    key: VerifyKey,
    old: bytes,
    new: bytes,
    at: Path | None = None,
    rounds: int = ROUNDS,
) -> Path:
    """Seal the private file of a key under another passphrase; return its path.

    The file holds the old or the new form at every moment, whole.

    Args:
        folder: The folder of keys.
        key: The public part.
        old: The passphrase that opens it now.
        new: The passphrase that is to open it.
        at: Where the private file is instead: a folder, or the file itself.
        rounds: Rounds of PBKDF2.

    Raises:
        LockedError: As `load_signer`: the old passphrase is wrong, the file unsafe.
        RefusedError: The new passphrase is too short, or the old one.
        NotPermittedError: This user cannot write there; the file is as it was.
    """
    check_passphrase(new)
    if new == old:
        raise RefusedError("keys.same-passphrase")
    private, _ = key_files(folder, key.name, at)
    seed = open_private(private, name=key.name, passphrase=old)
    if Ed25519Signer(name=key.name, algorithm=key.algorithm, seed=seed).key != key:
        raise LockedError("keys.other-key", name=key.name)
    sealed = seal(
        seed,
        passphrase=new,
        salt=secrets.token_bytes(SALT_SIZE),
        iv=secrets.token_bytes(BLOCK_SIZE),
        rounds=rounds,
    )
    draft = private.with_name(f".{private.name}.{secrets.token_hex(4)}")
    with permitted(), ExitStack() as undo:
        write_new_file(draft, sealed, mode=0o600, undo=undo)
        draft.replace(private)
        undo.pop_all()
        sync_folder(private.parent)
    # What was written is what opens: read back, as a disk may lie.
    load_signer(folder, key=key, passphrase=new, at=at)
    return private


def put_aside(folder: Path, key: VerifyKey) -> Path:
    """Rename the files of a key that has ended, so that its name is free again.

    They end in `.old` and carry the key's id; the name is used by a new key.

    Returns:
        The new name of the private file; it may be that only the public one was here.

    Raises:
        RefusedError: If something has that name.
        NotPermittedError: This user cannot rename them.
    """
    private, public = key_files(folder, key.name, None)
    mark = f"{key.key_id.hex()}.old"
    old = private.with_name(f"{private.name}.{mark}")
    with permitted():
        # The public file last: as long as it is there, the same is done again.
        for path in (private, public):
            there = path.with_name(f"{path.name}.{mark}")
            if there.exists():
                raise RefusedError("keys.exists", name=key.name)
            if path.exists():
                path.rename(there)
        sync_folder(private.parent)
    return old

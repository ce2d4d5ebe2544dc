"""The files of the private keys: the only place that writes or reads them.

    <folder>/<name>.pem     the seed under a passphrase, 0600
    <folder>/<name>.vkey    the public part, one line

A name with `/` lies in subfolders. A private file that another user can read or owns,
or that is a link, is refused before its contents are looked at. Errors carry the name
of the key at most; but what lies in the place of a folder is named by its path.
"""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum, auto
from pathlib import Path

from ledger.errors import LockedError, MalformedError, NotPermittedError, RefusedError
from ledger.folders import check_way
from ledger.keys.pkcs8 import BLOCK_SIZE, ROUNDS, SALT_SIZE, SEED_SIZE, seal, unseal
from ledger.tlog.note import Ed25519Signer, VerifyKey, check_name

SHORTEST_PASSPHRASE = 8
"""Characters of the shortest passphrase that a new key accepts."""

PRIVATE_SIZE = 16 * 1024
PUBLIC_SIZE = 4 * 1024
PASSPHRASE_SIZE = 4 * 1024
"""Bytes read at most from each kind of file."""

DRAFTS = "_new-"
"""How the folders within the folder of keys begin that hold keys in the making.

No name of a key has an underscore, so that none of these is ever a key's folder.
"""

_NOT_PERMITTED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG})
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_STANDARD_INPUT = Path("/dev/stdin")
_DESCRIPTOR = re.compile(r"(?:/dev|/proc/self)/fd/([0-9]{1,9})")


def create_key(
    folder: Path,
    *,
    name: str,
    algorithm: int,
    passphrase: bytes,
    at: Path | None = None,
    rounds: int = ROUNDS,
) -> VerifyKey:
    """Make a new key, write its two files, and return its public part.

    Both files are new and on disk when this returns; when it fails, neither is left.

    Args:
        folder: The folder of keys; made if it is not there.
        name: Name of the key.
        algorithm: SIG_ED25519 or SIG_COSIGNATURE.
        passphrase: At least SHORTEST_PASSPHRASE characters.
        at: Where the private file goes instead: a folder, or the file itself.
        rounds: Rounds of PBKDF2.

    Raises:
        RefusedError: There is such a file already, the folder of `at` is missing, the
            name cannot be a path, or the passphrase is too short.
        NotPermittedError: This user cannot write there, or something else lies in
            the place of a folder.
    """
    check_passphrase(passphrase)
    public = _layout(folder, name, ".vkey")
    seed = secrets.token_bytes(SEED_SIZE)
    key = Ed25519Signer(name=name, algorithm=algorithm, seed=seed).key
    pem = seal(
        seed,
        passphrase=passphrase,
        salt=secrets.token_bytes(SALT_SIZE),
        iv=secrets.token_bytes(BLOCK_SIZE),
        rounds=rounds,
    )
    with permitted(), ExitStack() as undo:
        try:
            private = _private_file(folder, name, at)
            check_way(public.parent)
            _make_folders(public.parent)
            if private != at:  # an unmounted medium must not turn into a folder
                _make_folders(private.parent)
            write_new_file(private, pem, mode=0o600, undo=undo)
            write_new_file(public, f"{key.format()}\n".encode(), mode=0o644, undo=undo)
        except (FileExistsError, NotADirectoryError):
            raise RefusedError("keys.exists", name=name) from None
        except FileNotFoundError:
            raise RefusedError("keys.no-such-folder") from None
        undo.pop_all()
    return key


def check_passphrase(passphrase: bytes) -> None:
    """Refuse a new passphrase that is too short.

    Raises:
        RefusedError: It has fewer than SHORTEST_PASSPHRASE characters.
    """
    if not passphrase:
        raise RefusedError("keys.passphrase-empty")
    if len(passphrase.decode("utf-8", "replace")) < SHORTEST_PASSPHRASE:
        raise RefusedError("keys.passphrase-too-short", least=SHORTEST_PASSPHRASE)


def key_files(folder: Path, name: str, at: Path | None) -> tuple[Path, Path]:
    """Return where the private and the public file of a key belong.

    Args:
        folder: The folder of keys.
        name: Name of the key.
        at: Where the private file is instead: a folder, or the file itself.

    Raises:
        MalformedError, RefusedError: The name is none, or cannot be a path.
    """
    return _private_file(folder, name, at), _layout(folder, name, ".vkey")


def load_signer(
    folder: Path, *, key: VerifyKey, passphrase: bytes, at: Path | None = None
) -> Ed25519Signer:
    """Unlock the private key that belongs to a public one.

    Args:
        folder: The folder of keys.
        key: The public part, as the book or its .vkey file has it.
        passphrase: What the key was made with.
        at: Where the private file is instead: a folder, or the file itself.

    Raises:
        LockedError: There is no such file, it is not safe, the passphrase is wrong, it
            is not a private key as this program writes it, or it holds another key.
        NotPermittedError: This user cannot read it.
    """
    path = _private_file(folder, key.name, at)
    seed = open_private(path, name=key.name, passphrase=passphrase)
    signer = Ed25519Signer(name=key.name, algorithm=key.algorithm, seed=seed)
    if signer.key != key:
        raise LockedError("keys.other-key", name=key.name)
    return signer


def open_private(path: Path, *, name: str, passphrase: bytes) -> bytes:
    """Return the seed in a private file; errors are those of `load_signer`."""
    try:
        with permitted():
            pem = read_private(path, name=name)
        return unseal(pem, passphrase=passphrase)
    except MalformedError as error:
        raise LockedError(error.code, **{**error.values, "member": name}) from None


def known_keys(folder: Path) -> list[VerifyKey]:
    """Return the public keys that have a .vkey file here, sorted by name.

    Raises:
        MalformedError: A .vkey file is not one, or lies under another name.
        NotPermittedError: This user cannot read one, or something else lies in the
            place of the folder.
    """
    check_way(folder)
    with permitted():
        found = [_read_public(path, folder) for path in _public_files(folder)]
    return sorted(found, key=lambda key: key.name)


def read_passphrase(path: Path) -> bytes:
    """Return the first line of a file, without its end of line.

    A pipe is read only where the shell itself handed it over: `/dev/stdin`,
    `/dev/fd/N`. Any other path must be a regular file and not a link.

    Raises:
        LockedError: There is no such file, others can read it, or its first line is
            empty or too long.
        NotPermittedError: This user cannot read it.
    """
    handed = _handed_over(path)
    with permitted(), _closing(_open_passphrase(path, handed)) as descriptor:
        check_passphrase_file(
            os.fstat(descriptor), user=os.geteuid(), pipe=handed is not None
        )
        # Without a buffer, so that a pipe keeps what comes after the first line.
        with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
            line = file.readline(PASSPHRASE_SIZE + 1)
    if len(line) > PASSPHRASE_SIZE:
        raise LockedError("keys.passphrase-too-long", most=PASSPHRASE_SIZE)
    passphrase = line.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase:
        raise LockedError("keys.passphrase-file-empty")
    return passphrase


class Fault(Enum):
    """Why a file must not be trusted with a secret."""

    KIND = auto()
    OWNER = auto()
    MODE = auto()


def fault(status: os.stat_result, *, user: int, pipe: bool = False) -> Fault | None:
    """Return what makes an open file unsafe for a secret, or None.

    Args:
        status: What `fstat` says of it.
        user: Number of the user who may own it; root always may.
        pipe: Whether a pipe is as good as a regular file.
    """
    kinds = {stat.S_IFREG, stat.S_IFIFO} if pipe else {stat.S_IFREG}
    if stat.S_IFMT(status.st_mode) not in kinds:
        return Fault.KIND
    if status.st_uid not in {user, 0}:
        return Fault.OWNER
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Fault.MODE
    return None


def check_private_file(status: os.stat_result, *, user: int, name: str) -> None:
    """Raise a LockedError if an open private file is not safe (`fault`)."""
    found = fault(status, user=user)
    if found is Fault.KIND:
        raise LockedError("keys.not-a-file", name=name)
    if found is Fault.OWNER:
        raise LockedError("keys.wrong-owner", name=name)
    if found is Fault.MODE:
        raise LockedError("keys.unsafe-mode", name=name)


def check_passphrase_file(status: os.stat_result, *, user: int, pipe: bool) -> None:
    """Raise a LockedError if an open passphrase file is not safe (`fault`)."""
    found = fault(status, user=user, pipe=pipe)
    if found is Fault.KIND:
        raise LockedError("keys.passphrase-not-a-file")
    if found is Fault.OWNER:
        raise LockedError("keys.passphrase-wrong-owner")
    if found is Fault.MODE:
        raise LockedError("keys.passphrase-file-readable")


def _layout(folder: Path, name: str, suffix: str) -> Path:
    """Return the path of a key's file, which never leaves the folder."""
    check_name(name)
    parts = name.split("/")
    if {".", ".."} & set(parts):
        raise RefusedError("keys.name-not-a-path")
    return folder.joinpath(*parts[:-1], parts[-1] + suffix)


def _private_file(folder: Path, name: str, at: Path | None) -> Path:
    """Return the path of a private file: in the folder, or on another medium."""
    if at is None:
        return _layout(folder, name, ".pem")
    return _layout(at, name, ".pem") if at.is_dir() else at


def read_private(path: Path, *, name: str) -> bytes:
    """Return the contents of a private file that is safe to use."""
    try:
        descriptor = os.open(path, _OPEN)
    except (FileNotFoundError, NotADirectoryError):
        raise LockedError("keys.no-such-key", name=name) from None
    except OSError as error:
        match error.errno:
            case errno.ELOOP:
                raise LockedError("keys.symlink", name=name) from None
            case errno.ENXIO:  # a socket
                raise LockedError("keys.not-a-file", name=name) from None
            case _:
                raise
    with _closing(descriptor):
        check_private_file(os.fstat(descriptor), user=os.geteuid(), name=name)
        pem = _read(descriptor, most=PRIVATE_SIZE + 1)
    if len(pem) > PRIVATE_SIZE:
        raise MalformedError("keys.too-large", most=PRIVATE_SIZE)
    return pem


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, for this user alone."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def write_new_file(path: Path, content: bytes, *, mode: int, undo: ExitStack) -> None:
    """Write a file that must not exist yet, down to the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, mode)
    undo.callback(path.unlink, missing_ok=True)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    with _closing(os.open(folder, flags)) as descriptor:
        os.fsync(descriptor)


def _public_files(folder: Path) -> Iterator[Path]:
    """Find the .vkey files of a folder; there are none if it does not exist."""

    def stop(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for parent, inner, names in os.walk(folder, onerror=stop):
        inner[:] = [name for name in inner if not name.startswith(DRAFTS)]
        for name in names:
            if name.endswith(".vkey"):
                yield Path(parent, name)


def _read_public(path: Path, folder: Path) -> VerifyKey:
    """Read one .vkey file, whose path must say the name of the key in it."""
    try:
        descriptor = os.open(path, _OPEN)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise MalformedError("keys.public-not-a-file") from None
        raise
    with _closing(descriptor):
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise MalformedError("keys.public-not-a-file")
        content = _read(descriptor, most=PUBLIC_SIZE)
    try:
        key = VerifyKey.parse(content.decode("ascii").removesuffix("\n"))
    except (UnicodeDecodeError, MalformedError):
        raise MalformedError("keys.public-malformed") from None
    if f"{key.format()}\n".encode() != content:
        raise MalformedError("keys.public-malformed")
    if path.relative_to(folder).as_posix() != f"{key.name}.vkey":
        raise MalformedError("keys.public-misplaced")
    return key


def _handed_over(path: Path) -> int | None:
    """Return the descriptor that a path of the shell stands for, or None."""
    if (found := _DESCRIPTOR.fullmatch(str(path))) is not None:
        return int(found[1])
    return 0 if path == _STANDARD_INPUT else None


def _open_passphrase(path: Path, handed: int | None) -> int:
    """Open a passphrase file, or take over what the shell opened."""
    try:
        return os.open(path, _OPEN) if handed is None else os.dup(handed)
    except (FileNotFoundError, NotADirectoryError):
        raise LockedError("keys.no-passphrase-file") from None
    except OSError as error:
        match error.errno:
            case errno.ELOOP:
                raise LockedError("keys.passphrase-symlink") from None
            case errno.ENXIO:
                raise LockedError("keys.passphrase-not-a-file") from None
            case errno.EBADF:
                raise LockedError("keys.no-passphrase-file") from None
            case _:
                raise


def _read(descriptor: int, *, most: int) -> bytes:
    """Return what an open file holds, cut after so many bytes."""
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(most)


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    """Close a descriptor at the end, whatever it turns out to be."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def permitted() -> Iterator[None]:
    """Turn the refusals of the system into ours, without the path."""
    try:
        yield
    except OSError as error:
        if error.errno in _NOT_PERMITTED:
            raise NotPermittedError("keys.not-permitted") from None
        raise

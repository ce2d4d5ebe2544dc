"""The tables of the database, declared once with SQLModel.

Rows are never records: they hold bytes, and what is derived from bytes. `book`,
`entry`, `node` and `checkpoint` are what a book is; the others are projections, which
`verify` rebuilds and compares column by column. Every key begins with the book, since
mirrors of other states' books lie beside the own one. The hot paths run plain SQL over
these tables (`ledger.store.journal`); this module is imported only to create them and
to check that they are still what they were.
"""

from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Text,
    text,
)
from sqlmodel import Field, SQLModel

STRICT: dict[str, Any] = {"sqlite_strict": True}
BY_KEY: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}


def _key(kind: type[Integer] | type[Text] = Integer) -> Any:
    return Field(sa_column=Column(kind, primary_key=True, autoincrement=False))


def _integer(*, optional: bool = False) -> Any:
    return Field(sa_column=Column(Integer, nullable=optional))


def _text(*, optional: bool = False) -> Any:
    return Field(sa_column=Column(Text, nullable=optional))


def _bytes(*, optional: bool = False) -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=optional))


class BookRow(SQLModel, table=True):
    """A book in this database: the own one, or a mirror of another state's."""

    __tablename__: ClassVar[str] = "book"
    __table_args__ = STRICT
    id: int = _key()
    name: str = _text()
    state: str = _text()
    own: int = _integer()
    genesis: bytes = _bytes()


class EntryRow(SQLModel, table=True):
    """The stored bytes of an entry, its leaf hash, and its client-made id."""

    __tablename__: ClassVar[str] = "entry"
    book: int = _key()
    seq: int = _key()
    once: str | None = _text(optional=True)
    leaf: bytes = _bytes()
    note: bytes = _bytes()
    __table_args__ = (
        CheckConstraint("seq >= 0"),
        CheckConstraint("length(leaf) = 32"),
        CheckConstraint("length(note) BETWEEN 1 AND 65535"),
        Index("entry_once", "book", "once"),
        STRICT,
    )


class NodeRow(SQLModel, table=True):
    """A stored hash of the tree: a complete subtree of level 1 or more."""

    __tablename__: ClassVar[str] = "node"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 62"),
        CheckConstraint("number >= 0"),
        CheckConstraint("length(hash) = 32"),
        BY_KEY,
    )
    book: int = _key()
    level: int = _key()
    number: int = _key()
    hash: bytes = _bytes()


class CheckpointRow(SQLModel, table=True):
    """A checkpoint that was signed or received, as the whole note."""

    __tablename__: ClassVar[str] = "checkpoint"
    __table_args__ = STRICT
    id: int = Field(sa_column=Column(Integer, primary_key=True))
    book: int = _integer()
    size: int = _integer()
    note: bytes = _bytes()


class HeadingRow(SQLModel, table=True):
    """What an entry is, without its data; `fault` says why a void one is void."""

    __tablename__: ClassVar[str] = "heading"
    book: int = _key()
    seq: int = _key()
    at: str | None = _text(optional=True)
    kind: str | None = _text(optional=True)
    signer: str | None = _text(optional=True)
    ref: str | None = _text(optional=True)
    fault: str | None = _text(optional=True)
    __table_args__ = (
        Index("heading_kind", "book", "kind"),
        Index("heading_ref", "book", "ref", sqlite_where=text("ref IS NOT NULL")),
        Index("heading_void", "book", "seq", sqlite_where=text("fault IS NOT NULL")),
        STRICT,
    )


class SubjectRow(SQLModel, table=True):
    """Which entries concern a reference."""

    __tablename__: ClassVar[str] = "subject"
    book: int = _key()
    ref: str = _key(Text)
    seq: int = _key()
    __table_args__ = (Index("subject_seq", "book", "seq"), BY_KEY)


class CounterRow(SQLModel, table=True):
    """The highest number given so far, by letter."""

    __tablename__: ClassVar[str] = "counter"
    __table_args__ = BY_KEY
    book: int = _key()
    letter: str = _key(Text)
    number: int = _integer()


class TransferRow(SQLModel, table=True):
    """One transfer or unannounced arrival, as it stands after all entries."""

    __tablename__: ClassVar[str] = "transfer"
    book: int = _key()
    ref: str = _key(Text)
    seq: int = _integer()
    number: int = _integer()
    origin: str = _text()
    destination: str | None = _text(optional=True)
    arrangement: str | None = _text(optional=True)
    group_label: str | None = _text(optional=True)
    facility: str | None = _text(optional=True)
    zone: str = _text()
    status: str = _text()
    persons: int = _integer()
    qualifier: str = _text()
    departed_on: str = _text()
    acknowledged: int = _integer()
    arrived: int = _integer()
    missing: int = _integer()
    held_min: int = _integer()
    held_max: int = _integer()
    ended_on: str | None = _text(optional=True)
    renewable: str | None = _text(optional=True)
    __table_args__ = (
        Index("transfer_open", "book", "departed_on", "ended_on"),
        BY_KEY,
    )


class TermRow(SQLModel, table=True):
    """One term that a transfer ever had; persons are those left in it at the end."""

    __tablename__: ClassVar[str] = "term"
    book: int = _key()
    ref: str = _key(Text)
    n: int = _key()
    start: str = _text()
    last_day: str | None = _text(optional=True)
    reading: str = _text()
    counted_from: str = _text()
    provisional: int = _integer()
    renewals: str = _text()
    persons_min: int = _integer()
    persons_max: int = _integer()
    __table_args__ = (Index("term_last_day", "book", "last_day"), BY_KEY)


class MovementRow(SQLModel, table=True):
    """Persons who departed, arrived, were refused, or left."""

    __tablename__: ClassVar[str] = "movement"
    book: int = _key()
    ref: str = _key(Text)
    seq: int = _key()
    n: int = _key()
    what: str = _text()
    day: str = _text()
    persons: int = _integer()
    shared: int = _integer()
    __table_args__ = BY_KEY


class PaymentRow(SQLModel, table=True):
    """Money promised or moved, in minor units of one currency."""

    __tablename__: ClassVar[str] = "payment"
    __table_args__ = BY_KEY
    book: int = _key()
    seq: int = _key()
    stage: str = _text()
    currency: str = _text()
    minor: int = _integer()
    day: str = _text()
    payer: str = _text()
    payee: str = _text()
    status: str = _text()


PROJECTIONS = (
    HeadingRow,
    SubjectRow,
    CounterRow,
    TransferRow,
    TermRow,
    MovementRow,
    PaymentRow,
)

METADATA = SQLModel.metadata

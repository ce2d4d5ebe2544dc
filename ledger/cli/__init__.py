"""How people ask: one program, its verbs, its words and its exit codes.

- `main` turns argv into one call of one verb, and errors into words and a code.
- `arguments` lifts the global options; `verbs` is the table of verbs and says how to
  write one; `parse` is the only module that knows Typer.
- `options` is the composition root: streams, folders, passphrase, and the only clock.
- `render` and `plaintext` are the only way to the terminal; `help` writes the screens;
  `bugs` writes down what should not have happened, without any values.

A verb parses, makes one call, and shows the result. It has no rule of its own.
"""

from ledger.errors import (
    BusyError,
    IncompleteError,
    InterruptedWriteError,
    LedgerError,
    LockedError,
    MalformedError,
    NoBookError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    SignatureError,
    TamperedError,
    TooNewError,
    UnknownOutcomeError,
    UntrustedError,
    UsageError,
)

PROGRAM = "transfer-ledger"

DONE = 0
BUG = 1
DUE = 6
INTERRUPTED = 130
BROKEN_PIPE = 141

EXIT_CODES: dict[type[LedgerError], int] = {
    UsageError: 2,
    RefusedError: 3,
    MalformedError: 3,
    NotFoundError: 4,
    BusyError: 5,
    UnknownOutcomeError: 7,
    TamperedError: 10,
    RewrittenError: 11,
    SignatureError: 12,
    UntrustedError: 13,
    IncompleteError: 14,
    InterruptedWriteError: 15,
    NoBookError: 20,
    TooNewError: 21,
    LockedError: 22,
    NotPermittedError: 24,
}

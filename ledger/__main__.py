"""`python -m ledger` is `transfer-ledger`."""

from ledger.cli.main import run

if __name__ == "__main__":
    run()

"""Text from anywhere, made safe for the terminal: see `ledger.exchange.plaintext`."""

from ledger.exchange.plaintext import clean, clean_json

__all__ = ["clean", "clean_json"]

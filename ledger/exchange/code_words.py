"""Codes and names of members in words, where people read an entry.

A program reads the codes themselves, in every language. A code that the catalogue has
no word for stays as it is: a newer program may have recorded it.
"""

from ledger.exchange.catalogue import Catalogue
from ledger.tlog import canonical
from ledger.tlog.canonical import Json

COUNTS = frozenset(("exact", "about", "at_least", "at_most"))

# Members whose codes have words elsewhere in the catalogue; `word.MEMBER.CODE` else.
_FAMILIES = {
    "how": "page.figure.how",
    "kind": "kind",
    "per": "money.per",
    "role": "role",
    "status": "summary.word",
}


def member_word(name: str, catalogue: Catalogue) -> str:
    """Return the name of a member in words (`asserted_by` is “asserted by”)."""
    key = f"member.{name}"
    return catalogue.say(key) if catalogue.has(key) else name


def code_word(member: str, code: str, catalogue: Catalogue) -> str:
    """Return a code in words; what is no code of this member stays as it is."""
    key = f"{_FAMILIES.get(member, f'word.{member}')}.{code}"
    return catalogue.say(key) if catalogue.has(key) else code


def said(value: Json, catalogue: Catalogue, *, member: str = "") -> str:
    """Return a value as a person reads it; its exact form is in the JSON.

    Args:
        value: The value of a member.
        catalogue: The sentences of one language.
        member: The member's name: it decides which codes there are.
    """
    match value:
        case {"n": int(n), "qualifier": str(how), **rest} if how in COUNTS and not rest:
            return catalogue.say(f"summary.count.{how}", n=n)
        case {"ledger": str(), "seq": int(seq), "leaf": str()}:
            return catalogue.say("summary.word.entry", seq=seq)
        case dict():
            return ", ".join(
                f"{member_word(name, catalogue)} {said(each, catalogue, member=name)}"
                for name, each in sorted(value.items())
            )
        case list():
            return "; ".join(said(each, catalogue, member=member) for each in value)
        case bool():
            return catalogue.say("answer.yes" if value else "answer.no")
        case str():
            return code_word(member, value, catalogue)
        case _:
            return canonical.encode(value).decode()

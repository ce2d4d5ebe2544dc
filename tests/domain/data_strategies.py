"""Generated `data` of every kind, as it may be recorded."""

from datetime import date
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ledger.tlog.canonical import Json

Made: TypeAlias = SearchStrategy[dict[str, Json]]

text: SearchStrategy[Json] = st.text(
    st.characters(codec="utf-8"), min_size=1, max_size=8
)
day: SearchStrategy[Json] = st.dates(min_value=date(1900, 1, 1)).map(
    lambda d: d.isoformat()
)
moment: SearchStrategy[Json] = st.sampled_from(
    ["2025-03-15T17:26-04:00", "2025-03-15T23:59+14:00", "2025-03-15", "2025-03"]
)
length: SearchStrategy[Json] = st.sampled_from(["P1Y", "P6M", "P1Y6M", "P90D"])
state: SearchStrategy[Json] = st.sampled_from(["US", "SV", "XA", "US-TX"])
zone: SearchStrategy[Json] = st.sampled_from(["UTC", "America/El_Salvador"])
leaf: SearchStrategy[Json] = st.sampled_from(["0" * 64, "9f5b" * 16])
positive: SearchStrategy[Json] = st.integers(1, 10_000_000)
number: SearchStrategy[Json] = st.integers(0, 10_000_000)
instrument_id: SearchStrategy[Json] = st.sampled_from(["I-1", "I-27"])
pointer: SearchStrategy[Json] = st.sampled_from(["/text", "/persons/n", "/term"])
proof: SearchStrategy[Json] = st.just("A" * 86 + "==")
role: SearchStrategy[Json] = st.sampled_from(
    ["state", "clerk", "log", "witness", "auditor"]
)
plain: SearchStrategy[Json] = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), inner)
    ),
    max_leaves=5,
)


def choice(*words: str) -> SearchStrategy[Json]:
    """Return one of some words."""
    return st.sampled_from(words)


def some(of: SearchStrategy[Json], *, most: int = 2) -> SearchStrategy[Json]:
    """Return a list of one or more."""
    return st.lists(of, min_size=1, max_size=most).map(list)


def members(
    required: dict[str, SearchStrategy[Json]],
    optional: dict[str, SearchStrategy[Json]] | None = None,
) -> SearchStrategy[Json]:
    """Return an object with all required and any optional members."""
    return st.fixed_dictionaries(required, optional=optional or {}).map(dict)


count = members(
    {"n": positive, "qualifier": choice("exact", "about", "at_least", "at_most")}
)
reference = members({"ledger": choice("us.example/book"), "seq": number, "leaf": leaf})
evidence = members(
    {"title": text, "date": day},
    {
        "url": choice("https://example.org/a", "http://example.org/b?c=d"),
        "sha256": leaf,
        "media_type": choice("application/pdf"),
    },
)
facility = members(
    {"name": text}, {"place": text, "state": state, "operator": text, "zone": zone}
)
manifest = members({"root": leaf, "count": positive})
money: dict[str, SearchStrategy[Json]] = {
    "amount": choice("0.00", "4760000.00"),
    "currency": choice("USD", "EUR"),
}
pay = members(
    {**money, "per": choice("total", "person_year", "person_month", "person_day")},
    {
        "basis": choice("ACT/365", "ACT/366", "30/360", "month/12"),
        "payer": text,
        "payee": text,
        "refund_clause": text,
    },
)
quoted: dict[str, SearchStrategy[Json]] = {
    "text": text,
    "language": choice("en", "es-SV"),
}
trigger = choice("admitted", "arrived", "departed", "signed", "in_force", "2025-03-22")
term = (
    members(
        {"reading": choice("fixed", "up_to"), "length": length},
        {**quoted, "trigger": trigger},
    )
    | members({"reading": choice("until_date"), "until": day}, quoted)
    | members({"reading": choice("until_event", "indefinite", "unknown")}, quoted)
)
clause = members(
    {"clause": choice("express", "tacit", "automatic", "none", "unknown")},
    {
        "max": number,
        "outer_limit": day,
        "notice": members({}, {"lead": length, "last_day": day, "text": text}),
    },
)
duty = members({"what": text, "by": text, "rule": text}, {"to": text, "first_due": day})
shared: dict[str, SearchStrategy[Json]] = {
    "asserted_by": text,
    "status": choice("official", "reported", "alleged", "disputed"),
}
further: dict[str, SearchStrategy[Json]] = {
    "occurred": moment,
    "evidence": some(evidence),
    "text": text,
}
listing = members(
    {"role": role, "vkey": choice("us.example/clerk-07+0c38+AQ==")}, {"proof": proof}
)


def _object(made: SearchStrategy[Json]) -> Made:
    def narrowed(data: Json) -> dict[str, Json]:
        if not isinstance(data, dict):
            raise TypeError
        return data

    return made.map(narrowed)


@st.composite
def _transfers(draw: st.DrawFn) -> Json:
    """Return a transfer whose breakdown and departures sum to its persons."""
    flights: list[int] = draw(st.lists(st.integers(1, 99), min_size=1, max_size=3))
    named = draw(st.booleans())
    departures: list[Json] = []
    for n in flights:
        departure = draw(members({"at": moment}, {"from": text, "carrier": text}))
        if isinstance(departure, dict) and named:
            departure["persons"] = n
        departures.append(departure)
    data = draw(
        members(
            {
                **shared,
                "ref": choice("T-1", "T-12"),
                "origin": choice("US"),
                "destination": choice("SV", "US-TX"),
                "group": members({"label": text, "said_by": text}),
                "facility": facility,
                "term": term,
                "renewable": choice("yes", "no", "unknown"),
            },
            {
                **further,
                "arrangement": choice("us-sv-2025"),
                "instruments": some(instrument_id),
                "legal_basis": text,
                "ordering_authority": text,
                "transferring_authority": text,
                "compensation": pay,
                "manifest": manifest,
            },
        )
    )
    if not isinstance(data, dict):
        raise TypeError
    data["persons"] = {"n": sum(flights), "qualifier": "exact"}
    data["departures"] = departures
    if draw(st.booleans()):
        data["breakdown"] = [{"label": "a", "n": n} for n in flights]
    return data


@st.composite
def _receipts(draw: st.DrawFn) -> Json:
    """Return a receipt whose admitted and refused are no more than arrived."""
    admitted, refused = draw(st.integers(0, 99)), draw(st.integers(0, 9))
    announced = members({"transfer": reference}, {"formerly": choice("R-3")})
    unannounced = members({"ref": choice("R-1"), "origin": state, "persons": count})
    times = members({"arrived": moment}, {"admitted": moment}) | members(
        {"admitted": moment}
    )
    rest = members(
        shared,
        {
            **further,
            "facility": facility,
            "receiving_authority": text,
            "commitment_order": text,
            "more_to_come": st.just(True),  # noqa: FBT003 (the only value)
            "manifest": manifest,
        },
    )
    data: dict[str, Json] = {}
    for made in (draw(announced | unannounced), draw(times), draw(rest)):
        if isinstance(made, dict):
            data.update(made)
    data["arrived_persons"] = admitted + refused
    if refused:
        data["refused"] = [{"n": refused, "reason": draw(text)}]
    if draw(st.booleans()):
        data["admitted_persons"] = admitted
    return data


@st.composite
def _exits(draw: st.DrawFn) -> Json:
    """Return an exit, with or without a split that sums to its persons."""
    portions: list[int] = draw(st.lists(st.integers(1, 99), min_size=1, max_size=3))
    transfers: list[Json] = []
    for seq in range(len(portions)):
        cited = draw(reference)
        if isinstance(cited, dict):
            transfers.append({**cited, "seq": seq})
    data = draw(
        members(
            {
                **shared,
                "occurred": moment,
                "how": choice("released", "died", "unaccounted"),
            },
            {
                "evidence": some(evidence),
                "text": text,
                "part": day,
                "to": state,
                "place": text,
                "authority": text,
                "second_attester": text,
            },
        )
    )
    if not isinstance(data, dict):
        raise TypeError
    data["transfers"] = transfers
    data["persons"] = {"n": sum(portions), "qualifier": "exact"}
    if draw(st.booleans()):
        data["split"] = [
            {"transfer": cited, "n": n}
            for cited, n in zip(reversed(transfers), portions, strict=True)
        ]
    elif len(transfers) > 1:
        data.pop("part", None)  # a part is of one transfer
    return data


@st.composite
def _recoveries(draw: st.DrawFn) -> Json:
    """Return a recovery, with or without a split that sums to its persons."""
    portions: list[int] = draw(st.lists(st.integers(1, 99), min_size=1, max_size=3))
    data = draw(
        members(
            {
                **shared,
                "occurred": moment,
                "exit": reference,
                "how": choice("recaptured", "found", "returned"),
            },
            {"evidence": some(evidence), "text": text, "authority": text},
        )
    )
    if not isinstance(data, dict):
        raise TypeError
    data["persons"] = {"n": sum(portions), "qualifier": "exact"}
    if draw(st.booleans()):
        split: list[Json] = []
        for seq, n in enumerate(portions):
            cited = draw(reference)
            if isinstance(cited, dict):
                split.append({"transfer": {**cited, "seq": seq}, "n": n})
        data["split"] = split
    return data


def _renewals() -> SearchStrategy[Json]:
    common: dict[str, SearchStrategy[Json]] = {
        **shared,
        "transfer": reference,
        "persons": count,
        "agreed_on": choice("2026-03-01"),
    }
    optional: dict[str, SearchStrategy[Json]] = {
        **further,
        "from": choice("2026-03-16"),
        "requested_on": choice("2026-02-01"),
        "authority": text,
        "instrument": instrument_id,
        "counted": members({"n": number, "on": day}),
        "reviewer": text,
        "compensation": pay,
    }
    return members({**common, "until": choice("2027-03-15")}, optional) | members(
        {**common, "length": length}, optional
    )


def _remarks() -> SearchStrategy[Json]:
    common: dict[str, SearchStrategy[Json]] = {
        **shared,
        "about": some(reference),
        "text": text,
    }
    optional: dict[str, SearchStrategy[Json]] = {
        "occurred": moment,
        "evidence": some(evidence),
        "resolves": reference,
    }
    responsibility = members(
        {"state": state, "accepted": st.booleans()}, {"from": day, "to": day}
    )
    statement = members(
        {},
        {
            "capacity": number,
            "population": number,
            "annual_cost": members(money),
            "programme_enrolment": number,
        },
    )
    return (
        members({**common, "type": choice("variance", "notice")}, optional)
        | members(
            {
                **common,
                "type": choice("responsibility"),
                "responsibility": responsibility,
            },
            optional,
        )
        | members(
            {
                **common,
                "type": choice("facility_statement"),
                "facility_statement": statement,
            },
            optional,
        )
    )


def _keys() -> SearchStrategy[Json]:
    vkey = choice("us.example/clerk-07+0c38+AQ==")
    return (
        members(
            {"action": choice("add"), "role": role, "vkey": vkey, "proof": proof},
            {"reason": text},
        )
        | members({"action": choice("retire"), "role": role, "vkey": vkey})
        | members(
            {"action": choice("revoke"), "role": role, "vkey": vkey, "reason": text},
            {"suspect_from": day},
        )
        | members(
            {
                "action": choice("add"),
                "role": choice("holder"),
                "vkey": choice("age1" + "q" * 58),
            }
        )
    )


DATA: dict[str, Made] = {
    kind: _object(made)
    for kind, made in {
        "genesis": members(
            {
                "state": state,
                "name": choice("us.example/book"),
                "zone": zone,
                "keys": some(listing),
                "hash": choice("sha256-rfc6962"),
            },
            {
                "successor_of": members(
                    {
                        "ledger": choice("us.example/old"),
                        "genesis": leaf,
                        "size": positive,
                        "root": leaf,
                    }
                )
            },
        ),
        "key": _keys(),
        "peer": members(
            {
                "name": choice("sv.example/book"),
                "state": state,
                "genesis": leaf,
                "keys": some(
                    members(
                        {
                            "role": choice("log", "witness", "auditor", "state"),
                            "vkey": text,
                        }
                    )
                ),
            }
        ),
        "seal": members(
            {
                "checkpoint": st.just(["us.example/book", "3", "x" * 44]),
                "signatures": st.just(["— us.example/book x", "— sv.example/w x"]),
            }
        ),
        "acknowledgement": members(
            {"targets": some(members({"seq": number, "leaf": leaf})), "reason": text}
        ),
        "instrument": members(
            {
                **shared,
                "id": instrument_id,
                "title": text,
                "type": choice("treaty", "announcement", "none"),
                "binding": choice("yes", "no", "disputed", "unknown"),
                "stage": choice("announced", "signed", "in_force", "terminated"),
                "text_public": choice("yes", "partial", "no"),
                "parties": some(text),
            },
            {
                **further,
                "arrangement": choice("us-sv-2025"),
                "headcount": count,
                "term": term,
                "renewal": clause,
                "compensation": pay,
                "reports": some(duty),
            },
        ),
        "transfer": _transfers(),
        "receipt": _receipts(),
        "renewal": _renewals(),
        "exit": _exits(),
        "recovery": _recoveries(),
        "payment": members(
            {
                **shared,
                **money,
                "occurred": moment,
                "stage": choice("pledge", "commitment", "payment", "refund"),
                "payer": text,
                "payee": text,
                "for": members({"transfers": some(reference)})
                | members(
                    {"instrument": instrument_id}, {"transfers": some(reference)}
                ),
            },
            {
                "evidence": some(evidence),
                "text": text,
                "per": choice("total", "person_day"),
                "account_holder": text,
                "value_on": day,
                "purpose": text,
                "restrictions": some(text),
            },
        ),
        "claim": members(
            {**shared, "target": reference, "path": pointer, "value": plain}, further
        ),
        "remark": _remarks(),
        "correction": members(
            {
                "target": reference,
                "reason": text,
                "changes": some(
                    members({"path": pointer, "new": plain})
                    | members({"path": pointer, "old": plain})
                ),
            }
        ),
        "retraction": members({"target": reference, "reason": text}),
        "approval": members({"target": reference}, {"text": text}),
        "confirmation": members({"targets": some(reference)}, {"text": text}),
    }.items()
}

"""Words are found wherever they were recorded, whatever their case and accents."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import UsageError
from ledger.register.finding import find, folded
from ledger.register.opening import Places
from tests.office import Office
from tests.register.stored import image_of, lay, opened, storable


@pytest.fixture(name="there")
def _there(tmp_path: Path) -> Places:
    office = Office()
    office.instrument(title="Exchange of notes, Brasília")
    office.transfer(
        group={"label": "ALLEGED members", "said_by": "US"},
        breakdown=[{"label": "Ley de Extranjeros", "n": 238}],
        instruments=["I-1"],
        text="x" * 100 + " Medellín " + "y" * 100,
    )
    office.put(b"alleged members")
    office.correct(2, {"path": "/group/label", "old": "ALLEGED members", "new": "g"})
    office.remark(0, text="the straße was closed")
    office.retract(5)
    return lay(tmp_path, image_of(office))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("alleged", [(2, "T-1", "/group/label"), (4, "T-1", "/changes/0/old")]),
        ("extranjeros", [(2, "T-1", "/breakdown/0/label")]),
        ("BRASILIA", [(1, "I-1", "/title")]),
        ("STRASSE", [(5, None, "/text")]),
        ("  closed", []),
        ("was closed", [(5, None, "/text")]),
        ("238", []),
    ],
)
def test_words_are_found_in_every_text_of_valid_entries(
    words: str, found: list[tuple[int, str | None, str]], there: Places
) -> None:
    with opened(there, write=False) as register:
        hits = find(register, words).hits

    assert [(hit.entry.seq, hit.ref, hit.path) for hit in hits] == found


def test_a_find_says_where_the_words_stand_and_what_became_of_the_entry(
    there: Places,
) -> None:
    with opened(there, write=False) as register:
        (place,) = find(register, "medellin").hits
        (street,) = find(register, "strasse").hits
        heads = find(register, "nowhere at all").heads

    assert place.text[place.start : place.stop] == "Medellín"
    assert (place.corrected_by, place.retracted_by) == ((4,), None)
    assert street.text[street.start : street.stop] == "straße"
    assert street.retracted_by == 6
    assert heads[0].size == 7


@pytest.mark.parametrize("words", ["", " ", "\u0301"])
def test_no_words_are_not_looked_for(words: str, there: Places) -> None:
    with opened(there, write=False) as register, pytest.raises(UsageError):
        find(register, words)


@pytest.mark.parametrize("each", [1, 2, 3, 7, 8])
def test_long_books_are_read_in_slices(each: int, there: Places) -> None:
    with opened(there, write=False) as register:
        assert find(register, "e", each=each) == find(register, "e")


@pytest.mark.parametrize("number", range(3))
def test_every_text_of_every_valid_entry_is_found_by_itself(
    number: int, tmp_path: Path
) -> None:
    office = storable(number)
    there = lay(tmp_path, image_of(office))
    texts = {
        (entry.seq, str(entry.data["asserted_by"]))
        for entry in office.history.entries.values()
        if "asserted_by" in entry.data
    }

    with opened(there, write=False) as register:
        for words in {said for _, said in texts}:
            hits = find(register, words.lower()).hits
            found = {h.entry.seq for h in hits if h.path == "/asserted_by"}
            assert {seq for seq, said in texts if said == words} <= found


@given(st.text(max_size=20))
def test_folding_a_folded_text_changes_nothing_and_places_are_in_order(
    text: str,
) -> None:
    once, places = folded(text)

    assert folded(once)[0] == once
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)

from hypothesis import given
from hypothesis import strategies as st

from ledger.exchange.markup import element, isolated, joined, sentence, text, timed
from ledger.exchange.markup import void as void_element
from ledger.exchange.plaintext import clean
from tests.exchange.pages import read_page


@given(st.text())
def test_a_text_is_shown_as_it_is_and_is_never_markup(value: str) -> None:
    page = read_page(element("p", text(value), aria_label=value))

    assert page.text == clean(value)
    assert page.elements == [("p", {"aria-label": clean(value)})]


@given(st.text())
def test_a_value_is_set_apart_in_its_sentence(value: str) -> None:
    page = read_page(element("p", sentence(f"a < {isolated(value)} & b")))

    assert page.text == f"a < {clean(value)} & b"
    assert page.tags in (["p", "bdi"], ["p", "time"])


def test_a_day_is_a_time_and_is_not_broken() -> None:
    assert sentence(f"on {isolated('2025-03-16')}") == "on <time>2025-03-16</time>"
    assert timed("2025-03-16 < 12025-03-16") == (
        "<time>2025-03-16</time> &lt; 12025-03-16"
    )


def test_names_of_attributes_are_written_as_html_has_them() -> None:
    made = joined([void_element("meta", http_equiv="a"), element("p", class_='"b"')])

    assert made == '<meta http-equiv="a">\n<p class="&quot;b&quot;"></p>'

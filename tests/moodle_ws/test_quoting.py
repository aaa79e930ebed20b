import json
from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from connector.moodle_ws.quoting import quoted


@given(st.text())
def test_it_is_what_the_standard_library_says(text: str) -> None:
    assert quoted(text) == quote_plus(text)
    assert quoted(json.dumps(text)) == quote_plus(json.dumps(text))


@given(st.characters(max_codepoint=127))
def test_every_ascii_sign_is_known(sign: str) -> None:
    assert quoted(f"{sign}%{sign}") == quote_plus(f"{sign}%{sign}")

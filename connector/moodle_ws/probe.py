"""How many form variables a site takes whole: asked once, harmlessly, where lists must travel in plain forms.

PHP drops every variable after `max_input_vars` without a word. `core_webservice_get_site_info` takes a list that may
be of any length, and refuses a name that it does not know: with such a name as the very last variable, a refusal
proves that all arrived, and a success that the tail was cut (reference/moodle-ws-recipes.md section 0.10 [M]).
"""

from collections.abc import Callable, Iterator

FUNCTION = "core_webservice_get_site_info"
LAST = "connectorprobe"
STEPS = (1900, 4900, 9900)  # PHP's usual limits of 2,000, 5,000 and 10,000, less what a request needs itself
SMALLEST = 50
_CONTROL_VARIABLES = 4  # token, function, format and the unknown name


def parameters(variables: int) -> Iterator[tuple[str, str]]:
    """The form's variables after the control ones, so that the whole form has so many."""
    for index in range(variables - _CONTROL_VARIABLES):
        yield f"serviceshortnames[{index}]", "x"
    yield LAST, "1"


def largest(first: int, arrives: Callable[[int], bool]) -> int:
    """The most variables of which all arrive: upwards from `first` as long as they do, else downwards by halves."""
    found = first
    if not arrives(first):
        while found > SMALLEST:
            found = max(SMALLEST, found // 2)
            if arrives(found):
                break
        return found
    for step in STEPS:
        if step <= first:
            continue
        if not arrives(step):
            break
        found = step
    return found

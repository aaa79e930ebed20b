"""A number of a workbook -> the digits that it means, however it is shown or stored. Pure."""


def number_text(stored: str | float) -> str:
    """'912345678' for 912345678.0, 9.12345678E8 and '912345678'; '' for ''; other decimals as Python writes them.

    Raises ValueError for what is no number.
    """
    if stored == "":
        return ""
    if isinstance(stored, str) and stored.isdecimal():
        return stored
    value = float(stored)
    return f"{value:.0f}" if value.is_integer() else repr(value)

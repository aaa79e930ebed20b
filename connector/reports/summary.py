"""People counted by province, for the summary table of a progress report. Pure: nothing is written."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from connector.reports.rows import ProvinceRow


class PersonFacts(NamedTuple):
    """What counts of one registered person. A tuple: there is one for each of hundreds of thousands."""

    province_code: str
    provisioned: bool
    logged_in: bool
    studying: bool
    completed: bool
    certified: bool


def province_rows(people: Iterable[PersonFacts], provinces: Sequence[tuple[str, str]]) -> list[ProvinceRow]:
    """A row for each of these provinces (code, name), in their order, also where nobody is registered."""
    import pandas as pd  # half a second of loading that only reports should pay

    frame = pd.DataFrame.from_records(list(people), columns=PersonFacts._fields)
    by_province = frame.groupby("province_code")
    counted = by_province.sum().astype(int).assign(registered=by_province.size())
    counted = counted.reindex([code for code, _name in provinces], fill_value=0)
    return [
        ProvinceRow(province_code=code, province=name, **{str(key): int(value) for key, value in row.items()})
        for (code, name), (_code, row) in zip(provinces, counted.iterrows(), strict=True)
    ]

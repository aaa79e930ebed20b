"""Use case: delete what is older than the configuration lets it be kept; dry run first."""

from collections.abc import Mapping
from datetime import timedelta

from connector.context import Context
from connector.jobs.acts import record_act
from connector.store.acts import DataAct


def retention(ctx: Context, *, really: bool) -> Mapping[str, int]:
    """By kind of `retention` in the configuration, how many rows are (or, if `really`, were) too old.

    Kinds without a number of days are kept and not counted. What is deleted cannot be brought back.
    """
    days: dict[str, int] = ctx.settings.retention.model_dump(exclude_none=True)
    limits = {kind: ctx.now() - timedelta(days=number) for kind, number in days.items()}
    if not really:
        with ctx.store.begin() as tx:
            return tx.retention.count(limits)
    record_act(ctx, DataAct.DELETED_OLD, what=", ".join(f"{kind}: {number} d" for kind, number in days.items()))
    with ctx.store.begin() as tx:
        return tx.retention.delete(limits)

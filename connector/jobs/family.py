"""Who shares a platform: the programmes of one site, where a person may stand in several."""

from connector.context import Context
from connector.programmes.definition import Programme, known_programmes
from connector.programmes.together import check_together


def all_programmes(ctx: Context) -> list[Programme]:
    """Every programme of the configuration, by key. Raises ConfigError when two call one cohort by two names."""
    found = [ctx.whole_programme(key) for key in known_programmes(ctx.settings.programmes_dir)]
    check_together([one for programme in found for one in programme.by_site])
    return found


def programmes_on(ctx: Context, site: str) -> list[Programme]:
    """The programmes of one site as it has them, by key. Raises ConfigError as `all_programmes` does."""
    return [one for programme in all_programmes(ctx) for one in programme.by_site if one.site == site]

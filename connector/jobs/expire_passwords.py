"""Use case: stored first passwords are destroyed when they have done their service or are too old."""

from dataclasses import dataclass
from datetime import timedelta

from connector.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """How many stored passwords were destroyed, by reason."""

    handed_out: int
    logged_in: int
    old: int


def expire_passwords(ctx: Context) -> Expired:
    """Destroy what the settings (`passwords`) no longer let us keep, of all sites; the row stays, without the secret.

    Who has logged in is what the mirror knows. The platform is not touched: the passwords there go on to work.
    """
    keep, now = ctx.settings.passwords, ctx.now()
    with ctx.store.begin() as tx:
        return Expired(
            logged_in=tx.passwords.destroy_logged_in(now) if keep.destroy_after_login else 0,
            handed_out=tx.passwords.destroy_handed_out(now - timedelta(days=keep.keep_days_after_handout), now),
            old=tx.passwords.destroy_old(now - timedelta(days=keep.keep_days), now),
        )

"""Use case: stored first passwords are sealed anew with a new key.

The new key lies beside the old one until the database has been sealed with it in one transaction; then it takes the old
one's place. Cut off anywhere, the same command finishes the work.
"""

from connector.context import Context
from connector.errors import BrokenData
from connector.jobs.sealing import Vault, read_key
from connector.store.passwords import Sealed


def rekey_passwords(ctx: Context) -> int:
    """Seal every stored password with a new key, which takes the place of the old; how many. Not during an apply.

    Raises BrokenData when neither the key nor one of a rekeying that was cut off opens what is stored.
    """
    path = ctx.settings.password_key
    draft = path.with_name(f"{path.name}.new")
    old, new = Vault(read_key(path)), Vault(read_key(draft))

    def sealed_anew(site: str, sealed: Sealed) -> Sealed:
        try:
            password = old.open(site, sealed)
        except BrokenData:
            # Sealed with the new key by the run that was cut off before it could put the key in its place.
            password = new.open(site, sealed)
        return new.seal(site, sealed.sealed_for, password)

    with ctx.store.begin() as tx:
        count = tx.passwords.reseal(sealed_anew)
    draft.replace(path)
    return count

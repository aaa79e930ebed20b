"""Use case: checking programme files, noting who is exempt by which decision, and telling which rules have judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from connector.context import Context
from connector.errors import ConfigError
from connector.language import _
from connector.mappers.roster import phone_of_text
from connector.model import Exemption, mask_phone
from connector.programmes.compiled import rule_version
from connector.programmes.definition import Programme, examine_programme, known_programmes, programme_file
from connector.programmes.meaning import rule_in_words
from connector.programmes.rule import titles
from connector.programmes.sites import sites_in_words
from connector.programmes.wording import Located, nearest
from connector.settings import Settings
from connector.store.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One programme file: what is wrong in it; where nothing is, the version of its rule and what the file means."""

    path: Path
    problems: tuple[Located, ...]
    version: str = ""
    words: tuple[str, ...] = ()


def check_programmes(settings: Settings, wanted: Sequence[str] = ()) -> list[Checked]:
    """These programmes, each a path or a key, or all of the folder. Reads files only; no database, no platform."""
    folder = settings.programmes_dir
    paths = [_path(folder, one) for one in wanted or known_programmes(folder)]
    return [_checked(path) for path in paths]


def _path(folder: Path, wanted: str) -> Path:
    path = Path(wanted)
    return path if path.suffix or path.exists() else programme_file(folder, wanted)


def _checked(path: Path) -> Checked:
    examined = examine_programme(path)
    if examined.programme is None:
        return Checked(path=path, problems=examined.problems)
    programme = examined.programme
    words = (*sites_in_words(programme.sites), *rule_in_words(programme))
    return Checked(path=path, problems=(), version=rule_version(programme), words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What somebody is exempt from: exactly one of a topic and a part of the rule."""

    topic: str = ""
    part: str = ""


def exempt(
    ctx: Context,
    phone_texts: Sequence[str],
    target: Target,
    *,
    decision: str,
    decided_on: date,
    by: str,
    programme_key: str | None = None,
) -> list[Exemption]:
    """Note that these people are exempt, all or none; it counts from the next evaluation on. What was written.

    Raises ConfigError for a number that is none, naming all that are of nobody in the programme, and for an unknown
    topic or part.
    """
    programme = ctx.programme(programme_key)
    _known_target(programme, target)
    if decided_on > ctx.now().astimezone(programme.zone).date():
        raise ConfigError(_("The decision of {day} lies in the future.").format(day=f"{decided_on:%d/%m/%Y}"))
    with ctx.store.begin() as tx:
        made = [
            Exemption(
                programme=programme.key,
                phone=phone,
                topic=target.topic,
                part=target.part,
                decision=decision,
                decided_on=decided_on,
                by=by,
            )
            for phone in _members(tx, programme, phone_texts)
        ]
        for one in made:
            tx.exemptions.add(one, ctx.now())
    return made


def lift_exemption(
    ctx: Context, phone_texts: Sequence[str], target: Target, *, by: str, programme_key: str | None = None
) -> list[Exemption]:
    """End the exemptions of these people from the target, all or none; they stay on record. What was ended.

    Raises ConfigError naming all who have none.
    """
    programme = ctx.programme(programme_key)
    phones = _numbers(phone_texts)
    with ctx.store.begin() as tx:
        found = {
            one.phone: one
            for some in tx.exemptions.of_phones(programme.key, phones).values()
            for one in some
            if (one.topic, one.part) == (target.topic, target.part)
        }
        without = [mask_phone(phone) for phone in phones if phone not in found]
        if without:
            raise ConfigError(
                _("No such exemption: {people}.").format(people=", ".join(without)),
                hint=_("'connector programme exemptions' lists all."),
            )
        for one in found.values():
            tx.exemptions.lift(one, by, ctx.now())
    return list(found.values())


def exemptions(ctx: Context, programme_key: str | None = None) -> list[Exemption]:
    """All exemptions in force in the programme. Reads only."""
    with ctx.store.begin() as tx:
        return tx.exemptions.of_programme(ctx.programme(programme_key).key)


def rule_versions(ctx: Context, programme_key: str | None = None) -> list[tuple[str, datetime, tuple[str, ...]]]:
    """Version, first use and words of every rule by which the programme has been judged, oldest first. Reads only."""
    with ctx.store.begin() as tx:
        return tx.verdicts.versions(ctx.programme(programme_key).key)


def _numbers(phone_texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(phone_of_text(text) for text in phone_texts))


def _members(tx: Transaction, programme: Programme, phone_texts: Sequence[str]) -> list[str]:
    phones = _numbers(phone_texts)
    known = tx.registrations.of_phones(programme.key, phones)
    strangers = [mask_phone(phone) for phone in phones if phone not in known]
    if strangers:
        raise ConfigError(
            _("Nobody of the programme '{key}' has the number {numbers}.").format(
                key=programme.key, numbers=", ".join(strangers)
            ),
            hint=_("Look it up in the roster, or name another programme with --programme."),
        )
    return phones


def _known_target(programme: Programme, target: Target) -> None:
    if bool(target.topic) == bool(target.part):
        raise ConfigError(_("Name either a topic or a part of the rule."))
    topics, parts = [topic.key for topic in programme.topics], list(titles(programme.rule))
    if target.topic and target.topic not in topics:
        raise ConfigError(_("There is no topic '{key}'.").format(key=target.topic), hint=nearest(target.topic, topics))
    if target.part and target.part not in parts:
        raise ConfigError(
            _("The rule has no part '{name}'.").format(name=target.part), hint=nearest(target.part, parts)
        )

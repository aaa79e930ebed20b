"""Use case: checking programme files, noting who is exempt by which decision, and telling which rules have judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from connector.context import Context
from connector.errors import ConfigError
from connector.language import _
from connector.mappers.roster import phone_of_text
from connector.model import Exemption
from connector.programmes.compiled import rule_version
from connector.programmes.definition import Programme, examine_programme, known_programmes, programme_file
from connector.programmes.meaning import rule_in_words
from connector.programmes.rule import titles
from connector.programmes.wording import Located, nearest
from connector.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One programme file: what is wrong in it; where nothing is, the version of its rule and what that means."""

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
    return Checked(path=path, problems=(), version=rule_version(programme), words=rule_in_words(programme))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What somebody is exempt from: exactly one of a topic and a part of the rule."""

    topic: str = ""
    part: str = ""


def exempt(
    ctx: Context,
    phone_text: str,
    target: Target,
    *,
    decision: str,
    decided_on: date,
    by: str,
    programme_key: str | None = None,
) -> Exemption:
    """Note that this person is exempt; it counts from the next evaluation on. The exemption that was written.

    Raises ConfigError for a number that is none or of nobody in the programme, and for an unknown topic or part.
    """
    programme = ctx.programme(programme_key)
    one = Exemption(
        programme=programme.key,
        phone=_member(ctx, programme, phone_text),
        topic=target.topic,
        part=target.part,
        decision=decision,
        decided_on=decided_on,
        by=by,
    )
    _known_target(programme, target)
    if decided_on > ctx.now().astimezone(programme.zone).date():
        raise ConfigError(_("The decision of {day} lies in the future.").format(day=f"{decided_on:%d/%m/%Y}"))
    with ctx.store.begin() as tx:
        tx.exemptions.add(one, ctx.now())
    return one


def lift_exemption(ctx: Context, phone_text: str, target: Target, *, by: str, programme_key: str | None = None) -> str:
    """End an exemption; it stays on record. The phone. Raises ConfigError when there is none for this target."""
    programme = ctx.programme(programme_key)
    phone = phone_of_text(phone_text)
    with ctx.store.begin() as tx:
        found = [
            one
            for one in tx.exemptions.of_phones(programme.key, [phone]).get(phone, [])
            if (one.topic, one.part) == (target.topic, target.part)
        ]
        for one in found:
            tx.exemptions.lift(one, by, ctx.now())
    if not found:
        raise ConfigError(
            _("This person has no such exemption."), hint=_("'connector programme exemptions' lists all.")
        )
    return phone


def exemptions(ctx: Context, programme_key: str | None = None) -> list[Exemption]:
    """All exemptions in force in the programme. Reads only."""
    with ctx.store.begin() as tx:
        return tx.exemptions.of_programme(ctx.programme(programme_key).key)


def rule_versions(ctx: Context, programme_key: str | None = None) -> list[tuple[str, datetime, tuple[str, ...]]]:
    """Version, first use and words of every rule by which the programme has been judged, oldest first. Reads only."""
    with ctx.store.begin() as tx:
        return tx.verdicts.versions(ctx.programme(programme_key).key)


def _member(ctx: Context, programme: Programme, phone_text: str) -> str:
    phone = phone_of_text(phone_text)
    with ctx.store.begin() as tx:
        if phone not in tx.registrations.of_phones(programme.key, [phone]):
            raise ConfigError(
                _("Nobody of the programme '{key}' has this number.").format(key=programme.key),
                hint=_("Look it up in the roster, or name another programme with --programme."),
            )
    return phone


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

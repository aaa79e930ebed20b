"""What people read for kinds and actions."""

from connector.language import _
from connector.model import Kind
from connector.sync.change import Action


def kind_word(kind: Kind) -> str:
    """The word for one thing of this kind."""
    return {
        Kind.COHORT: _("cohort"),
        Kind.ACCOUNT: _("account"),
        Kind.MEMBERSHIP: _("cohort membership"),
        Kind.ENROLMENT: _("enrolment"),
        Kind.GROUP: _("course group"),
        Kind.GROUP_MEMBERSHIP: _("place in a course group"),
    }[kind]


def action_word(action: Action) -> str:
    """What an action does, as a heading."""
    return {Action.CREATE: _("create"), Action.UPDATE: _("update"), Action.REMOVE: _("remove")}[action]

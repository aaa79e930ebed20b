"""Whether a course is there, and its name: many calls answer an unknown course as an empty one (facts section 4)."""

from dataclasses import dataclass, field
from http import HTTPStatus

from connector.errors import ConfigError
from connector.language import _
from connector.openedx import paths
from connector.openedx.client import OpenEdx
from connector.openedx.throttle import Scope


@dataclass(slots=True)
class Courses:
    """The courses of one site, each asked for once."""

    site: OpenEdx
    _names: dict[str, str] = field(default_factory=dict)

    def name(self, course: str) -> str:
        """The course's name. One request, once. Raises ConfigError for a course that is not there."""
        if course not in self._names:
            # An unknown key is a JSON 404, one that is none a page of 404.
            answer = self.site.get(paths.course(course), scope=Scope.COURSES, expected=(HTTPStatus.NOT_FOUND,))
            if not answer.ok:
                raise ConfigError(
                    _("There is no course '{course}' on the platform.").format(course=course),
                    hint=_("A course of Open edX is named by its key: course-v1:ORG+NUMBER+RUN."),
                )
            self._names[course] = str(answer.value["name"])
        return self._names[course]

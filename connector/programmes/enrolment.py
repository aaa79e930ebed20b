"""How learners come into the courses of a programme, and what becomes of those who leave.

Read from the programme's YAML file (connector/programmes/definition.py).
"""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from connector.language import _
from connector.model import Cohort
from connector.programmes.patterns import names_in, pattern_problem
from connector.programmes.topics import Part, RemoteKey, Text, filled


def _cohort_pattern(pattern: str) -> str:
    problem = pattern_problem(pattern, ("province", "province_code"))
    if problem:
        raise ValueError(problem)
    return pattern


class Cohorts(Part):
    """How the site-wide cohort of a province is called; braces may hold province_code and province."""

    idnumber: Annotated[RemoteKey, AfterValidator(_cohort_pattern)] = Field(
        default="VN-{province_code}", description="Our key of the cohort; one for each province."
    )
    name: Annotated[Text, AfterValidator(_cohort_pattern)] = Field(
        default="{province}", description="The name that people see."
    )

    @field_validator("idnumber")
    @classmethod
    def _tells_provinces_apart(cls, pattern: str) -> str:
        if "province_code" not in names_in(pattern):
            raise ValueError(_("it must hold {province_code}, or all provinces would share one cohort"))
        return pattern

    def of(self, province_code: str, province: str) -> Cohort:
        """The cohort of one province. Nothing is written."""
        return Cohort(
            idnumber=self.idnumber.format(province_code=province_code, province=province),
            name=self.name.format(province_code=province_code, province=province),
        )


class EnrolmentMethod(StrEnum):
    """Who enrols: we, person by person, or the platform, which enrols the members of the provinces' cohorts."""

    MANUAL = "manual"
    COHORT = "cohort"


class EnrolmentPolicy(Part):
    """Which courses a learner is enrolled in and how, and whether each course has a group for each province."""

    courses: Annotated[tuple[RemoteKey, ...], AfterValidator(filled)] = Field(description="Idnumbers of the courses.")
    method: EnrolmentMethod = Field(
        default=EnrolmentMethod.MANUAL,
        description="manual: we enrol each person; cohort: the courses enrol the provinces' cohorts themselves.",
    )
    limit_to_window: bool = Field(
        default=True,
        description="true: enrolments begin and end with the window; false: they have no dates. By cohort, none has.",
    )
    groups: Annotated[RemoteKey, AfterValidator(_cohort_pattern)] | None = Field(
        default=None,
        description="Key of a course group for each province, such as VN-{province_code}; left out: no groups.",
    )

    @field_validator("groups")
    @classmethod
    def _tells_provinces_apart(cls, pattern: str | None) -> str | None:
        if pattern is not None and "province_code" not in names_in(pattern):
            raise ValueError(_("it must hold {province_code}, or all provinces would share one group"))
        return pattern

    @property
    def enrols(self) -> bool:
        """True when we enrol; False when the platform enrols the members of the cohorts."""
        return self.method is EnrolmentMethod.MANUAL


class Leaving(StrEnum):
    """What becomes of a learner who is no longer on any roster; nothing is ever deleted."""

    KEEP = "keep"
    LEAVE_COHORT = "leave_cohort"
    SUSPEND_ENROLMENT = "suspend_enrolment"
    SUSPEND_ACCOUNT = "suspend_account"

"""The certificate of a programme: how it is released, approved and numbered, and what its paper says."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from connector.language import _
from connector.lms import CertificateGate, GrantWay
from connector.programmes.patterns import pattern_problem
from connector.programmes.topics import Key, Part, RemoteKey, Text


class Grant(StrEnum):
    """Who issues, and what releases it; reference/moodle-ws-facts.md section 14, gate comparison."""

    GROUP = "group"
    PROFILE_FIELD = "profile_field"
    GATE_ACTIVITY = "gate_activity"
    OWN_COMPLETION = "own_completion"
    ALLOWLIST = "allowlist"
    OWN_PAPER = "own_paper"


class Approval(StrEnum):
    """Whether a person must approve before anything is released."""

    NONE = "none"
    REQUIRED = "required"


_NEEDED = {
    Grant.GROUP: {"course", "certificate", "group"},
    Grant.PROFILE_FIELD: {"course", "certificate", "profile_field"},
    Grant.GATE_ACTIVITY: {"course", "certificate", "gate_activity"},
    Grant.OWN_COMPLETION: {"course", "certificate"},
    Grant.ALLOWLIST: {"course"},
    Grant.OWN_PAPER: set[str](),
}
_PLACES = ("course", "certificate", "group", "profile_field", "gate_activity")


class Release(Part):
    """What releases a certificate on one platform, and where there."""

    grant: Grant = Field(
        default=Grant.GROUP,
        description="What releases it on the platform: group, profile_field, gate_activity or own_completion; "
        "on Open edX allowlist; own_paper: the platform has no certificates, the paper is ours.",
    )
    course: RemoteKey | None = Field(default=None, description="Idnumber of the course that holds the certificate.")
    certificate: RemoteKey | None = Field(default=None, description="Idnumber of the certificate activity.")
    group: RemoteKey | None = Field(
        default=None, description="grant: group. Idnumber of the course group to which the certificate is restricted."
    )
    profile_field: RemoteKey | None = Field(
        default=None, description="grant: profile_field. Short name of the field, of this certificate alone."
    )
    gate_activity: RemoteKey | None = Field(
        default=None, description="grant: gate_activity. Idnumber of the activity to which it is restricted."
    )

    @model_validator(mode="after")
    def _names_its_gate(self) -> Self:
        given = {name for name in _PLACES if getattr(self, name) is not None}
        needed = _NEEDED[self.grant]
        if needed - given:
            missing = ", ".join(sorted(needed - given))
            raise ValueError(_("grant: {grant} needs {keys}").format(grant=self.grant, keys=missing))
        if given - needed:
            idle = ", ".join(sorted(given - needed))
            raise ValueError(_("grant: {grant} makes no use of {keys}").format(grant=self.grant, keys=idle))
        return self

    @property
    def gate(self) -> CertificateGate | None:
        """How the platform releases it; None where the paper is our own."""
        if self.grant is Grant.OWN_PAPER:
            return None
        return CertificateGate(
            course=self.course or "",
            certificate=self.certificate or self.course or "",  # by allowlist, the certificate is the course's own
            way=GrantWay(self.grant),
            group=self.group or "",
            profile_field=self.profile_field or "",
            gate_activity=self.gate_activity or "",
        )


class CertificatePolicy(Release):
    """How the certificate is released and numbered in our register (sổ cấp)."""

    approval: Approval = Field(
        default=Approval.NONE, description="required: nothing is released before 'connector certificates approve'."
    )
    late_after_hours: Annotated[float, Field(gt=0)] = Field(
        default=24, description="So many hours after its release a certificate that is not issued is reported."
    )
    title: Text = Field(description="What the paper is called.")
    signer: str = Field(default="", description="Post and name of who signs, as on the paper.")
    decision: str = Field(default="", description="Number and date of the decision that it rests on.")
    hours: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Class hours (tiết) on the paper; left out: those of the topics that were done."
    )
    book: Key | None = Field(
        default=None, description="The register (sổ cấp) that numbers it; left out: one of the programme's own."
    )
    register_no: Text = Field(description="Pattern of the register number; {seq} counts from 1, {seq:05d} with zeros.")
    template: Key = Field(
        default="certificate", description="grant: own_paper. Name of the template in the folder of templates."
    )

    @field_validator("register_no")
    @classmethod
    def _counts(cls, pattern: str) -> str:
        problem = pattern_problem(pattern, ("seq",))
        if problem:
            raise ValueError(problem)
        try:
            differs = pattern.format(seq=1) != pattern.format(seq=2)
        except ValueError as error:
            raise ValueError(_("'{pattern}' is no pattern: {why}").format(pattern=pattern, why=error)) from None
        if not differs:
            raise ValueError(_("it must hold {seq}, or all certificates would share one number"))
        return pattern

    def register_number(self, seq: int) -> str:
        """The register number of the seq-th certificate of the book, counted from 1."""
        return self.register_no.format(seq=seq)

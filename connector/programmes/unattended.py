"""What may be changed on the platform without anybody having looked at the plan."""

from pydantic import Field

from connector.programmes.topics import Part


class Unattended(Part):
    """Whether the service may apply plans by itself, and how much one plan may then do; a larger one waits."""

    apply: bool = Field(default=False, description="true: plans within these limits are applied by the service.")
    most: int = Field(default=2000, ge=0, description="The most changes of one plan.")
    losses: int = Field(default=0, ge=0, description="So many people may lose access in one plan.")

"""The part of the configuration that says what first passwords are made of and how long they are kept."""

from pydantic import Field, field_validator, model_validator

from connector.settings.sections import Section


class Passwords(Section):
    """First passwords: what they are made of, and how long they are kept. The site's own policy cannot be read over
    web services: these must satisfy it (Moodle: Site administration > Security > Site security settings).
    """

    length: int = Field(default=12, ge=8, le=20, description="Characters of a password.")
    capitals: int = Field(default=1, ge=0, le=4, description="At least so many capital letters (0: none at all).")
    small_letters: int = Field(default=1, ge=1, le=4, description="At least so many small letters.")
    digits: int = Field(default=1, ge=0, le=4, description="At least so many digits (0: none at all).")
    signs: int = Field(default=1, ge=0, le=4, description="At least so many signs (0: none at all).")
    sign_set: str = Field(default="@#%+=?", min_length=1, description="The signs that may be used.")
    keep_days: int = Field(default=120, ge=1, description="Days after which a stored password is destroyed anyway.")
    keep_days_after_handout: int = Field(
        default=30, ge=0, description="Days after its hand-out after which a stored password is destroyed."
    )
    destroy_after_login: bool = Field(
        default=True, description="Destroy the stored password of everybody whom the mirror has seen logged in."
    )

    @field_validator("sign_set")
    @classmethod
    def _only_signs(cls, signs: str) -> str:
        if any(sign.isalnum() or sign.isspace() or not sign.isascii() or not sign.isprintable() for sign in signs):
            raise ValueError("only ASCII signs that are neither letters, digits nor blanks")
        return signs

    @model_validator(mode="after")
    def _has_room(self) -> "Passwords":
        if 2 * (self.capitals + self.small_letters + self.digits + self.signs) > self.length:
            raise ValueError("length must be at least twice the sum of capitals, small_letters, digits and signs")
        return self

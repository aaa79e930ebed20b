"""The address of the fake platform and the connector's mark on it: the part of `FakeLms` that is about them."""

from collections.abc import Callable

from connector.errors import ConnectorError, OutcomeUnknown
from connector.lms import ItemResult, Outcome


class FakeMark:
    """`at_mark` is what happens to who reads the mark or, of an unknown outcome, to who leaves it; `meanwhile` is what
    somebody else does while a mark is being read.
    """

    mark: str = ""
    where: str = "mooc.example"
    at_mark: ConnectorError | None = None
    meanwhile: Callable[[], object] | None = None
    refuse: dict[tuple[str, ...], str]

    def _refused(self, key: tuple[str, ...]) -> ItemResult:
        raise NotImplementedError

    def address(self) -> str:
        return self.where

    def marks(self) -> list[str]:
        """The outages of the test's subject do not strike it, `at_mark` alone does."""
        if self.at_mark is not None and not isinstance(self.at_mark, OutcomeUnknown):
            raise self.at_mark
        seen = [self.mark] if self.mark else []
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return seen

    def leave_mark(self, text: str) -> ItemResult:
        if ("mark",) in self.refuse:
            return self._refused(("mark",))
        self.mark = text
        if self.at_mark is not None:
            raise self.at_mark
        return ItemResult(key=(text,), outcome=Outcome.DONE)

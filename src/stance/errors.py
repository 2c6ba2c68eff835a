"""The errors that `stance` raises on purpose: each message says what is wrong, where, and what to do."""

from __future__ import annotations


class StanceError(Exception):
    """Base of all errors raised on purpose; its message is meant for the user as it stands."""


class MissingDependencyError(StanceError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        """Name the missing `package`, the `extra` that brings it and the `purpose` it serves."""
        super().__init__(
            f"the package {package!r} is not installed ({purpose}); install it with: pip install 'stance[{extra}]'"
        )


class ValidationError(StanceError):
    """A record does not follow the schema; the message names record, field and value."""

    def __init__(self, record: str, field: str, problem: str) -> None:
        """Say which `field` of which `record` has which `problem`."""
        super().__init__(f"record {record}: {field}: {problem}")
        self.record = record
        self.field = field
        self.problem = problem


class InputError(StanceError):
    """A file or stream cannot be read as what it is given as."""

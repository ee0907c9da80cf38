"""Domain errors: what went wrong, where, and the remedy. They know nothing of HTTP or languages.

Each class has an English `template`; its fields are kept, for other languages and for programs.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, ClassVar

MAX_SHOWN = 60
"""How much of a wrong value a message shows."""


def shown(value: Any) -> str:
    """A value for a message: containers by their kind, the rest shortened."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > 64:
        return "a very large number"
    text = repr(value[:MAX_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


class CMDBError(Exception):
    """Base of all domain errors; `fields` fill `template`."""

    template: ClassVar[str] = "{detail}"

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        super().__init__(self.template.format(**fields))

    @property
    def code(self) -> str:
        """Stable name of the error, for programs."""
        return type(self).__name__


class InvalidInput(CMDBError):
    """The input is wrong; `place` says where in it, when known."""

    template = "{place}: {detail}"


class NoSuchMoment(InvalidInput):
    """A time, or the number of a commit, at which there was no log."""

    template = (
        "{place}: {value} is no moment of the log; give a commit number from 1 to {last},"
        " or an ISO 8601 time after the first commit"
    )


class UnknownName(InvalidInput):
    """A catalog name nobody declared."""

    template = "{place}: unknown {kind} '{name}'{hint}"

    def __init__(self, *, place: str, kind: str, name: str, known: Iterable[str]) -> None:
        nearest = get_close_matches(str(name), list(known), n=1, cutoff=0.5)
        hint = f"; nearest known name: '{nearest[0]}'" if nearest else ""
        super().__init__(place=place, kind=kind, name=name, hint=hint)
        self.nearest = nearest[0] if nearest else None


class WrongValue(InvalidInput):
    """A value of the wrong kind or outside its limits."""

    template = "{place}: {name} is {value}, but must be {expected}"


class MissingField(InvalidInput):
    """A required field is absent."""

    template = "{place}: required field '{name}' is missing"


class UnknownField(UnknownName):
    """A field the form does not have."""


class ForbiddenCharacter(InvalidInput):
    """A character that no key or name may hold, such as one that nobody sees."""

    template = (
        "{place}: {name} {value} holds {kind} ({character}) at position {position}; remove it"
    )


class NotJoinable(InvalidInput):
    """A relation between types that may not be joined by it."""

    template = (
        "{place}: {relation} cannot join {from_type} '{from_key}' to {to_type} '{to_key}'; "
        "it joins {fits}"
    )


class SelfRelation(InvalidInput):
    """A relation from a CI to itself."""

    template = "{place}: {relation} leads from '{key}' to itself; name two configuration items"


class DuplicateKey(InvalidInput):
    """The same thing twice in one input."""

    template = "{place}: {key} was already given at {first}; keep one of them"


class UnknownReference(InvalidInput):
    """A reference to a CI that does not exist."""

    template = "{place}: no configuration item has the key, alias or name '{reference}'"


class AmbiguousReference(InvalidInput):
    """A reference that several CIs answer to."""

    template = "{place}: '{reference}' may be any of: {candidates}; give one of these keys"


class IdentityConflict(InvalidInput):
    """Identifiers of one observation belong to different CIs."""

    template = "{place}: '{key}' and its aliases belong to different CIs: {candidates}"


class EditedSince(InvalidInput):
    """An edited row of an export whose CI has changed since."""

    template = (
        "{place}: '{key}' was changed since this file was exported; export it again and repeat"
        " the edit"
    )


class RemovedSince(InvalidInput):
    """A row of an export whose CI or relation is there no more."""

    template = (
        "{place}: '{key}' was removed since this file was exported; delete the row, or empty its"
        " cell 'exported' to bring it in again"
    )


class OutsideGraph(InvalidInput):
    """A failure was asked on a CI that is not part of the impact graph."""

    template = "{place}: '{key}' has status {status} and is outside the impact graph"


class UnreadableInput(InvalidInput):
    """A file or document that cannot be read at all."""


class NotFound(CMDBError):
    """The thing asked for does not exist."""

    template = "no {kind} '{name}'"


class Conflict(CMDBError):
    """Somebody else changed it first; read again and repeat."""

    template = "{kind} '{name}' was changed by somebody else; read it again and repeat"


class PreconditionFailed(Conflict):
    """The version the caller knew is not the current one."""

    template = "{kind} '{name}' is at version {current}, not {expected}; read it again"


class IdempotencyMismatch(CMDBError):
    """An idempotency key used again with another request."""

    template = "Idempotency-Key '{name}' was already used for a different request"


class Unauthenticated(CMDBError):
    """Nobody, or somebody unknown, asked."""

    template = "{detail}; create a token with 'cmdb token create'"


class Forbidden(CMDBError):
    """The actor may not do this."""

    template = "{actor} may not {permission}; it needs one of the roles: {roles}"


class WrongSource(Forbidden):
    """The actor is good for another source."""

    template = (
        "{actor} may send observations of source '{source}' only, not of '{given}'; name that"
        " source, or use a token for this one"
    )


class StoreUnavailable(CMDBError):
    """The store cannot be reached or opened."""

    template = "store {address}: {detail}"


class Rejected(CMDBError):
    """Several errors of one input; nothing of it was done."""

    template = "{count} errors: {summary}"

    def __init__(self, errors: list[CMDBError]) -> None:
        self.errors = errors
        super().__init__(count=len(errors), summary="; ".join(str(e) for e in errors[:3]))


class AlreadyExists(Conflict):
    """The thing to be created is there already."""

    template = "{kind} '{name}' exists already; change it instead"


class WrongPattern(InvalidInput):
    """A pattern of codes or names that cannot be read; `position` counts characters from 1."""

    template = "{place}: position {position}, {part}: {detail}"


class AmbiguousPattern(InvalidInput):
    """A pattern by which one text could be read in two ways."""

    template = (
        "{place}: position {position}: where {other} ends and {part} begins cannot be told; give"
        " one of them a width, or put a separator such as - between them"
    )


class NoCodeRule(InvalidInput):
    """Codes were asked for a type that has no code rule."""

    template = "{place}: type {name} has no code rule; declare one as 'code' of the type"


class NumbersUsedUp(InvalidInput):
    """A counter has come to the end of its width."""

    template = (
        "{place}: number {number} does not fit {pattern}, whose numbers end at {last}; give"
        " 'number' in the code rule a greater width"
    )


class PatternMismatch(InvalidInput):
    """A code or name that is not as its pattern says; `right` is one that would be."""

    template = "{place}: {name} is {value}, but must be as {pattern} says, such as {right}"


class PatternDisagrees(InvalidInput):
    """A code or name that says something else than an attribute it is made from."""

    template = (
        "{place}: {name} is {value}, which says {field} {said}, but {field} is {actual}; correct"
        " one of them"
    )


class CodeInUse(InvalidInput):
    """A code that another CI carries."""

    template = (
        "{place}: {name} {value} is that of configuration item '{other}'; correct it, or ask for"
        " a new one with 'cmdb code give {type}'"
    )


class CodeRepeated(InvalidInput):
    """A code that stands twice in one input, for different things."""

    template = (
        "{place}: {name} {value} was already given at {first}; correct one, or ask for a new one"
        " with 'cmdb code give {type}'"
    )


class NothingWithdrawn(InvalidInput):
    """A complete import had bad rows, so what it did not say may be among them."""

    template = "nothing was withdrawn, because some rows were bad: mend them and import again"


class TooManyVanish(InvalidInput):
    """A complete import would withdraw so much at once that people must look first."""

    template = (
        "nothing was withdrawn: {lost} of {known} would vanish at once ({examples}, …);"
        " if they are really gone, allow it with --vanish"
    )


class KeyTaken(InvalidInput):
    """The key a CI came in with belongs to another CI, so it was given another."""

    template = (
        "{place}: '{wish}' is the key of another configuration item; this one became '{key}'."
        ' To mean the same one, give its source and key as "aliases"'
    )


class NotErased(InvalidInput):
    """A value that a source took back, while other sources still say one."""

    template = (
        "{place}: {name} is still {value}, as other sources say; '{source}' takes back only its own"
        " word, unless it may erase: cmdb source set {source} --may-erase"
    )


class LookAlikes(InvalidInput):
    """Keys that people cannot tell apart (confusables of Unicode Technical Standard 39)."""

    template = (
        "the keys {keys} look alike and are not the same;"
        " if they should be, write them with the same characters"
    )

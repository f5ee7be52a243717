"""Reading JSON into dataclasses whose fields say how: `Annotated[type, reader]`.

A reader takes what the JSON holds and returns the value or raises ValueError.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from whatsapp.simulator import identifiers

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Reader = Callable[[Any], Any]
D = TypeVar("D", bound="DataclassInstance")


class WrongValueError(ValueError):
    """The control API was given something that makes no sense; `field` says where."""

    def __init__(self, problem: str, *, field: str = "") -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.problem = problem
        self.field = field

    def inside(self, place: str) -> "WrongValueError":
        """Return the same complaint as seen from the object around it."""
        field = f"{place}.{self.field}" if self.field else place
        return WrongValueError(self.problem, field=field)


def read(kind: type[D], values: object) -> D:
    """Return the dataclass that a JSON object describes. Raises WrongValueError."""
    found = read_fields(readable(kind), values)
    for knob in fields(kind):
        has_default = knob.default is not MISSING or knob.default_factory is not MISSING
        if not has_default and knob.name not in found:
            raise WrongValueError("is missing", field=knob.name)
    return kind(**found)


@cache
def readable(kind: type) -> dict[str, Reader]:
    """Return the readers of a dataclass, by name of field; fields without one are not read."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items() if _has_reader(hint)}


def read_fields(readers: Mapping[str, Reader], values: object) -> dict[str, Any]:
    """Return the values of a JSON object as fields. Raises WrongValueError."""
    if not isinstance(values, Mapping):
        raise WrongValueError("expected a JSON object")
    found = {}
    for name, value in values.items():
        if name not in readers:
            raise WrongValueError("there is no such field", field=str(name))
        try:
            found[name] = readers[name](value)
        except ValueError as error:
            raise WrongValueError(str(error), field=name) from error
    return found


def number(low: float, high: float = inf) -> Reader:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("expected a number")
        if not low <= value <= high:
            raise ValueError(f"expected a number from {low} to {high}")
        return value

    return read


def count(low: int) -> Reader:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise ValueError(f"expected a whole number, {low} or more")
        return value

    return read


def one_of(*options: str) -> Reader:
    def read(value: Any) -> str:
        if value not in options:
            raise ValueError(f"expected one of {', '.join(options)}")
        return str(value)

    return read


def or_none(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected a text")
    return value.strip()


def words(value: Any) -> str:
    """Return a text as it is, with the blanks around it."""
    text(value)
    return str(value)


def url(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise ValueError("expected a http or https address")
    return value


def phone(value: Any) -> str:
    """Return the digits of a `+E.164` number."""
    plain = identifiers.SEPARATORS.sub("", value) if isinstance(value, str) else ""
    if not identifiers.PHONE.fullmatch(plain.removeprefix("+")) or not plain.startswith("+"):
        raise ValueError("expected an international number such as +4915100000001")
    return plain.removeprefix("+")


def texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("expected a list of texts")
    return value


def whole_numbers(value: Any) -> list[int]:
    if not isinstance(value, list) or not all(type(item) is int for item in value):
        raise ValueError("expected a list of whole numbers")
    return value


def json_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object")
    return value


def addresses(value: Any) -> tuple[str, ...]:
    """Return phone numbers, as digits, and user ids."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValueError("expected a list of phone numbers or user ids")
    return tuple(item.removeprefix("+") for item in value)


def _has_reader(hint: Any) -> bool:
    return callable(getattr(hint, "__metadata__", (None,))[0])

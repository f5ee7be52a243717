"""Reading JSON the strict way: every key is asked for, and what nobody asked for is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from whatsapp.simulator.errors import GraphError, invalid, missing


class Reader:
    """One JSON object of a request. Each method takes a key off it or complains with Meta's code.

    A missing key is 131008, a wrong type 100, a wrong value 131009, and a key
    that is left over at the end 100.
    """

    def __init__(self, value: object, *, path: str = "") -> None:
        if not isinstance(value, dict):
            raise GraphError(100, f"Param {path or 'body'} must be a JSON object.")
        self._left = dict(value)
        self._path = path

    def name(self, key: str) -> str:
        """Return how Meta calls this key in its answers."""
        return f"{self._path}['{key}']" if self._path else key

    def has(self, key: str) -> bool:
        return key in self._left

    def take(self, key: str) -> Any:
        """Take a value of any type; None if it is not there."""
        return self._left.pop(key, None)

    def require(self, key: str) -> Any:
        if self._left.get(key) is None:
            raise missing(self.name(key))
        return self._left.pop(key)

    def text(self, key: str, *, most: int, least: int = 1) -> str:
        """Take a required string of `least` to `most` characters."""
        value = self.require(key)
        if not isinstance(value, str):
            raise GraphError(100, f"Param {self.name(key)} must be a string.")
        if not least <= len(value) <= most:
            raise invalid(self.name(key), f"must be {least} to {most} characters long")
        if least and not value.strip():
            raise invalid(self.name(key), "must not be blank")
        return value

    def optional_text(self, key: str, *, most: int) -> str:
        """Take a string that may be absent; then it is empty."""
        return self.text(key, most=most, least=0) if self.has(key) else ""

    def choice(self, key: str, *options: str) -> str:
        value = self.text(key, most=64)
        if value not in options:
            raise invalid(self.name(key), f"must be one of {', '.join(options)}")
        return value

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if value is not None and not isinstance(value, bool):
            raise GraphError(100, f"Param {self.name(key)} must be a boolean.")
        return bool(value)

    def array(self, key: str, *, most: int, least: int = 1) -> list[Any]:
        value = self.require(key)
        if not isinstance(value, list):
            raise GraphError(100, f"Param {self.name(key)} must be an array.")
        if not least <= len(value) <= most:
            raise invalid(self.name(key), f"must have {least} to {most} elements")
        return value

    @contextmanager
    def object(self, key: str) -> Iterator["Reader"]:
        """Open a required object; leaving the block refuses what nobody read."""
        with reading(self.require(key), path=self.name(key)) as inner:
            yield inner

    def objects(self, key: str, *, most: int, least: int = 1) -> Iterator["Reader"]:
        """Open the objects of a required array, one after the other."""
        for index, value in enumerate(self.array(key, most=most, least=least)):
            with reading(value, path=f"{self.name(key)}[{index}]") as inner:
                yield inner

    def close(self) -> None:
        for key in self._left:
            raise GraphError(100, f'Unexpected key "{key}" on param "{self._path or "body"}".')


@contextmanager
def reading(value: object, *, path: str = "") -> Iterator[Reader]:
    """Open a JSON object; leaving the block refuses what nobody read."""
    reader = Reader(value, path=path)
    yield reader
    reader.close()

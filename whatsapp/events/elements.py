"""Lists whose elements are read one by one, so that a broken one harms no other."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from whatsapp.events.kinds import Event, Problem
from whatsapp.reading import JsonObject

Found: TypeAlias = Event | Problem


class Broken(Exception):
    """This element cannot be used; `why` is a slug for the Problem that takes its place."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def each(
    source: JsonObject,
    key: str,
    *,
    where: str,
    read: Callable[[JsonObject, str], Iterable[Found]],
) -> Iterator[Found]:
    """Read every element of the list under `key`; an absent list is an empty one.

    `read` gets the element and its place; it may raise Broken.
    """
    place = f"{where}.{key}" if where else key
    values = source.get(key)
    if values is None:
        return
    if not isinstance(values, list):
        yield Problem(place, "not_a_list")
        return
    for index, value in enumerate(values):
        yield from _read(value, f"{place}[{index}]", read=read)


def _read(
    value: object, place: str, *, read: Callable[[JsonObject, str], Iterable[Found]]
) -> Iterator[Found]:
    if not isinstance(value, dict):
        yield Problem(place, "not_an_object")
        return
    try:
        yield from read(value, place)
    except Broken as exc:
        yield Problem(place, exc.why)

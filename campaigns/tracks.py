"""What is inside an MP4 or 3GP file: its tracks and their codecs, told by its boxes. Pure.

The first bytes say only how a file is packed; whether phones can play it depends on what was
packed. Boxes: ISO/IEC 14496-12 (file format) and 14496-15 (H.264 and HEVC in it).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import error, unpack_from

H264 = frozenset({"avc1", "avc3"})
HEVC = frozenset({"hvc1", "hev1", "dvh1", "dvhe"})
AAC = frozenset({"mp4a"})
BRANDS = ("iso", "mp4", "avc1", "M4V", "MSNV", "dash", "3gp")  # QuickTime and HEIC say others
HIGH = 100  # the number of H.264's profile “High”, and the least of those above it
MOST_BOXES = 5_000  # in one box; a film needs a dozen, and a hostile file would need minutes
VISUAL_ENTRY = 78  # bytes that describe a picture, before the boxes of its codec


class Unreadable(ValueError):
    """This is no MP4 or 3GP file, or a damaged one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What a file holds."""

    brand: str  # how it is packed
    video: tuple[str, ...]  # a codec for every track, in four letters
    audio: tuple[str, ...]
    is_high_with_b_frames: bool  # profile “High”, and pictures that refer to later ones


def read(content: bytes) -> Film:
    """Return what is inside. Raises Unreadable."""
    try:
        return _film(memoryview(content))
    except (error, IndexError, UnicodeDecodeError):
        raise Unreadable from None


def _film(content: memoryview) -> Film:
    if bytes(content[4:8]) != b"ftyp":
        raise Unreadable
    brand = str(content[8:12], "ascii")
    if not brand.startswith(BRANDS):
        raise Unreadable
    top = dict(_boxes(content))  # to the last box: a file cut short is noticed here
    if "moov" not in top:
        raise Unreadable
    tracks = [_track(inside) for name, inside in _boxes(top["moov"]) if name == "trak"]
    return Film(
        brand=brand,
        video=tuple(codec for kind, codec, _ in tracks if kind == "vide"),
        audio=tuple(codec for kind, codec, _ in tracks if kind == "soun"),
        is_high_with_b_frames=any(is_hard for _, _, is_hard in tracks),
    )


def _track(track: memoryview) -> tuple[str, str, bool]:
    """Return the kind of a track, its codec, and whether it is “High” with B-frames."""
    media = _inside(track, "mdia")
    kind = str(_inside(media, "hdlr")[8:12], "latin-1")
    table = dict(_boxes(_inside(_inside(media, "minf"), "stbl")))
    if "stsd" not in table:
        raise Unreadable
    codec, entry = next(_boxes(table["stsd"][8:]), ("", memoryview(b"")))
    is_hard = codec in H264 and _profile(entry) >= HIGH and _is_reordered(table.get("ctts"))
    return kind, codec, is_hard


def _profile(entry: memoryview) -> int:
    return _inside(entry[VISUAL_ENTRY:], "avcC")[1]


def _is_reordered(offsets: memoryview | None) -> bool:
    """Tell whether pictures are shown in another order than they are stored."""
    if offsets is None:
        return False
    (count,) = unpack_from(">I", offsets, 4)
    first = bytes(offsets[12:16])
    entries = range(8, min(8 + 8 * count, len(offsets) - 7), 8)
    return any(bytes(offsets[at + 4 : at + 8]) != first for at in entries)


def _inside(box: memoryview, wanted: str) -> memoryview:
    for name, inside in _boxes(box):
        if name == wanted:
            return inside
    raise Unreadable


def _boxes(content: memoryview) -> Iterator[tuple[str, memoryview]]:
    """Yield name and content of the boxes in a box. Raises Unreadable where one is cut off."""
    at = 0
    for _ in range(MOST_BOXES):
        if at >= len(content):
            return
        size, name = unpack_from(">I4s", content, at)
        start = 8
        if size == 1:  # too large for four bytes
            (size,) = unpack_from(">Q", content, at + 8)
            start = 16
        elif size == 0:  # up to the end
            size = len(content) - at
        if size < start or at + size > len(content):
            raise Unreadable
        yield name.decode("latin-1"), content[at + start : at + size]
        at += size
    raise Unreadable

"""The pictures of README and handbook: all of them, in their order, or none.

Each is a WebP of 256 colours and fewer bytes than LIMIT, so that a clone stays small.
"""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "img" / "handbook"
LIMIT = 120_000  # bytes of one picture
COLOURS = 256  # what a page of the desk needs; its photographs are small


class NotShown(Exception):
    """A picture cannot be made; says why."""


@dataclass(slots=True)
class Album:
    """Takes pictures in the order of their names, beside those of the last time."""

    names: tuple[str, ...]
    folder: Path
    kept: list[str] = field(default_factory=list)

    @property
    def next(self) -> str | None:
        """The picture that is to come, None after the last."""
        return self.names[len(self.kept)] if len(self.kept) < len(self.names) else None

    def keep(self, name: str, png: bytes) -> int:
        """Take the picture that is to come; return its bytes. Raises NotShown."""
        if name != self.next:
            raise NotShown(f"it is not its turn, but that of {name}.")
        packed = smallest(png)
        (self.folder / f"{name}.webp").write_bytes(packed)
        self.kept.append(name)
        return len(packed)

    def publish(self, place: Path) -> None:
        """Put every picture in its place, and throw away what is no longer made there.

        Raises NotShown, before anything has changed, while a picture is missing.
        """
        if self.next:
            raise NotShown("nobody has taken it.")
        place.mkdir(parents=True, exist_ok=True)
        for name in self.names:
            (self.folder / f"{name}.webp").replace(place / f"{name}.webp")
        for old in place.glob("*.webp"):
            if old.stem not in self.names:
                old.unlink()


@contextmanager
def album(names: tuple[str, ...], *, place: Path = PICTURES) -> Iterator[Album]:
    """Have an album that is published at the end of the block, unless the block failed."""
    place.parent.mkdir(parents=True, exist_ok=True)
    # Beside their place, so that moving them there is a change of name and cannot be cut short.
    with TemporaryDirectory(dir=place.parent, prefix=".pictures-") as folder:
        pictures = Album(names, Path(folder))
        try:
            yield pictures
            pictures.publish(place)
        finally:
            if pictures.next:
                sys.stderr.write(f"“{pictures.next}” could not be made; no picture was changed.\n")


def smallest(png: bytes) -> bytes:
    """Return a picture as WebP, with little loss only if it must be. Raises NotShown."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    # The method that keeps rare colours, too: a badge that nothing else resembles.
    few = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    for colours, how in ((few.convert("RGB"), {"lossless": True}), (picture, {"quality": 80})):
        packed = io.BytesIO()
        colours.save(packed, "WEBP", method=6, **how)
        if packed.tell() < LIMIT:
            return packed.getvalue()
    raise NotShown(f"it would have {packed.tell()} bytes, and {LIMIT} is the limit.")

"""Pictures above a message: opened, written again without anything hidden in them, and cut.

Whatever else a file contains (place, camera, comments, a second file behind the first) is not
a pixel, so it does not survive.
"""

import io
import struct
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

SHOWN_RATIO = 1.91  # width to height of what WhatsApp shows above a text before a tap
MAX_PIXELS = 40_000_000  # a phone camera has 12 to 50 million; more is a decompression bomb
LEAST_WIDTH = 300  # pixels of a part that is cut out; less looks blurred on any phone
MIME_OF_FORMAT = {"JPEG": "image/jpeg", "PNG": "image/png"}

# What Pillow may stumble over in a damaged file: its readers of metadata check little, and
# struct.error, for one, comes through (tests/campaigns/test_media.py).
_DAMAGED = (OSError, SyntaxError, ValueError, struct.error, ArithmeticError, LookupError, TypeError)


class Unfit(Exception):
    """This file cannot be sent; says why in the user's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as a file that holds nothing but its pixels."""

    content: bytes
    mime_type: str
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The part of a picture to be shown: where it begins and how wide it is, each from 0 to 1."""

    left: float
    top: float
    width: float


def clean(content: bytes) -> Picture:
    """Open a JPEG or PNG and write it again: upright, 8 bits, without metadata. Raises Unfit."""
    return _written(*_opened(content))


def cut(content: bytes, box: Box) -> Picture:
    """Return the part of a picture that WhatsApp will show. Raises Unfit.

    Whatever of the box lies outside moves inside; a part that is too small is refused.
    """
    image, format_name = _opened(content)
    most = min(1.0, SHOWN_RATIO * image.height / image.width)
    width = round(min(box.width, most) * image.width)
    if width < min(LEAST_WIDTH, image.width):
        raise Unfit(_("This part is too small: it would look blurred. Please choose more of it."))
    height = min(max(round(width / SHOWN_RATIO), 1), image.height)
    left = min(round(max(box.left, 0.0) * image.width), image.width - width)
    top = min(round(max(box.top, 0.0) * image.height), image.height - height)
    edges = (left, top, left + width, top + height)
    return _written(image.crop(edges), format_name)


def _opened(content: bytes) -> tuple[Image.Image, str]:
    """Return a picture, upright and in plain colours, and the format that it came in."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=["JPEG", "PNG"])
            if image.width * image.height > MAX_PIXELS:
                raise Unfit(_("This picture has too many pixels. Please make it smaller."))
            image.load()
            upright = ImageOps.exif_transpose(image)
    except UnidentifiedImageError:
        raise Unfit(_("WhatsApp takes pictures as JPEG or PNG only.")) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit(_("This picture has too many pixels. Please make it smaller.")) from None
    except _DAMAGED:
        raise Unfit(_("This picture is damaged and cannot be opened.")) from None
    # Many phones write two pictures into one JPEG (“MPO”); the first is the picture.
    format_name = "PNG" if image.format == "PNG" else "JPEG"
    has_alpha = format_name == "PNG" and upright.mode in ("RGBA", "LA", "PA")
    return upright.convert("RGBA" if has_alpha else "RGB"), format_name


def _written(image: Image.Image, format_name: str) -> Picture:
    image.info.clear()  # comments and the like, which Pillow would write again
    file = io.BytesIO()
    image.save(file, format=format_name, quality=88, optimize=True)
    return Picture(
        content=file.getvalue(),
        mime_type=MIME_OF_FORMAT[format_name],
        width=image.width,
        height=image.height,
    )

"""Pictures for tests, as files and as media of the desk."""

import io
import struct
import zlib

from PIL import Image

from campaigns import media
from campaigns.models.media import HeaderKind
from tests.factories import NOW, UserFactory


def picture(format_name="JPEG", *, mode="RGB", size=(8, 4), colour=None, **how):
    """A picture of one colour, as the bytes of a file."""
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, format_name, **how)
    return written.getvalue()


def box(name, *inside):
    """A box of an MP4 file."""
    content = b"".join(inside)
    return struct.pack(">I4s", 8 + len(content), name) + content


def track(kind, codec, *, profile=66, offsets=()):
    """A track of a film; `offsets` say by how much pictures are shown later than stored."""
    config = box(b"avcC", bytes([1, profile, 0, 0]))
    entry = box(codec, bytes(78), config)
    shifts = [struct.pack(">II", 1, offset) for offset in offsets]
    table = [box(b"stsd", struct.pack(">II", 0, 1), entry)]
    if shifts:
        table.append(box(b"ctts", struct.pack(">II", 0, len(shifts)), *shifts))
    handler = box(b"hdlr", bytes(8), kind, bytes(12))
    return box(b"trak", box(b"mdia", handler, box(b"minf", box(b"stbl", *table))))


PICTURES, SOUND = track(b"vide", b"avc1"), track(b"soun", b"mp4a")


def film(*tracks, brand=b"mp42", rest=b""):
    """An MP4 file with these tracks, or with pictures and sound as WhatsApp takes them."""
    inside = box(b"moov", *(tracks or (PICTURES, SOUND)))
    return box(b"ftyp", brand, bytes(8)) + inside + rest


def medium(kind=HeaderKind.IMAGE):
    """A medium that the desk has taken in."""
    content = picture() if kind == HeaderKind.IMAGE else b"%PDF-1.7\n%%EOF"
    writer = UserFactory(group="Redaktion")
    return media.take_in(content, kind=kind, filename="weiche", by=writer, now=NOW)


def opened(content):
    return Image.open(io.BytesIO(content))


def enormous_png(width, height):
    """A PNG of a few bytes that says it is so large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0")) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def turned_left():
    """A JPEG, wide as stored and high as it is meant, with a place and a comment in it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn it by 90 degrees
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    return picture(size=(40, 20), exif=exif, comment=b"SecretComment", xmp=b"<x>SecretXmp</x>")


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

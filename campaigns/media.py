"""Header media: checked against WhatsApp's limits when they come in, uploaded once.

Types by content, never by name. Pictures are opened and written again, which drops place,
camera and everything else that hides in a file. Limits: Meta, supported media types, 2026-09.
"""

import hashlib
import io
import struct
import warnings
from datetime import datetime, timedelta
from pathlib import PurePath

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from campaigns.models import Media, Message
from campaigns.models.editorial import HeaderKind
from whatsapp.client import CloudClient

MEGABYTE = 1024 * 1024
MAX_BYTES = {
    HeaderKind.IMAGE: 5 * MEGABYTE,
    HeaderKind.VIDEO: 16 * MEGABYTE,
    HeaderKind.DOCUMENT: 16 * MEGABYTE,  # Meta allows 100; ours live in the database
}
MAX_UPLOAD = 40 * MEGABYTE  # what is read at all; a picture gets smaller when written again
MAX_PIXELS = 40_000_000  # a phone camera has 12 to 50 million; more is a decompression bomb
MIME_OF_FORMAT = {"JPEG": "image/jpeg", "PNG": "image/png"}
# What an MP4 says it is in its first bytes; QuickTime and HEIC say other words there.
MP4_BRANDS = (b"iso", b"mp4", b"avc1", b"M4V", b"MSNV", b"dash")
RENEW_AFTER = timedelta(days=29)  # an uploaded id lives 30 days


# What Pillow may stumble over in a damaged file: its readers of metadata check little, and
# struct.error, for one, comes through (tests/campaigns/test_media.py).
_DAMAGED = (OSError, SyntaxError, ValueError, struct.error, ArithmeticError, LookupError, TypeError)


class Unfit(Exception):
    """This file cannot be sent; says why in the user's language."""


def take_in(content: bytes, *, kind: HeaderKind, filename: str, by: User, now: datetime) -> Media:
    """Check a file, make it fit, and keep it. Raises Unfit."""
    if not content:
        raise Unfit(_("This file is empty."))
    if kind == HeaderKind.IMAGE:
        content, mime_type = _picture(content)
    else:
        mime_type = _mime_by_content(content, kind=kind)
    if len(content) > MAX_BYTES[kind]:
        raise _too_large(kind)
    return Media.objects.create(
        kind=kind,
        mime_type=mime_type,
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        filename=PurePath(filename).name[:100] or kind,
        uploaded_by=by,
        created_at=now,
    )


def take_in_file(
    file: "UploadedFile[bytes]", *, kind: HeaderKind, by: User, now: datetime
) -> Media:
    """Take in an uploaded file, unless it is too large to be read at all. Raises Unfit."""
    if (file.size or 0) > MAX_UPLOAD:
        raise _too_large(kind)
    return take_in(file.read(), kind=kind, filename=file.name or "", by=by, now=now)


def upload_once(message: Message, *, client: CloudClient, now: datetime) -> str:
    """Return Meta's id of a message's medium, uploading it if Meta does not have it; "" if none.

    Raises what CloudClient.upload_media raises. Two callers at once may upload twice; both
    ids work.
    """
    if message.media_id is None:
        return ""
    media = Media.objects.without_content().get(pk=message.media_id)
    if media.meta_id and media.meta_id_at and media.meta_id_at > now - RENEW_AFTER:
        return media.meta_id
    content = bytes(media.content)  # fetched only here
    meta_id = client.upload_media(content, mime_type=media.mime_type, filename=media.filename)
    Media.objects.filter(pk=media.pk).update(meta_id=meta_id, meta_id_at=now)
    return meta_id


def _too_large(kind: HeaderKind) -> Unfit:
    megabytes = MAX_BYTES[kind] // MEGABYTE
    return Unfit(_("Too large: WhatsApp takes at most %(n)s MB.") % {"n": megabytes})


def _picture(content: bytes) -> tuple[bytes, str]:
    """Open a JPEG or PNG and write it again: upright, 8 bits, without metadata."""
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
    clean = upright.convert("RGBA" if has_alpha else "RGB")
    clean.info.clear()  # comments and the like, which Pillow would write again
    written = io.BytesIO()
    clean.save(written, format=format_name, quality=88, optimize=True)
    return written.getvalue(), MIME_OF_FORMAT[format_name]


def _mime_by_content(content: bytes, *, kind: HeaderKind) -> str:
    if kind == HeaderKind.VIDEO:
        if content[4:11] == b"ftyp3gp":
            return "video/3gpp"
        if content[4:8] == b"ftyp" and content[8:12].startswith(MP4_BRANDS):
            return "video/mp4"
        raise Unfit(_("WhatsApp takes videos as MP4 only."))
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    raise Unfit(_("Please use a PDF file."))

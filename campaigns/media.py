"""Header media: checked against WhatsApp's limits when they come in, handed over once.

Types by content, never by name; a name is only shown. Limits: Meta, supported media types,
2026-09. Pictures are written again (pictures.py); of videos and documents only such are taken
as are nothing else besides.
"""

import hashlib
import logging
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns import pictures, tracks
from campaigns.models import Heartbeat, Media, Message, PhoneTest
from campaigns.models.media import HeaderKind
from campaigns.pictures import Unfit as Unfit
from campaigns.states import RUNNING, BroadcastState
from whatsapp.client import CloudClient
from whatsapp.errors import WhatsAppError

logger = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
MAX_BYTES = {
    HeaderKind.IMAGE: 5 * MEGABYTE,
    HeaderKind.VIDEO: 16 * MEGABYTE,
    HeaderKind.DOCUMENT: 16 * MEGABYTE,  # Meta allows 100; ours live in the database
}
MAX_UPLOAD = 40 * MEGABYTE  # what is read at all; a picture gets smaller when written again
ENDING = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "application/pdf": ".pdf",
}
STEM_MAX = 90  # characters of a name without its ending
PDF_START, PDF_END = b"%PDF-", b"%%EOF"
RENEW_AFTER = timedelta(days=29)  # an uploaded id lives 30 days
READY_BEFORE = timedelta(days=1)  # so long before its time Meta has the medium of a broadcast
SELDOM = timedelta(minutes=10)  # between two looks at what leaves soon


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A file that WhatsApp will take."""

    content: bytes
    mime_type: str
    width: int | None = None
    height: int | None = None
    remark: str = ""


def take_in(content: bytes, *, kind: HeaderKind, filename: str, by: User, now: datetime) -> Media:
    """Check a file, make it fit, and keep it. Raises Unfit."""
    if not content:
        raise Unfit(_("This file is empty."))
    file = {
        HeaderKind.IMAGE: _image,
        HeaderKind.VIDEO: _video,
        HeaderKind.DOCUMENT: _document,
    }[kind](content)
    return _keep(file, kind=kind, filename=_name(filename, file.mime_type), by=by, now=now)


def take_in_file(
    file: "UploadedFile[bytes]", *, kind: HeaderKind, by: User, now: datetime
) -> Media:
    """Take in an uploaded file, unless it is too large to be read at all. Raises Unfit."""
    if (file.size or 0) > MAX_UPLOAD:
        raise _too_large(kind)
    return take_in(file.read(), kind=kind, filename=file.name or "", by=by, now=now)


def cut(media: Media, box: pictures.Box, *, by: User, now: datetime) -> Media:
    """Keep a part of a picture besides the picture, so that another can be chosen. Raises Unfit.

    Of a part, another part of the whole is taken.
    """
    whole = media.cut_from or media
    part = _of(pictures.cut(bytes(whole.content), box))
    names = {"filename": _name(whole.filename, part.mime_type), "alt": media.alt}
    return _keep(part, kind=HeaderKind.IMAGE, cut_from=whole, by=by, now=now, **names)


def describe(media: Media | None, alt: str) -> None:
    """Note what is to be seen, for those who cannot see it."""
    if media is not None and media.alt != alt:
        Media.objects.filter(pk=media.pk).update(alt=alt)
        media.alt = alt


def upload_once(message: Message | PhoneTest, *, client: CloudClient, now: datetime) -> str:
    """Return Meta's id of a message's medium, uploading it if Meta does not have it; "" if none.

    Raises what CloudClient.upload_media raises. Two callers at once may upload twice; both
    ids work.
    """
    if message.media_id is None:
        return ""
    media = Media.objects.without_content().get(pk=message.media_id)
    if _is_known(media, now=now):
        return media.meta_id
    return _upload(media, client=client, now=now)


def is_at_whatsapp(message: Message, *, now: datetime) -> bool:
    """Tell whether Meta has a message's medium; also if there is none."""
    return message.media is None or _is_known(message.media, now=now)


def _is_known(media: Media, *, now: datetime) -> bool:
    return bool(media.meta_id and media.meta_id_at and media.meta_id_at > now - RENEW_AFTER)


def hand_over(*, client: CloudClient, now: datetime) -> int:
    """Upload ahead of need what leaves within a day, and renew what Meta would forget before
    its broadcast is over. Return how many; what fails is tried again, at the latest when sent.
    """
    if Heartbeat.objects.filter(name=Heartbeat.MEDIA, at__gt=now - SELDOM).exists():
        return 0
    Heartbeat.objects.update_or_create(name=Heartbeat.MEDIA, defaults={"at": now})
    done = 0
    for media in _wanted(now=now):
        try:
            _upload(media, client=client, now=now)
        except WhatsAppError:
            logger.warning("medium not handed over ahead of time", extra={"media_id": media.pk})
        else:
            done += 1
    return done


def _wanted(*, now: datetime) -> QuerySet[Media]:
    """Media of broadcasts that leave soon or are leaving, which Meta lacks or will lack."""
    soon = Q(
        message__broadcast__state=BroadcastState.SCHEDULED,
        message__broadcast__due_at__lte=now + READY_BEFORE,
    )
    forgotten = Q(meta_id_at__lte=F("message__broadcast__expires_at") - RENEW_AFTER)
    rows = Media.objects.without_content().filter(
        soon | Q(message__broadcast__state__in=RUNNING),
        Q(meta_id_at__isnull=True) | forgotten,
        message__broadcast__expires_at__gt=now,
    )
    return rows.distinct("pk").order_by("pk")


def _upload(media: Media, *, client: CloudClient, now: datetime) -> str:
    content = bytes(media.content)  # fetched only here
    meta_id = client.upload_media(content, mime_type=media.mime_type, filename=media.filename)
    Media.objects.filter(pk=media.pk).update(meta_id=meta_id, meta_id_at=now)
    return meta_id


def _keep(
    file: _File,
    *,
    kind: HeaderKind,
    filename: str,
    by: User,
    now: datetime,
    alt: str = "",
    cut_from: Media | None = None,
) -> Media:
    if len(file.content) > MAX_BYTES[kind]:
        raise _too_large(kind)
    return Media.objects.create(
        kind=kind,
        mime_type=file.mime_type,
        content=file.content,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        width=file.width,
        height=file.height,
        remark=file.remark,
        filename=filename,
        alt=alt,
        cut_from=cut_from,
        uploaded_by=by,
        created_at=now,
    )


def _name(filename: str, mime_type: str) -> str:
    """Return the name of a file without path and invisible characters, with its true ending."""
    last = re.split(r"[\\/]", filename)[-1]
    visible = "".join(one for one in last if unicodedata.category(one)[0] != "C")
    stem, _dot, ending = visible.strip().rpartition(".")
    return (stem or ending or "datei")[:STEM_MAX] + ENDING[mime_type]


def _too_large(kind: HeaderKind) -> Unfit:
    megabytes = MAX_BYTES[kind] // MEGABYTE
    return Unfit(_("Too large: WhatsApp takes at most %(n)s MB.") % {"n": megabytes})


def _image(content: bytes) -> _File:
    return _of(pictures.clean(content))


def _of(picture: pictures.Picture) -> _File:
    return _File(
        content=picture.content,
        mime_type=picture.mime_type,
        width=picture.width,
        height=picture.height,
    )


def _video(content: bytes) -> _File:
    """Take a video that every phone can play: H.264, and AAC if it has sound."""
    try:
        film = tracks.read(content)
    except tracks.Unreadable:
        raise Unfit(
            _("WhatsApp takes videos as MP4 only, and this file is none or damaged.")
        ) from None
    if not film.video:
        raise Unfit(_("There are no pictures in this video."))
    if tracks.HEVC & set(film.video):
        raise Unfit(
            _(
                "This video is in HEVC (H.265), which WhatsApp does not play. Please export it as "
                "H.264; on an iPhone: Settings, Camera, Formats, “Most Compatible”."
            )
        )
    if set(film.video) - tracks.H264:
        raise Unfit(_("WhatsApp plays videos in H.264 only. Please export it as MP4 with H.264."))
    if set(film.audio) - tracks.AAC or len(film.audio) > 1:
        raise Unfit(_("WhatsApp plays one sound track, in AAC. Please export the video again."))
    return _File(
        content=content,
        mime_type="video/3gpp" if film.brand.startswith("3gp") else "video/mp4",
        remark=Media.Remark.B_FRAMES if film.is_high_with_b_frames else "",
    )


def _document(content: bytes) -> _File:
    """Take a PDF that begins and ends as one, so that it is not another file as well."""
    if not content.startswith(PDF_START):
        raise Unfit(_("Please use a PDF file."))
    if not content.rstrip(b"\0\t\n\f\r ").endswith(PDF_END):
        raise Unfit(_("This PDF is cut off, or something follows its end. Please export it again."))
    return _File(content=content, mime_type="application/pdf")

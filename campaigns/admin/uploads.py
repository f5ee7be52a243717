"""The file above a message: taken in as soon as it is chosen, and cut to what will be shown.

The page tells static/desk/upload.js what WhatsApp takes, so that nobody waits for an upload
that will be refused; whether it is taken is decided here, by what is in it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import media, pictures
from campaigns.admin.navigation import user_of
from campaigns.models import Category, Media
from campaigns.models.media import HeaderKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

CUT, WHOLE = "cut", "whole"
CUTTING = frozenset({CUT, WHOLE})  # buttons of the form that only look at the picture
LEAST, STEP = 20, 1  # per cent of a picture's width: the smallest part, and how fine it moves
SMALL_DIFFERENCE = 0.02  # of the shapes of two pictures; nobody sees it


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be chosen, as the page and its script are told."""

    accept: str  # types, for the dialog in which files are chosen
    most_bytes: int
    megabytes: int
    starts: str  # for the script: "offset:hexadecimal", one of which a file must have


_IMAGE = Limits(
    accept="image/jpeg,image/png",
    most_bytes=media.MAX_UPLOAD,
    megabytes=media.MAX_UPLOAD // media.MEGABYTE,
    starts="0:ffd8ff 0:89504e470d0a1a0a",
)
_VIDEO = Limits(
    accept="video/mp4,video/3gpp",
    most_bytes=media.MAX_BYTES[HeaderKind.VIDEO],
    megabytes=media.MAX_BYTES[HeaderKind.VIDEO] // media.MEGABYTE,
    starts="4:66747970",  # “ftyp”
)
_DOCUMENT = Limits(
    accept="application/pdf",
    most_bytes=media.MAX_BYTES[HeaderKind.DOCUMENT],
    megabytes=media.MAX_BYTES[HeaderKind.DOCUMENT] // media.MEGABYTE,
    starts="0:255044462d",  # “%PDF-”
)
_LIMITS: dict[str, Limits] = {
    HeaderKind.IMAGE: _IMAGE,
    HeaderKind.VIDEO: _VIDEO,
    HeaderKind.DOCUMENT: _DOCUMENT,
}


def _percent(label: "StrPromise", *, least: int = 0, initial: int = 0) -> forms.IntegerField:
    slider = forms.NumberInput(attrs={"type": "range", "step": STEP})
    return forms.IntegerField(
        label=label, min_value=least, max_value=100, initial=initial, widget=slider
    )


class PartForm(forms.Form):
    """The part of a picture that is shown, in per cent: of its width, and of the room left.

    Three sliders, which every keyboard and every screen reader can move; the script lets the
    part be drawn over the picture as well.
    """

    prefix = "part"
    across = _percent(gettext_lazy("From left to right"), initial=50)
    down = _percent(gettext_lazy("From top to bottom"), initial=50)
    size = _percent(gettext_lazy("Size"), least=LEAST, initial=100)

    def box(self, picture: Media) -> pictures.Box:
        """Return the part of a picture. Only after is_valid()."""
        shape = _shape(picture)
        most = min(1.0, pictures.SHOWN_RATIO / shape)
        width = most * self.cleaned_data["size"] / 100
        height = width * shape / pictures.SHOWN_RATIO
        return pictures.Box(
            left=(1 - width) * self.cleaned_data["across"] / 100,
            top=(1 - height) * self.cleaned_data["down"] / 100,
            width=width,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The choice of a part, as the page shows it."""

    whole: Media
    form: PartForm
    is_cut: bool
    is_needed: bool  # a part of the picture would not be seen


def limits(header: str) -> Limits | None:
    """Return what may stand above a template's text; None if nothing does."""
    return _LIMITS.get(header)


def part(chosen: Media | None) -> Part | None:
    """Return the choice of a part of the chosen picture; None for everything else."""
    if chosen is None or chosen.kind != HeaderKind.IMAGE or not chosen.width:
        return None
    whole = Media.objects.without_content().get(pk=chosen.cut_from_id or chosen.pk)
    difference = abs(_shape(chosen) / pictures.SHOWN_RATIO - 1)
    return Part(
        whole=whole,
        form=PartForm(label_suffix=""),
        is_cut=chosen.cut_from_id is not None,
        is_needed=difference > SMALL_DIFFERENCE,
    )


def take(request: HttpRequest, category: Category, *, now: datetime) -> tuple[QueryDict, str]:
    """Return what was posted, with a new file or part kept and named in it; or the refusal."""
    data = request.POST.copy()
    try:
        kept = _new_file(request, category, now=now) or _new_part(request, category, now=now)
    except media.Unfit as refusal:
        return data, str(refusal)
    if kept:
        data["kept"] = str(kept.pk)
    return data, ""


def _new_file(request: HttpRequest, category: Category, *, now: datetime) -> Media | None:
    file = request.FILES.get("upload")
    if not isinstance(file, UploadedFile) or not category.template.header:
        return None
    kind = HeaderKind(category.template.header)
    return media.take_in_file(file, kind=kind, by=user_of(request), now=now)


def _new_part(request: HttpRequest, category: Category, *, now: datetime) -> Media | None:
    """Cut the picture that is named, or return to the whole of it."""
    action, wanted = request.POST.get("action"), request.POST.get("kept", "")
    if action not in CUTTING or not wanted.isdecimal():
        return None
    images = Media.objects.filter(kind=HeaderKind.IMAGE, width__isnull=False)
    chosen = images.select_related("cut_from").filter(pk=int(wanted)).first()
    if chosen is None or category.template.header != HeaderKind.IMAGE:
        return None
    if action == WHOLE:
        return chosen.cut_from
    form = PartForm(request.POST)
    if not form.is_valid():
        raise media.Unfit(_("Please choose the part of the picture again."))
    return media.cut(chosen, form.box(chosen.cut_from or chosen), by=user_of(request), now=now)


def _shape(picture: Media) -> float:
    """Return width to height."""
    return (picture.width or 1) / (picture.height or 1)

"""Twenty-eight files that somebody might try: none runs, none is kept as what it is not.

1-7    polyglots  a picture with a page, an archive, a script, a program behind or in it: only the
                  picture is kept (4); a document or film with something else: refused (3)
8-12   SVG        plain, behind a comment, in UTF-16, packed, as a document
13-18  bombs      50,000 x 50,000 pixels, a PNG that unpacks to 60 MB, 10,000 frames, an archive
                  in a docx, 0 bytes; 101 MB
19-24  names      a path, a drive, a zero and a line break, turned round, endless, hidden
25-28  serving    the type is said, alone it is shut off, a document is saved, nobody else gets it

ASVS 5.0: 5.2.2, 5.2.6, 5.3.1, 5.3.2, 5.4.1 to 5.4.3, 1.3.4, 3.2.1, 14.2.8.
"""

import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from campaigns import media
from campaigns.models import Media
from campaigns.models.media import HeaderKind
from tests.campaigns.pictures import enormous_png, film, medium, opened, picture
from tests.factories import NOW, UserFactory

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("english")]

IMAGE, VIDEO, DOCUMENT = HeaderKind
PDF = b"%PDF-1.7\n%%EOF\n"
SCRIPT = b"<script>alert(1)</script>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def archive(name="boese.html", content=SCRIPT):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(name, content)
    return file.getvalue()


def many_frames():
    """An animated WebP that begins like one of ten thousand frames."""
    frame = struct.pack("<4sI", b"ANMF", 16) + bytes(16)
    body = b"WEBP" + struct.pack("<4sI", b"VP8X", 10) + bytes(10) + frame * 10_000
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def swollen_profile():
    """A PNG of a few kilobytes whose colour profile unpacks to 60 MB."""
    plain = picture("PNG")
    profile = b"icc\0\0" + zlib.compress(bytes(60_000_000), 9)
    chunk = struct.pack(">I", len(profile)) + b"iCCP" + profile
    chunk += struct.pack(">I", zlib.crc32(b"iCCP" + profile))
    return plain[:33] + chunk + plain[33:]  # behind the header


def take_in(content, kind=IMAGE, filename="bild.jpg"):
    writer = UserFactory(group="Redaktion")
    return media.take_in(content, kind=kind, filename=filename, by=writer, now=NOW)


@pytest.mark.parametrize(
    "content",
    [
        picture() + SCRIPT,
        picture("PNG") + archive(),
        picture(comment=b"*/=1;alert(1)/*"),
        picture(comment=b"<?php system($_GET[0]); ?>"),
    ],
    ids=["jpeg and page", "png and archive", "jpeg and script", "jpeg and program"],
)
def test_of_a_picture_that_is_something_else_too_only_the_picture_is_kept(content):
    kept = take_in(content)

    assert opened(kept.content).size == (8, 4)
    assert not any(word in kept.content for word in (b"alert", b"php", b"boese"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF + archive(), DOCUMENT), (SCRIPT + PDF, DOCUMENT), (film(rest=SCRIPT), VIDEO)],
    ids=["pdf and archive", "page and pdf", "film and page"],
)
def test_a_file_that_is_kept_as_it_is_must_be_nothing_else(content, kind):
    with pytest.raises(media.Unfit):
        take_in(content, kind)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (SVG.encode(), IMAGE),
        (f'<?xml version="1.0"?>\n<!-- {"x" * 4000} -->\n{SVG}'.encode(), IMAGE),
        (SVG.encode("utf-16"), IMAGE),
        (zlib.compress(SVG.encode(), wbits=31), IMAGE),  # .svgz
        (SVG.encode(), DOCUMENT),
    ],
    ids=["plain", "behind a comment", "utf-16", "packed", "as a document"],
)
def test_svg_is_not_accepted_in_any_disguise(content, kind):
    with pytest.raises(media.Unfit):
        take_in(content, kind, filename="bild.png")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (enormous_png(50_000, 50_000), IMAGE),
        (swollen_profile(), IMAGE),
        (many_frames(), IMAGE),
        (archive("word/document.xml", bytes(1_000_000)), DOCUMENT),
        (b"", IMAGE),
    ],
    ids=["50,000 x 50,000", "png", "10,000 frames", "archive in a docx", "0 bytes"],
)
def test_a_bomb_does_not_go_off(content, kind):
    try:
        kept = take_in(content, kind)
    except media.Unfit:
        assert not Media.objects.exists()
    else:
        assert len(kept.content) < 1_000


def test_101_megabytes_are_not_even_read():
    file = SimpleUploadedFile("gross.pdf", b"")
    file.size = 101 * media.MEGABYTE
    file.file = None  # whoever reads it fails

    with pytest.raises(media.Unfit, match="16 MB"):
        media.take_in_file(file, kind=DOCUMENT, by=UserFactory(group="Redaktion"), now=NOW)


@pytest.mark.parametrize(
    ("name", "kept_name"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Windows\\boese.exe", "boese.jpg"),
        ("bild\0.php\r\nX-Evil: 1.jpg", "bild.phpX-Evil: 1.jpg"),
        ("foto\u202egpj.exe", "fotogpj.jpg"),
        ("w" * 5_000 + ".jpg", "w" * media.STEM_MAX + ".jpg"),
        ("\u200b.htaccess", "htaccess.jpg"),
    ],
    ids=["path", "drive", "zero and line break", "turned round", "endless", "hidden"],
)
def test_a_name_is_only_shown_and_says_what_the_file_is(name, kept_name):
    assert take_in(picture(), filename=name).filename == kept_name


@pytest.fixture
def desk():
    client = Client()
    client.force_login(UserFactory(group="Redaktion"))
    return client


def fetch(client, kept):
    return client.get(reverse("admin:campaigns_media_content", args=[kept.pk]))


def test_a_browser_does_not_guess_what_a_file_is(desk):
    answer = fetch(desk, medium())

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_opened_by_itself_is_shut_off(desk):
    policy = fetch(desk, medium()).headers["Content-Security-Policy"]

    assert {"default-src 'none'", "sandbox"} <= set(policy.split("; "))


def test_a_document_is_saved_and_not_shown(desk):
    answer = fetch(desk, medium(DOCUMENT))

    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_a_file_is_for_members_of_the_desk_only():
    answer = fetch(Client(), medium())

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("admin:login"))

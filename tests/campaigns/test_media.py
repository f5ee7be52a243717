"""Header media: what is taken in, what is left out of it, and that it is uploaded once."""

import hashlib
import io
from datetime import timedelta
from importlib import resources

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from campaigns import media, pictures, retention
from campaigns.models import Media
from campaigns.models.media import HeaderKind
from campaigns.states import BroadcastState
from tests.campaigns.pictures import (
    SOUND,
    box,
    enormous_png,
    film,
    opened,
    picture,
    track,
    turned_left,
)
from tests.factories import NOW, BroadcastFactory, MessageFactory, UserFactory
from tests.whatsapp import server as web
from tests.whatsapp.examples import make_client
from whatsapp.errors import TryLater

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("english")]

MP4 = film()
PDF = b"%PDF-1.7\n%%EOF"
TWO_IN_ONE = picture("MPO", save_all=True, append_images=[Image.new("RGB", (8, 4))])
SAMPLES = resources.files("campaigns").joinpath("samples")


def filled(start, size):
    """A file of this size that is still sound: a PDF may end with zeros, a film with a free box."""
    zeros = bytes(size - len(start) - 8)
    return start + zeros + bytes(8) if start == PDF else start + box(b"free", zeros)


@pytest.fixture
def writer():
    return UserFactory(group="Redaktion")


@pytest.fixture
def take_in(writer):
    def take_in(content, kind=HeaderKind.IMAGE, filename="bild.jpg"):
        return media.take_in(content, kind=kind, filename=filename, by=writer, now=NOW)

    return take_in


@pytest.fixture
def meta():
    """A Meta that gives an id to whatever is uploaded."""
    with web.Server() as running:
        running.reply(web.json_answer(200, {"id": "4711"}), web.json_answer(200, {"id": "4712"}))
        yield running


@pytest.fixture
def client(meta):
    with make_client(meta.url) as made:
        yield made


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (picture("GIF"), "as JPEG or PNG only"),
        (picture("WEBP"), "as JPEG or PNG only"),
        (picture("TIFF"), "as JPEG or PNG only"),
        (b"<svg onload=alert(1)>", "as JPEG or PNG only"),
        (picture(size=(400, 400))[:-40], "damaged"),
        (picture("PNG", size=(400, 400))[:-40], "damaged"),
        (enormous_png(8000, 8000), "too many pixels"),
        (enormous_png(60_000, 60_000), "too many pixels"),
    ],
    ids=["empty", "gif", "webp", "tiff", "svg", "cut jpeg", "cut png", "large", "bomb"],
)
def test_a_picture_that_whatsapp_would_not_show_is_refused(take_in, content, words):
    with pytest.raises(media.Unfit, match=words):
        take_in(content)

    assert not Media.objects.exists()


@pytest.mark.parametrize(
    ("content", "mime_type", "mode"),
    [
        (picture("JPEG"), "image/jpeg", "RGB"),
        (picture("JPEG", mode="L"), "image/jpeg", "RGB"),
        (picture("JPEG", mode="CMYK"), "image/jpeg", "RGB"),
        (
            picture("MPO", save_all=True, append_images=[Image.new("RGB", (8, 4))]),
            "image/jpeg",
            "RGB",
        ),
        (picture("PNG", mode="P"), "image/png", "RGB"),
        (picture("PNG", mode="I;16"), "image/png", "RGB"),
        (picture("PNG", mode="RGBA"), "image/png", "RGBA"),
    ],
    ids=["rgb", "grey", "cmyk", "mpo", "palette", "16 bits", "transparent"],
)
def test_a_picture_is_kept_in_a_form_that_every_phone_shows(take_in, content, mime_type, mode):
    taken = take_in(content)

    assert taken.mime_type == mime_type
    assert opened(taken.content).mode == mode
    assert opened(taken.content).size == (8, 4)


def test_a_picture_is_turned_upright():
    upright = pictures.clean(turned_left())

    assert opened(upright.content).size == (upright.width, upright.height) == (20, 40)


def test_nothing_hides_in_a_picture_that_we_send(take_in):
    original = turned_left()
    assert original.count(b"Secret") == 3

    taken = take_in(original)

    assert b"Secret" not in taken.content
    assert not opened(taken.content).getexif()


def test_the_colours_of_a_picture_stay(take_in):
    taken = take_in(picture("PNG", colour=(200, 16, 46)))

    assert opened(taken.content).getpixel((0, 0)) == (200, 16, 46)


@settings(max_examples=60, deadline=None)
@example(at=41, byte=0)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_damaged_picture_is_opened_or_refused_and_nothing_else(at, byte):
    damaged = bytearray(turned_left())
    damaged[at % len(damaged)] = byte

    try:
        clean = pictures.clean(bytes(damaged))
    except media.Unfit:
        return
    opened(clean.content).load()


@pytest.mark.parametrize(
    ("content", "kind", "mime_type"),
    [
        (MP4, HeaderKind.VIDEO, "video/mp4"),
        (film(brand=b"isom"), HeaderKind.VIDEO, "video/mp4"),
        (film(brand=b"3gp5"), HeaderKind.VIDEO, "video/3gpp"),
        (PDF, HeaderKind.DOCUMENT, "application/pdf"),
    ],
)
def test_the_type_is_told_by_the_content_not_by_the_name(take_in, content, kind, mime_type):
    taken = take_in(content, kind, filename="irgendwas.exe")

    assert (taken.kind, taken.mime_type, taken.content) == (kind, mime_type, content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, HeaderKind.VIDEO),
        (film(brand=b"qt  "), HeaderKind.VIDEO),  # QuickTime
        (film(brand=b"heic"), HeaderKind.VIDEO),  # a photo
        (b"RIFF\0\0\0\0AVI ", HeaderKind.VIDEO),
        (MP4, HeaderKind.DOCUMENT),
        (b"PK\x03\x04", HeaderKind.DOCUMENT),
        (PDF, HeaderKind.IMAGE),
    ],
)
def test_a_file_of_another_kind_is_refused_whatever_its_name(take_in, content, kind):
    with pytest.raises(media.Unfit):
        take_in(content, kind, filename="film.mp4")


@pytest.mark.parametrize(("start", "kind"), [(MP4, HeaderKind.VIDEO), (PDF, HeaderKind.DOCUMENT)])
def test_a_file_may_be_as_large_as_whatsapp_allows_and_no_byte_larger(take_in, start, kind):
    just_right = filled(start, media.MAX_BYTES[kind])

    assert take_in(just_right, kind).size == media.MAX_BYTES[kind]
    with pytest.raises(media.Unfit, match="16 MB"):
        take_in(filled(start, media.MAX_BYTES[kind] + 1), kind)


def test_an_upload_that_is_far_too_large_is_not_even_read(writer):
    file = SimpleUploadedFile("gross.jpg", b"")
    file.size = media.MAX_UPLOAD + 1

    with pytest.raises(media.Unfit, match="5 MB"):
        media.take_in_file(file, kind=HeaderKind.IMAGE, by=writer, now=NOW)


def test_an_upload_keeps_its_name_but_no_path(writer):
    file = SimpleUploadedFile("weiche.jpg", picture())
    file._name = "C:\\Bilder/" + "w" * 200 + ".exe"

    taken = media.take_in_file(file, kind=HeaderKind.IMAGE, by=writer, now=NOW)

    assert taken.filename == "w" * media.STEM_MAX + ".jpg"


def test_what_is_kept_can_be_told_by_its_hash(take_in):
    taken = take_in(PDF, HeaderKind.DOCUMENT)

    assert taken.sha256 == hashlib.sha256(PDF).hexdigest()


@pytest.mark.parametrize(
    ("name", "kind", "mime_type"),
    [
        ("sample.jpg", HeaderKind.IMAGE, "image/jpeg"),
        ("sample.mp4", HeaderKind.VIDEO, "video/mp4"),
        ("sample.pdf", HeaderKind.DOCUMENT, "application/pdf"),
    ],
)
def test_the_shipped_samples_would_be_taken_in_themselves(take_in, name, kind, mime_type):
    assert take_in(SAMPLES.joinpath(name).read_bytes(), kind).mime_type == mime_type


def test_a_message_without_a_medium_uploads_nothing(client, meta):
    assert media.upload_once(MessageFactory(), client=client, now=NOW) == ""
    assert meta.seen == []


def test_a_medium_is_uploaded_once_for_all_who_get_it(take_in, client, meta):
    message = MessageFactory(slug="bilder", media=take_in(picture()))

    ids = [media.upload_once(message, client=client, now=NOW) for _ in range(3)]

    assert ids == ["4711"] * 3
    assert len(meta.seen) == 1
    assert bytes(message.media.content) in meta.seen[0].body


@pytest.mark.parametrize(("age", "meta_id"), [(28, "4711"), (29, "4712"), (31, "4712")])
def test_a_medium_is_uploaded_again_before_meta_forgets_it(take_in, client, age, meta_id):
    message = MessageFactory(slug="bilder", media=take_in(picture()))
    media.upload_once(message, client=client, now=NOW)

    later = media.upload_once(message, client=client, now=NOW + timedelta(days=age))

    assert later == meta_id


def test_an_upload_that_failed_is_tried_again(take_in, client, meta):
    message = MessageFactory(slug="bilder", media=take_in(picture()))
    meta.reply(web.graph_error(400, 131053), web.json_answer(200, {"id": "4711"}))

    with pytest.raises(TryLater):
        media.upload_once(message, client=client, now=NOW)

    assert media.upload_once(message, client=client, now=NOW) == "4711"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (film(track(b"vide", b"hvc1"), SOUND), "HEVC"),
        (film(track(b"vide", b"mp4v")), "H.264 only"),
        (film(SOUND), "no pictures"),
        (film(track(b"vide", b"avc1"), track(b"soun", b"ac-3")), "in AAC"),
        (film(track(b"vide", b"avc1"), SOUND, SOUND), "one sound track"),
        (film()[:-3], "damaged"),
    ],
    ids=["hevc", "mpeg-4", "only sound", "dolby", "two languages", "cut off"],
)
def test_a_video_that_phones_would_not_play_is_refused(take_in, content, words):
    with pytest.raises(media.Unfit, match=words):
        take_in(content, HeaderKind.VIDEO)


def test_a_video_that_some_phones_do_not_play_is_taken_with_a_remark(take_in):
    hard = track(b"vide", b"avc1", profile=100, offsets=(0, 512))

    assert take_in(film(hard), HeaderKind.VIDEO).remark == Media.Remark.B_FRAMES
    assert take_in(film(), HeaderKind.VIDEO).remark == ""


@pytest.fixture
def striped(take_in):
    """A picture of 1000 x 1000: red on the left, blue on the right."""
    image = Image.new("RGB", (1000, 1000), (255, 0, 0))
    image.paste((0, 0, 255), (500, 0, 1000, 1000))
    written = io.BytesIO()
    image.save(written, "PNG")
    return take_in(written.getvalue(), filename="streifen.png")


def cut(whole, writer, **box):
    return media.cut(
        whole, pictures.Box(**{"left": 0, "top": 0, "width": 1, **box}), by=writer, now=NOW
    )


@pytest.mark.parametrize(
    ("box", "size", "colour"),
    [
        ({"top": 0.3}, (1000, 524), (255, 0, 0)),
        ({"left": 0.5, "width": 0.4}, (400, 209), (0, 0, 255)),
        ({"left": 9, "top": 9, "width": 0.4}, (400, 209), (0, 0, 255)),
        ({"left": -9, "width": 9}, (1000, 524), (255, 0, 0)),
    ],
    ids=["full width", "on the right", "beyond the corner", "larger than all"],
)
def test_a_part_has_the_shape_that_whatsapp_shows(striped, writer, box, size, colour):
    part = cut(striped, writer, **box)

    assert (part.width, part.height) == opened(part.content).size == size
    assert opened(part.content).getpixel((0, 0)) == colour


def test_a_part_that_would_look_blurred_is_refused(striped, writer):
    with pytest.raises(media.Unfit, match="too small"):
        cut(striped, writer, width=0.29)


def test_a_part_of_a_part_is_taken_from_the_whole(striped, writer):
    media.describe(striped, "Streifen")

    first = cut(striped, writer, width=0.4)
    second = cut(first, writer, left=0.5, width=0.5)

    assert (second.cut_from, second.width, second.alt) == (striped, 500, "Streifen")


def plan(photo, *, due_at, state=BroadcastState.SCHEDULED):
    message = MessageFactory(slug="bilder", media=photo)
    return BroadcastFactory(message=message, state=state, due_at=due_at)


def test_what_leaves_within_a_day_is_handed_over_ahead_of_time(take_in, client, meta):
    photo = take_in(picture())
    plan(photo, due_at=NOW + timedelta(hours=23))

    assert media.hand_over(client=client, now=NOW) == 1
    photo.refresh_from_db()
    assert photo.meta_id == "4711"
    assert media.hand_over(client=client, now=NOW + timedelta(hours=1)) == 0


@pytest.mark.parametrize(("age", "renewed"), [(20, 0), (28, 0), (29, 1)])
def test_an_id_that_would_end_while_its_broadcast_runs_is_renewed(take_in, client, age, renewed):
    photo = take_in(picture())
    broadcast = plan(photo, due_at=NOW + timedelta(hours=1))
    handed = broadcast.expires_at - timedelta(days=age)
    Media.objects.update(meta_id="1", meta_id_at=handed)

    assert media.hand_over(client=client, now=NOW) == renewed


def test_what_leaves_later_or_is_over_is_left_alone(take_in, client, meta):
    plan(take_in(picture()), due_at=NOW + timedelta(hours=25))
    plan(take_in(picture()), due_at=NOW, state=BroadcastState.DONE)
    plan(take_in(picture()), due_at=NOW - timedelta(days=9))

    assert media.hand_over(client=client, now=NOW) == 0
    assert meta.seen == []


def test_a_hand_over_that_fails_is_tried_again_after_ten_minutes(take_in, client, meta):
    plan(take_in(picture()), due_at=NOW + timedelta(hours=2))
    meta.reply(web.graph_error(400, 131053), web.json_answer(200, {"id": "4711"}))

    handed = [
        media.hand_over(client=client, now=NOW + timedelta(minutes=minutes))
        for minutes in (0, 5, 10)
    ]

    assert handed == [0, 0, 1]


def test_files_that_were_never_saved_go_after_a_day(striped, writer, take_in):
    saved = cut(striped, writer, width=0.5)
    MessageFactory(slug="bilder", media=saved)
    take_in(PDF, HeaderKind.DOCUMENT)
    [rule] = [one for one in retention.RULES if Media in one.of]

    assert rule.enforce(now=NOW + timedelta(hours=23)) == 0
    assert rule.enforce(now=NOW + timedelta(hours=25)) == 1
    assert set(Media.objects.all()) == {striped, saved}

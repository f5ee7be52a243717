"""The file above a message on the desk: its part, its description, and what is said of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.models import Broadcast, Media
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import do, form, said, writing
from tests.campaigns.pictures import film, medium, picture, track
from tests.factories import BroadcastFactory, MessageFactory

pytestmark = pytest.mark.django_db(databases="__all__")

UPLOAD = reverse("admin:campaigns_broadcast_upload", args=["bilder"])
MIDDLE = {"part-across": "50", "part-down": "50", "part-size": "50"}


@pytest.fixture
def kept(editor):
    """A picture of 800 x 800 that somebody has just chosen."""
    file = SimpleUploadedFile("weiche.jpg", picture(size=(800, 800)))
    editor.post(UPLOAD, form("bilder", upload=file))
    return Media.objects.get()


def test_a_high_picture_comes_with_the_choice_of_its_part(editor, kept):
    shown = editor.post(UPLOAD, form("bilder", kept=kept.pk)).content.decode()

    assert '<details class="part" id="part" open>' in shown


def test_a_picture_of_the_right_shape_is_not_talked_about(editor):
    file = SimpleUploadedFile("weiche.jpg", picture(size=(764, 400)))

    shown = editor.post(UPLOAD, form("bilder", upload=file)).content.decode()

    assert '<details class="part" id="part">' in shown
    assert "has the shape that WhatsApp shows" in shown


def test_a_part_takes_the_place_of_the_picture(editor, kept):
    shown = editor.post(UPLOAD, form("bilder", kept=kept.pk, action="cut", **MIDDLE))

    part = Media.objects.get(cut_from=kept)
    assert (part.width, part.height) == (400, 209)
    assert f'name="kept" value="{part.pk}"' in shown.content.decode()


def test_one_can_go_back_to_the_whole_picture(editor, kept):
    editor.post(UPLOAD, form("bilder", kept=kept.pk, action="cut", **MIDDLE))
    part = Media.objects.get(cut_from=kept)

    shown = editor.post(UPLOAD, form("bilder", kept=part.pk, action="whole")).content.decode()

    assert f'name="kept" value="{kept.pk}"' in shown


def test_without_a_script_a_part_is_chosen_on_the_page_itself(editor, kept):
    typed = form("bilder", titel="Nachtschicht", kept=kept.pk, action="cut", **MIDDLE)

    shown = editor.post(writing("bilder"), typed).content.decode()

    assert "Nachtschicht" in shown
    assert Media.objects.filter(cut_from=kept).exists()
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize("wrong", [{"part-size": "19"}, {"part-across": "x"}, {"part-down": ""}])
def test_a_part_that_no_slider_could_name_is_refused(editor, kept, wrong):
    typed = form("bilder", kept=kept.pk, action="cut", **{**MIDDLE, **wrong})

    shown = editor.post(UPLOAD, typed).content.decode()

    assert "choose the part of the picture again" in shown
    assert Media.objects.count() == 1


@pytest.mark.parametrize("other", ["0", "x", "99999999"])
def test_no_part_is_taken_of_a_picture_that_does_not_exist(editor, other):
    answer = editor.post(UPLOAD, form("bilder", kept=other, action="cut", **MIDDLE))

    assert answer.status_code == 200
    assert not Media.objects.exists()


def test_what_is_to_be_seen_is_kept_with_the_picture(editor, kept):
    editor.post(writing("bilder"), form("bilder", kept=kept.pk, alt="Zwei Gleise im Nebel"))

    kept.refresh_from_db()
    assert kept.alt == "Zwei Gleise im Nebel"
    page = reverse("admin:campaigns_broadcast_change", args=[Broadcast.objects.get().pk])
    assert 'alt="Zwei Gleise im Nebel"' in editor.get(page).content.decode()


def test_a_picture_that_nobody_has_described_is_not_submitted(editor, kept):
    answer = editor.post(writing("bilder"), form("bilder", action="submit", kept=kept.pk, alt=""))

    assert "alt" in answer.context["form"].errors
    assert not Broadcast.objects.exists()


def test_a_draft_may_do_without_a_description_until_it_is_submitted(editor, kept):
    editor.post(writing("bilder"), form("bilder", kept=kept.pk, alt=""))
    broadcast = Broadcast.objects.get()

    answer = editor.post(do(broadcast, "submit"))

    broadcast.refresh_from_db()
    assert broadcast.state == BroadcastState.DRAFT
    assert "what is to be seen in the picture" in said(answer)[-1]


def test_a_copy_keeps_the_description(editor):
    photo = medium()
    Media.objects.update(alt="Zwei Gleise")
    older = BroadcastFactory(message=MessageFactory(slug="bilder", media=photo))

    started = editor.get(writing("bilder"), {"copy": older.pk}).context["form"]

    assert started["alt"].value() == "Zwei Gleise"


def test_a_video_that_some_phones_do_not_play_is_talked_about(editor):
    hard = film(track(b"vide", b"avc1", profile=100, offsets=(0, 512)))
    address = reverse("admin:campaigns_broadcast_upload", args=["videobotschaft"])
    file = SimpleUploadedFile("film.mp4", hard)

    shown = editor.post(address, form("videobotschaft", upload=file)).content.decode()

    assert "some Android phones" in shown

"""What an MP4 holds is told by its boxes, and a damaged or hostile one is only refused."""

from importlib import resources

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns import tracks
from tests.campaigns.pictures import PICTURES, SOUND, box, film, track

SAMPLE = resources.files("campaigns").joinpath("samples/sample.mp4").read_bytes()
MOVED = (0, 512, 0)  # some pictures are shown later than they are stored


def test_a_real_film_tells_its_codecs():
    found = tracks.read(SAMPLE)

    assert (found.brand, found.video, found.audio) == ("isom", ("avc1",), ("mp4a",))


@pytest.mark.parametrize("codec", sorted(tracks.HEVC))
def test_hevc_is_told_from_h264(codec):
    found = tracks.read(film(track(b"vide", codec.encode()), SOUND))

    assert found.video == (codec,)
    assert not tracks.H264 & set(found.video)


@pytest.mark.parametrize(
    ("profile", "offsets", "is_hard"),
    [(100, MOVED, True), (100, (512, 512), False), (100, (), False), (77, MOVED, False)],
)
def test_only_the_high_profile_with_b_frames_is_hard_to_play(profile, offsets, is_hard):
    found = tracks.read(film(track(b"vide", b"avc1", profile=profile, offsets=offsets)))

    assert found.is_high_with_b_frames is is_hard


def test_a_track_of_subtitles_is_neither_picture_nor_sound():
    found = tracks.read(film(PICTURES, track(b"text", b"tx3g")))

    assert (found.video, found.audio) == (("avc1",), ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\0\x18ftypmp42" + bytes(20),
        box(b"ftyp", b"mp42", bytes(8)),
        film(box(b"trak")),
        film(rest=b"\0\0\0\x07free"),
        film(rest=b"\0\0\0\x01mdat" + b"\xff" * 8),
        film()[:-1],
        box(b"ftyp", b"mp42") + box(b"free") * tracks.MOST_BOXES + box(b"moov"),
    ],
    ids=["empty", "zeros", "no moov", "no mdia", "too short", "endless", "cut off", "countless"],
)
def test_what_is_no_sound_film_is_refused(content):
    with pytest.raises(tracks.Unreadable):
        tracks.read(content)


def test_a_large_box_and_one_up_to_the_end_are_read():
    large = b"\0\0\0\x01mdat" + (24).to_bytes(8, "big") + bytes(8)
    last = b"\0\0\0\0mdat" + bytes(3)

    assert tracks.read(film(rest=large + last)).video == ("avc1",)


@example(at=4, byte=0)
@given(at=st.integers(0, 2_000), byte=st.integers(0, 255))
def test_a_damaged_film_is_read_or_refused_and_nothing_else(at, byte):
    damaged = bytearray(film(track(b"vide", b"avc1", profile=100, offsets=MOVED), SOUND))
    damaged[at % len(damaged)] = byte

    try:
        found = tracks.read(bytes(damaged))
    except tracks.Unreadable:
        return

    assert isinstance(found, tracks.Film)

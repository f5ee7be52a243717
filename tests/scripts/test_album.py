"""The album of README's and the handbook's pictures: all of them in their order, or none."""

import io

import pytest
from PIL import Image

from scripts.album import LIMIT, NotShown, album, smallest


def png(colour, *, size=(40, 30)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def noise():
    """A picture that nothing makes small."""
    file = io.BytesIO()
    Image.effect_noise((2000, 2000), 200).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def place(tmp_path):
    """A folder with a picture of the last time, and one that nobody wants any more."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "start.webp").write_text("old")
    (tmp_path / "pictures" / "gone.webp").write_text("old")
    return tmp_path / "pictures"


def names(place):
    return sorted(path.name for path in place.iterdir())


def test_pictures_are_published_together_and_replace_the_old(place):
    with album(("start", "plan"), place=place) as pictures:
        pictures.keep("start", png("red"))
        pictures.keep("plan", png("blue"))

        assert names(place) == ["gone.webp", "start.webp"]

    assert names(place) == ["plan.webp", "start.webp"]
    with Image.open(place / "start.webp") as picture:
        assert picture.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_a_picture_that_is_missing_is_named_and_none_is_changed(place, capsys):
    with pytest.raises(NotShown), album(("start", "plan"), place=place) as pictures:
        pictures.keep("start", png("red"))

    assert "“plan” could not be made" in capsys.readouterr().err
    assert (place / "start.webp").read_text() == "old"


def test_whatever_fails_leaves_no_half_of_an_album_behind(place, capsys):
    with pytest.raises(OSError, match="image"), album(("start", "plan"), place=place) as pictures:
        pictures.keep("start", b"no picture")

    assert "“start” could not be made" in capsys.readouterr().err
    assert names(place) == ["gone.webp", "start.webp"]
    assert names(place.parent) == ["pictures"]


def test_a_picture_out_of_turn_is_refused(place):
    with pytest.raises(NotShown, match="turn"), album(("start", "plan"), place=place) as pictures:
        pictures.keep("plan", png("red"))


def test_a_picture_that_cannot_be_made_small_is_refused(place):
    with pytest.raises(NotShown, match=f"{LIMIT}"), album(("start",), place=place) as pictures:
        pictures.keep("start", noise())


def test_the_same_page_gives_the_same_bytes():
    assert smallest(png("green")) == smallest(png("green"))

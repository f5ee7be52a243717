"""The public privacy notice."""

import pytest

from subscribers import shipped
from subscribers.models import Notice
from tests.factories import NOW

pytestmark = pytest.mark.django_db

PAGE = "/datenschutz/"


def text(response):
    return response.content.decode()


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "de", "de"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr", "de"),
        ("?lang=en", "de", "en"),
        ("?lang=de", "en", "de"),
        ("?lang=xx", "en", "de"),
    ],
)
def test_the_notice_comes_in_the_language_asked_for(client, query, header, language):
    response = client.get(PAGE + query, headers={"accept-language": header})

    assert response.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in text(response)


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_shows_exactly_the_words_of_the_chat(client, language):
    notice = Notice.objects.current(language)

    response = client.get(PAGE, {"lang": language})

    assert response.context["notice"] == notice
    for line in [*notice.notice.splitlines(), *notice.question.splitlines(), *notice.buttons]:
        assert line in text(response)


def test_it_always_shows_the_newest_version(client, settings):
    shipped.publish_notice("de", version=2, organisation=settings.ORGANISATION, now=NOW)

    response = client.get(PAGE, {"lang": "de"})

    assert response.context["notice"].version == 2
    assert "23. November 2026" in text(response)


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_names_who_is_responsible_the_dpo_and_the_authority(client, settings, language):
    response = client.get(PAGE, {"lang": language})

    for name in ("name", "dpo", "authority"):
        assert settings.ORGANISATION[name] in text(response)


def test_it_sets_no_cookie_and_may_be_cached(client):
    response = client.get(PAGE)

    assert not response.cookies
    assert "Cookie" not in response.headers["Vary"]
    assert "public" in response.headers["Cache-Control"]


def test_it_brings_nothing_from_elsewhere_and_no_script(client):
    page = text(client.get(PAGE))

    assert "<script" not in page
    assert "<style" not in page
    assert 'src="' not in page


def test_words_with_markup_in_them_stay_words(client, settings):
    organisation = {**settings.ORGANISATION, "name": "<b>Werke</b>"}
    settings.ORGANISATION = organisation
    shipped.publish_notice("de", version=2, organisation=organisation, now=NOW)

    page = text(client.get(PAGE, {"lang": "de"}))

    assert "<b>" not in page
    assert "&lt;b&gt;Werke" in page


def test_it_is_there_to_be_read_only(client):
    assert client.post(PAGE).status_code == 405

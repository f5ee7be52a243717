"""Questions to Meta: templates, the health of our number, the subscription of webhooks."""

import pytest

from tests.whatsapp import server as web
from tests.whatsapp.examples import make_client
from whatsapp import errors
from whatsapp.template_drafts import TemplateDraft

DRAFT = TemplateDraft(name="news", language="de", category="UTILITY", body="Es gibt Neues.")


def page(*ids, after=None, more=True):
    paging = {"cursors": {"after": after}} | ({"next": "http://x/"} if more else {})
    rows = [{"id": each, "name": "news", "status": "APPROVED"} for each in ids]
    return web.json_answer(200, {"data": rows} | ({"paging": paging} if after else {}))


# --- templates -------------------------------------------------------------------------------


def test_templates_are_read_from_every_page(server, client):
    server.reply(page("77", "78", after="c1"), page("79"))

    assert [template.id for template in client.templates(name="news")] == ["77", "78", "79"]
    first, second = server.seen
    assert (first.method, first.path) == ("GET", "/v25.0/222/message_templates")
    assert first.query["name"] == second.query["name"] == ["news"]
    assert first.query["limit"] == ["100"]
    assert "after" not in first.query
    assert second.query["after"] == ["c1"]


def test_without_a_name_all_templates_are_asked_for(server, client):
    server.reply(page())

    assert list(client.templates()) == []
    assert "name" not in server.seen[0].query


def test_a_cursor_without_a_next_page_is_the_end(server, client):
    server.reply(page("77", after="c1", more=False))

    assert len(list(client.templates())) == 1
    assert len(server.seen) == 1


def test_pages_without_end_are_given_up(server, client):
    server.reply(page(after="same"))

    with pytest.raises(errors.NoAnswer, match="too_many_pages"):
        list(client.templates())


def test_a_draft_is_handed_in_and_meta_may_change_its_category(server, client):
    server.reply(web.json_answer(200, {"id": "5", "status": "PENDING", "category": "MARKETING"}))

    created = client.create_template(DRAFT)

    assert (created.id, created.status, created.category) == ("5", "PENDING", "MARKETING")
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/v25.0/222/message_templates")
    assert seen.json() == DRAFT.to_json()


def test_a_draft_without_an_id_in_the_answer_has_no_answer(server, client):
    server.reply(web.json_answer(200, {"status": "PENDING"}))

    with pytest.raises(errors.NoAnswer, match="no_id"):
        client.create_template(DRAFT)


def test_a_draft_is_not_handed_in_twice(server, client):
    server.reply(web.html_answer(503))

    with pytest.raises(errors.NoAnswer, match="server_error"):
        client.create_template(DRAFT)

    assert len(server.seen) == 1


def test_a_refused_draft_shows_the_words_of_meta_but_not_in_its_message(server, client):
    error = {"error_subcode": 2388299, "error_user_msg": "Variables can't be at the start."}
    server.reply(web.graph_error(400, 100, **error))

    with pytest.raises(errors.Refused) as caught:
        client.create_template(DRAFT)

    assert caught.value.code == 2388299
    assert caught.value.details == "Variables can't be at the start."
    assert "Variables" not in str(caught.value)


# --- our number ------------------------------------------------------------------------------


def test_the_health_of_our_number_is_read_without_the_number(server, client):
    health = {"health_status": {"can_send_message": "AVAILABLE"}, "display_phone_number": "+49 2"}
    server.reply(web.json_answer(200, health))

    number = client.phone_number_health()

    assert number.can_send == "AVAILABLE"
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/v25.0/111")
    assert "health_status" in seen.query["fields"][0]
    assert "display_phone_number" not in seen.query["fields"][0]


@pytest.mark.parametrize(("data", "subscribed"), [([], False), ([{"id": "app"}], True)])
def test_the_subscription_of_webhooks_can_be_seen(server, client, data, subscribed):
    server.reply(web.json_answer(200, {"data": data}))

    assert client.webhook_subscribed() is subscribed
    assert server.seen[0].path == "/v25.0/222/subscribed_apps"


def test_the_settings_of_the_account_are_read_in_two_questions(server, client):
    storage = {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": "DE"}
    server.reply(
        web.json_answer(200, {"storage_configuration": storage}),
        web.json_answer(200, {"is_enabled_for_insights": True}),
    )

    found = client.account_settings()

    assert (found.storage, found.region) == ("IN_COUNTRY_STORAGE_ENABLED", "DE")
    assert (found.has_insights, found.marketing) == (True, "")
    assert [seen.path for seen in server.seen] == ["/v25.0/111/settings", "/v25.0/222"]


# --- trouble ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "exception"),
    [
        (web.graph_error(401, 190), errors.StopAccount),
        (web.graph_error(403, 999999), errors.StopAccount),
        (web.graph_error(400, 100, error_subcode=33), errors.StopAccount),
        (web.graph_error(400, 80007), errors.TryLater),
        (web.graph_error(400, 130429), errors.TryLater),
        (web.graph_error(400, 131056), errors.TryLater),
        (web.graph_error(400, 2), errors.TryLater),
        (web.graph_error(400, 999999, is_transient=True), errors.TryLater),
        (web.graph_error(400, 2388039), errors.Refused),
        (web.html_answer(404), errors.NoAnswer),
        (web.raw(200, b"not json"), errors.NoAnswer),
        (web.raw(200, b"[]"), errors.NoAnswer),
        (web.raw(302, b"", Location="/x"), errors.NoAnswer),
    ],
)
def test_every_failure_becomes_an_exception_of_ours(server, client, answer, exception):
    server.reply(answer)

    with pytest.raises(exception):
        client.webhook_subscribed()

    assert len(server.seen) == 1


@pytest.mark.parametrize("trouble", [web.html_answer(503), web.graph_error(500, 2), web.reset])
def test_a_question_is_asked_again_after_trouble_at_meta(server, client, trouble):
    server.reply(trouble, page("77"))

    assert len(list(client.templates())) == 1
    assert len(server.seen) == 2


def test_a_question_is_not_asked_for_ever(server, client):
    server.reply(web.html_answer(503))

    with pytest.raises(errors.NoAnswer, match="server_error"):
        client.webhook_subscribed()

    assert len(server.seen) == 3


def test_a_question_to_a_closed_port_has_no_answer(nobody):
    with pytest.raises(errors.NoAnswer, match="connect"):
        nobody.webhook_subscribed()


def test_a_question_that_nobody_answers_has_no_answer(server):
    server.reply(server.hang())

    with (
        make_client(server.url, read_timeout=0.1) as client,
        pytest.raises(errors.NoAnswer, match="timeout"),
    ):
        client.webhook_subscribed()

"""How webhooks travel: signed, in batches, twice, out of order, again and again."""

import hashlib
import hmac

from tests.whatsapp.simulator.business import KIM, Graph, settle, simulating

SECRET = b"simulator-app-secret"


def say(control, *texts):
    for text in texts:
        control.say(KIM, text)


def said(business):
    return [message["text"]["body"] for message in business.messages()]


def is_genuine(post):
    expected = "sha256=" + hmac.new(SECRET, post.body, hashlib.sha256).hexdigest()
    return post.headers["X-Hub-Signature-256"] == expected


def test_a_webhook_is_signed_over_its_very_bytes(control, simulator, business):
    say(control, "Grüße/👍")
    settle(simulator)

    [post] = business.posts
    assert is_genuine(post)
    assert post.body.isascii()
    assert b"Gr\\u00fc\\u00dfe\\/" in post.body
    assert said(business) == ["Grüße/👍"]


def test_a_webhook_names_account_and_number(control, simulator, business):
    say(control, "Hallo")
    settle(simulator)

    [post] = business.posts
    assert post.json()["object"] == "whatsapp_business_account"
    assert post.json()["entry"][0]["id"] == simulator.account.business_account_id
    metadata = business.changes()[0]["metadata"]
    assert metadata["phone_number_id"] == simulator.account.phone_number_id


def test_many_updates_travel_in_one_webhook(control, simulator, business):
    control.pause_webhook()
    say(control, *"abcdefghij")

    control.resume_webhook()
    settle(simulator)

    assert len(business.posts) == 1
    assert said(business) == list("abcdefghij")


def test_a_batch_has_a_greatest_size(control, simulator, business):
    control.change_settings(webhook_batch_size=2, webhooks_paused=True)
    say(control, *"abcde")

    control.resume_webhook()
    settle(simulator)

    assert [len(value["messages"]) for value in business.changes()] == [2, 2, 1]


def test_an_update_can_come_more_than_once(control, simulator, business):
    control.change_settings(webhook_duplicate_share=1, webhook_duplicates=2)

    say(control, "Hallo")
    settle(simulator)

    assert said(business) == ["Hallo"] * 3
    assert len({message["id"] for message in business.messages()}) == 1


def test_updates_can_overtake_each_other(control, simulator, business):
    control.change_settings(webhook_reorder_share=0.5, webhook_reorder_delay=0.2)

    say(control, *"abcdefghij")
    settle(simulator)

    assert said(business) != list("abcdefghij")
    assert sorted(said(business)) == list("abcdefghij")


def test_a_webhook_is_repeated_until_it_is_acknowledged(control, simulator, business):
    business.answer_with(500, 403, 301, 200)

    say(control, "Hallo")
    settle(simulator)

    assert said(business) == ["Hallo"] * 4
    assert len({post.body for post in business.posts}) == 1
    assert control.posts()[-1]["answers"] == [500, 403, 301, 200]


def test_an_update_that_nobody_takes_is_given_up_in_the_end(control, simulator, business):
    control.change_settings(webhook_give_up_seconds=0.1)
    business.answer_with(500)

    say(control, "Hallo")
    settle(simulator)

    assert control.stats()["counts"]["updates given up"] == 1


def test_the_second_tick_comes_with_the_acknowledgement(control, simulator, business):
    control.pause_webhook()
    say(control, "Hallo")
    assert control.person(KIM)["chat"][0]["ticks"] == "sent"

    control.resume_webhook()
    settle(simulator)

    assert control.person(KIM)["chat"][0]["ticks"] == "delivered"


def test_a_pause_loses_nothing(control, simulator, business):
    control.pause_webhook()
    say(control, "a", "b")
    assert not control.wait_until_idle(timeout_seconds=0.2, quiet_seconds=0.05)
    assert business.posts == []

    control.resume_webhook()
    settle(simulator)

    assert said(business) == ["a", "b"]


def test_updates_can_be_lost_for_ever(control, simulator, business):
    control.change_settings(webhook_loss_share=1)

    say(control, "Hallo")
    settle(simulator)

    assert business.posts == []
    assert control.stats()["counts"]["updates lost"] == 1


def test_statuses_can_be_lost_while_messages_arrive(graph, news, simulator, business):
    simulator.control.change_settings(status_loss_share=1)

    graph.send_template()
    say(simulator.control, "Hallo")
    settle(simulator)

    assert said(business) == ["Hallo"]
    assert business.statuses() == []


def test_a_forged_copy_can_come_first(control, simulator, business):
    control.change_settings(webhook_forged_share=1)

    say(control, "Hallo")
    settle(simulator)

    assert [is_genuine(post) for post in business.posts] == [False, True]


def test_a_broken_copy_can_come_first(control, simulator, business):
    control.change_settings(webhook_malformed_share=1)

    say(control, "Hallo")
    settle(simulator)

    half, whole = business.posts
    assert whole.body.startswith(half.body)
    assert is_genuine(half)


def test_a_webhook_can_be_sent_again_byte_by_byte(control, simulator, business):
    say(control, "Hallo")
    settle(simulator)

    assert control.replay(last=1) == 1
    settle(simulator)

    first, again = business.posts
    assert (again.body, again.headers) == (first.body, first.headers | again.headers)


def test_chosen_webhooks_can_be_sent_again(control, simulator, business):
    for text in "abc":
        say(control, text)
        settle(simulator)
    chosen = [post["id"] for post in control.posts() if '"body":"b"' in post["body"]]

    control.replay(posts=chosen)
    settle(simulator)

    assert said(business) == ["a", "b", "c", "b"]


def test_nothing_is_sent_to_an_address_that_does_not_know_the_token(business):
    business.verify_token = "another"
    with simulating(business) as simulator:
        control = simulator.control
        control.add_person("Kim", KIM)
        say(control, "Hallo")
        assert not control.wait_until_idle(timeout_seconds=0.2, quiet_seconds=0.05)
        assert business.posts == []

        business.verify_token = simulator.account.verify_token
        settle(simulator)

        assert said(business) == ["Hallo"]


def test_the_business_can_move_its_webhook(control, simulator, business):
    control.change_settings(webhook_url=None)

    control.subscribe_webhook(business.url + "moved/")
    say(control, "Hallo")
    settle(simulator)

    assert [post.path for post in business.posts] == ["/webhooks/whatsapp/moved/"]


def test_the_business_can_move_its_webhook_by_the_graph_api(simulator, business, control):
    address = {"override_callback_uri": business.url + "v2/", "verify_token": "right"}
    business.verify_token = "right"

    answer = Graph(simulator.url).ask("POST", "/v25.0/102200000000001/subscribed_apps", address)

    assert answer.json == {"success": True}
    assert control.webhook()["url"] == business.url + "v2/"


def test_an_address_that_does_not_answer_the_challenge_is_refused(simulator, business, control):
    business.verify_token = "another"
    address = {"override_callback_uri": business.url + "v2/", "verify_token": "right"}

    answer = Graph(simulator.url).ask("POST", "/v25.0/102200000000001/subscribed_apps", address)

    assert answer.code == 2200
    assert control.webhook()["url"] == business.url


def test_any_notice_about_the_account_can_be_sent(control, simulator, business):
    control.notify("account_update", {"event": "ACCOUNT_RESTRICTION"})
    settle(simulator)

    assert business.changes("account_update") == [{"event": "ACCOUNT_RESTRICTION"}]
    assert isinstance(business.posts[0].json()["entry"][0]["time"], int)

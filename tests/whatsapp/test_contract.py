"""The wire library against the simulator: two readings of Meta's documentation, one contract.

Neither shares a line with the other, so a misunderstanding has to be made twice to hide here.
"""

import pytest

from tests.whatsapp.examples import make_client
from tests.whatsapp.simulator.business import (
    KIM,
    LEA,
    bubbles,
    open_window,
    receiving,
    settle,
    simulating_two_people,
)
from whatsapp import answers, errors, events, payloads, signature
from whatsapp.payloads import Recipient
from whatsapp.template_drafts import MediaHeader, TemplateDraft, TextHeader

PNG = b"\x89PNG\r\n\x1a\n and more"
TO_KIM = Recipient(phone=KIM)
HELLO = payloads.Text(body="Guten *Morgen* ✓")
NEWS = payloads.Template(name="news", language="de", values=("Tor 3",), payloads={0: "read:1"})
DRAFT = TemplateDraft(
    name="news",
    language="de",
    category="UTILITY",
    body="Guten Morgen, es geht heute um {{1}} und mehr.",
    examples=("Tor 3 ist zu",),
    header=TextHeader(text="Betriebsinformation"),
    footer="Abmelden: STOP",
    buttons=("Gelesen",),
)
PRICE = events.Pricing(category="utility", type="regular", model="PMP", billable=True)
QUESTION = payloads.Buttons(
    body="Mini oder Maxi?",
    buttons=(
        payloads.Button(id="consent:mini", title="MINI"),
        payloads.Button(id="consent:maxi", title="MAXI"),
    ),
    header="Tarif",
    footer="Abmelden: STOP",
)
MENU = payloads.ListMenu(
    body="Was möchten Sie?",
    button="Wählen",
    sections=(
        payloads.Section(title="Tarif", rows=(payloads.Row(id="1", title="Mini"),)),
        payloads.Section(title="Mehr", rows=(payloads.Row(id="2", title="Pause"),)),
    ),
)


@pytest.fixture
def business():
    with receiving() as open_business:
        yield open_business


@pytest.fixture
def simulator(business):
    with simulating_two_people(business) as running:
        yield running


@pytest.fixture
def client(simulator):
    with connect(simulator) as made:
        yield made


@pytest.fixture
def news(client, simulator):
    created = client.create_template(DRAFT)
    settle(simulator)
    return created


def connect(simulator, **changes):
    account = simulator.account
    return make_client(
        simulator.url,
        phone_number_id=account.phone_number_id,
        business_account_id=account.business_account_id,
        access_token=account.access_token,
        **changes,
    )


def told(business):
    """Everything that the webhooks said, as the library reads it."""
    return [event for post in business.posts for event in events.parse(post.body).events]


def of_kind(business, kind):
    return [event for event in told(business) if isinstance(event, kind)]


def test_an_accepted_message_comes_back_with_its_ids(client, simulator):
    outcome = client.send(HELLO, to=TO_KIM, token="t-1")

    [entry] = simulator.control.ledger()
    person = simulator.control.person(KIM)
    expected = answers.Accepted(entry["id"], KIM.removeprefix("+"), person["user_id"])
    assert outcome == expected
    assert entry["token"] == "t-1"


def test_a_text_arrives_as_it_was_written(client, simulator):
    open_window(simulator)

    client.send(HELLO, to=TO_KIM, token="t-1")
    settle(simulator)

    assert [bubble["text"] for bubble in bubbles(simulator)] == [HELLO.body]


def test_a_template_arrives_with_values_and_button(client, news, simulator):
    outcome = client.send(NEWS, to=TO_KIM, token="t-1")
    settle(simulator)

    assert outcome.message_status == "accepted"
    [bubble] = bubbles(simulator)
    assert "es geht heute um Tor 3 und mehr" in bubble["text"]
    assert bubble["content"]["buttons"] == [{"kind": "reply", "id": "read:1", "title": "Gelesen"}]


@pytest.mark.parametrize(
    ("content", "button", "choice"),
    [
        (QUESTION, "MAXI", events.Choice("button", "consent:maxi", "MAXI")),
        (MENU, "Pause", events.Choice("list", "2", "Pause")),
    ],
)
def test_a_tap_comes_back_as_the_choice_that_was_offered(
    client, simulator, business, content, button, choice
):
    open_window(simulator)
    question = client.send(content, to=TO_KIM, token="t-1")
    settle(simulator)

    simulator.control.tap(KIM, button)
    settle(simulator)

    answer = of_kind(business, events.InboundMessage)[-1]
    assert (answer.content, answer.reply_to) == (choice, question.wamid)


def test_a_tap_under_a_template_comes_back_with_its_payload(client, news, simulator, business):
    client.send(NEWS, to=TO_KIM, token="t-1")
    settle(simulator)

    simulator.control.tap(KIM, "Gelesen")
    settle(simulator)

    [answer] = of_kind(business, events.InboundMessage)
    assert answer.content == events.Tap("read:1", "Gelesen")
    assert answer.sender.phone == KIM


def test_a_named_template_arrives(client, simulator):
    body = "Guten Morgen {{name}}, es geht heute um {{topic}} und mehr."
    examples = {"name": "Kim", "topic": "Tor 3"}
    draft = TemplateDraft(
        name="named", language="de", category="UTILITY", body=body, examples=examples
    )
    client.create_template(draft)
    settle(simulator)

    content = payloads.Template(name="named", language="de", values=examples)
    client.send(content, to=TO_KIM, token="t-1")
    settle(simulator)

    [bubble] = bubbles(simulator)
    assert bubble["text"] == "Guten Morgen Kim, es geht heute um Tor 3 und mehr."


def test_an_uploaded_picture_arrives(client, simulator):
    open_window(simulator)
    media_id = client.upload_media(PNG, mime_type="image/png", filename="tor.png")

    client.send(payloads.Image(media_id=media_id, caption="Tor 3"), to=TO_KIM, token="t-1")
    settle(simulator)

    [bubble] = bubbles(simulator)
    assert (bubble["text"], bubble["content"]["media"]["id"]) == ("Tor 3", media_id)


def test_a_template_with_a_picture_arrives(client, simulator):
    handle = client.upload_sample(PNG, app_id="1", mime_type="image/png", filename="a.png")
    header = MediaHeader(kind="image", handle=handle)
    client.create_template(
        TemplateDraft(name="p", language="de", category="MARKETING", body="Heute.", header=header)
    )
    settle(simulator)
    picture = payloads.Image(
        media_id=client.upload_media(PNG, mime_type="image/png", filename="a.png")
    )

    client.send(payloads.Template(name="p", language="de", header=picture), to=TO_KIM, token="t-1")
    settle(simulator)

    assert bubbles(simulator)[0]["content"]["media"]["id"] == picture.media_id


def test_somebody_can_be_addressed_by_user_id(client, news, simulator):
    user_id = simulator.control.person(LEA)["user_id"]

    outcome = client.send(NEWS, to=Recipient(user_id=user_id), token="t-1")
    settle(simulator)

    assert (outcome.user_id, outcome.wa_id) == (user_id, None)
    assert len(bubbles(simulator, LEA)) == 1


def test_statuses_are_understood(client, news, simulator, business):
    wamid = client.send(NEWS, to=TO_KIM, token="t-1").wamid
    settle(simulator)

    statuses = of_kind(business, events.StatusUpdate)
    assert [status.status for status in statuses] == ["sent", "delivered", "read"]
    assert {(status.wamid, status.token) for status in statuses} == {(wamid, "t-1")}
    assert {status.recipient_phone for status in statuses} == {KIM}
    assert statuses[0].pricing == PRICE


def test_a_late_failure_is_understood(client, simulator, business):
    client.send(HELLO, to=TO_KIM, token="t-1")
    settle(simulator)

    [status] = of_kind(business, events.StatusUpdate)
    assert (status.status, status.codes) == ("failed", (131047,))


def test_every_webhook_is_signed_and_nothing_in_it_is_unknown(client, news, simulator, business):
    simulator.control.say(KIM, "START")
    simulator.control.change_person(LEA, marketing="stop")
    simulator.control.change_person(LEA, phone="+4915100000003")
    for change in ({"quality": "RED"}, {"category": "MARKETING"}, {"status": "PAUSED"}):
        simulator.control.change_template("news", **change)
    settle(simulator)

    secrets = [simulator.account.app_secret]
    for post in business.posts:
        header = post.headers["X-Hub-Signature-256"]
        assert signature.is_valid(post.body, header, secrets=secrets)
    kinds = {type(event) for event in told(business)}
    assert kinds == {
        events.InboundMessage,
        events.MarketingPreference,
        events.TemplateStatus,
        events.TemplateQuality,
        events.TemplateCategory,
    }


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": "refuse", "code": 130429, "http": 400}, answers.SlowDown(130429, "number")),
        ({"kind": "refuse", "code": 131056}, answers.SlowDown(131056, "recipient")),
        ({"kind": "refuse", "code": 80007}, answers.SlowDown(80007, "account")),
        ({"kind": "refuse", "code": 132015}, answers.BroadcastStopped(132015)),
        ({"kind": "refuse", "code": 190}, answers.AccountStopped(190)),
        ({"kind": "refuse", "code": 131021}, answers.RecipientRefused(131021)),
        ({"kind": "answer", "http": 503}, answers.InDoubt("server_error")),
        ({"kind": "answer", "http": 500, "body": "html"}, answers.InDoubt("server_error")),
        ({"kind": "reset", "accept": True}, answers.InDoubt("connection")),
        ({"kind": "hang", "seconds": 0.01}, answers.InDoubt("connection")),
        ({"kind": "garble"}, answers.InDoubt("not_json")),
        ({"kind": "garble", "body": "empty"}, answers.InDoubt("not_json")),
        ({"kind": "garble", "body": "truncated"}, answers.InDoubt("connection")),
    ],
)
def test_bad_weather_becomes_the_right_outcome(client, simulator, fault, outcome):
    simulator.control.ask("POST", "faults", fault)

    assert client.send(HELLO, to=TO_KIM, token="t-1") == outcome


def test_silence_is_a_doubt(simulator):
    simulator.control.add_fault("hang", seconds=60, accept=True)

    with connect(simulator, read_timeout=0.1) as impatient:
        outcome = impatient.send(HELLO, to=TO_KIM, token="t-1")

    assert outcome == answers.InDoubt("timeout")
    assert len(simulator.control.ledger()) == 1


def test_templates_are_read_back_as_they_were_handed_in(client, news):
    [template] = client.templates()

    assert (template.id, template.status) == (news.id, "APPROVED")
    assert (template.body, template.footer) == (DRAFT.body, DRAFT.footer)
    assert (template.header_text, template.buttons) == ("Betriebsinformation", ("Gelesen",))


def test_templates_are_read_page_by_page(client, simulator):
    simulator.control.change_settings(review="by_hand")
    for number in range(101):
        client.create_template(
            TemplateDraft(name=f"t{number}", language="de", category="UTILITY", body="Heute.")
        )

    names = [template.name for template in client.templates()]

    assert names == [f"t{number}" for number in range(101)]


def test_a_refused_template_is_explained(client, news):
    with pytest.raises(errors.Refused) as caught:
        client.create_template(DRAFT)

    assert "already content in this language" in caught.value.details


def test_the_number_is_healthy(client):
    number = client.phone_number_health()

    assert (number.can_send, number.quality_rating) == ("AVAILABLE", "GREEN")
    assert client.webhook_subscribed()


def test_the_account_says_where_messages_rest_and_that_nothing_is_counted(client):
    found = client.account_settings()

    assert (found.storage, found.region) == ("IN_COUNTRY_STORAGE_ENABLED", "DE")
    assert found.has_insights is False

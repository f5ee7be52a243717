"""Templates at the desk: written, submitted, looked at, put to use; and what each costs."""

import itertools

import pytest
from django.urls import reverse

from campaigns import templates_sync
from campaigns.models import Category, ForeignTemplate, MessageTemplate, TemplateEvent
from subscribers.models import MonthlyFigure
from tests.campaigns.admin.addresses import said
from tests.factories import NOW, publish
from whatsapp.events import Origin, TemplateCategory, TemplateRef

pytestmark = pytest.mark.django_db(databases="__all__")

TEMPLATES = "admin:campaigns_messagetemplate"
LIST, ADD = reverse(f"{TEMPLATES}_changelist"), reverse(f"{TEMPLATES}_add")
BODY = "*Baustelle:* {{ort}}\n\nWas sich ändert: {{text}}\n\nDeine Redaktion"


def at(template, verb="change"):
    return reverse(f"{TEMPLATES}_{verb}", args=[template.pk])


def typed(**changes):
    """A finished form."""
    return {
        "meant_for": "neues",
        "name": "baustelle",
        "language": "de",
        "purpose": "UTILITY",
        "header": "",
        "body": BODY,
        "footer": "Abmelden: STOP",
        "label-ort": "Ort",
        "example-ort": "Anger",
        "label-text": "Text",
        "example-text": "Die Linie 3 fährt anders.",
        "action": "save",
        **changes,
    }


def written(client, **changes):
    client.post(ADD, typed(**changes))
    return MessageTemplate.objects.get(name="baustelle")


def named(name="neues"):
    return MessageTemplate.objects.get(name=name)


def shown(client, template):
    return client.get(at(template)).content.decode()


def problems(answer):
    """What the form says where, whether refused or while typing."""
    context = answer.context
    groups = [context["kind_lines"], context["text_lines"], *context["value_lines"]]
    lines = itertools.chain.from_iterable(groups)
    return {line.field.name: line.problem for line in lines if line.problem}


@pytest.mark.usefixtures("simulator")
def test_templates_are_submitted_and_compared_at_the_press_of_a_button(it):
    submitted = it.post(reverse(f"{TEMPLATES}_push"), follow=True)
    compared = it.post(reverse(f"{TEMPLATES}_sync"), follow=True)

    assert said(submitted) == ["32 templates submitted."]
    assert said(compared)[0].startswith("Compared with WhatsApp.")
    assert not MessageTemplate.objects.filter(status="LOCAL").exists()


def test_when_whatsapp_does_not_answer_the_page_says_so(it, simulator, settings):
    settings.WHATSAPP_ACCESS_TOKEN = "expired"

    answer = it.post(reverse(f"{TEMPLATES}_sync"), follow=True)

    assert said(answer)[0].startswith("WhatsApp did not do it:")


@pytest.mark.parametrize("verb", ["push", "sync"])
def test_only_it_submits_templates(editor, verb):
    assert editor.post(reverse(f"{TEMPLATES}_{verb}")).status_code == 403


def test_a_rejected_template_shows_its_reason_and_what_to_do(editor):
    MessageTemplate.objects.filter(name="neues").update(
        status="REJECTED", rejected_reason="INVALID_FORMAT"
    )

    assert "INVALID_FORMAT" in editor.get(LIST).content.decode()
    assert "Something is wrong with the form" in shown(editor, named())


def test_the_list_says_what_is_deleted_when_and_what_only_whatsapp_knows(editor):
    named().events.create(at=NOW, what="status", after="DELETED", source="sync")
    MessageTemplate.objects.filter(name="neues").update(status="DELETED")
    ForeignTemplate.objects.create(
        name="fremd", language="de", status="APPROVED", purpose="UTILITY", seen_at=NOW
    )

    page = editor.get(LIST).content.decode()

    assert "deleted at WhatsApp" in page
    assert "fremd" in page
    assert "Never compared" in page


def test_a_list_asks_no_more_for_many_templates(editor, django_assert_max_num_queries):
    editor.get(LIST)

    with django_assert_max_num_queries(14):
        editor.get(LIST)


def test_the_page_shows_the_text_with_its_examples(editor):
    assert named().values[0]["example"] in shown(editor, named())


def test_a_template_is_written_for_a_category_and_leaves_it_as_it_is(editor):
    answer = editor.post(ADD, typed(), follow=True)

    template = named("baustelle")
    assert said(answer) == ["Saved. WhatsApp does not know it yet."]
    assert template.values[1] == {
        "name": "text",
        "label_de": "Text",
        "label_en": "Text",
        "example": "Die Linie 3 fährt anders.",
    }
    assert (template.status, template.meant_for_id) == ("LOCAL", "neues")
    assert Category.objects.get(pk="neues").template.name == "neues"
    assert template.events.get().by == editor.user


def test_a_template_may_stand_ready_for_no_category(editor):
    assert written(editor, meant_for="").meant_for is None


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("name", "Baustelle!", "Only small letters"),
        ("name", "neues", "There is a template of this name"),
        ("name", "x" * 513, "Too long"),
        ("body", "{{ort}} ist gesperrt: {{text}} bald", "begins or ends with a placeholder"),
        ("body", "Am {{ort}} {{text}} heute", "words between two placeholders"),
        ("body", "Am {{Ort}} ist {{text}} los", "A brace is wrong"),
        ("body", "Am {{ort}} ist {{ort}} los", "only once"),
        ("body", "Am {{1}} ist {{text}} los", "Please give the placeholders names"),
        ("body", "Am {{ort}} ist {{text}} los" + "!" * 1024, "Too long"),
        ("footer", "x" * 61, "Too long"),
        ("footer", "Am {{ort}}", "No placeholder"),
        ("example-ort", "zwei\nZeilen", "no line break"),
        ("label-ort", "x" * 61, "Too long"),
    ],
)
def test_what_meta_would_refuse_is_said_at_the_field_while_typing_and_when_saving(
    editor, field, text, words
):
    data = typed(**{field: text})

    live = editor.post(reverse(f"{TEMPLATES}_preview"), data)
    refused = editor.post(ADD, data)

    assert words in problems(live)[field]
    assert words in problems(refused)[field]
    assert not MessageTemplate.objects.filter(name="baustelle").exists()


def test_a_text_that_another_template_has_is_refused(editor):
    other = named()

    answer = editor.post(ADD, typed(body=other.body, footer=other.footer))

    assert "“neues” has exactly this text" in problems(answer)["body"]


def test_nobody_is_scolded_while_typing_for_what_is_not_written_yet(editor):
    live = editor.post(reverse(f"{TEMPLATES}_preview"), typed(name="", body="", footer=""))

    assert problems(live) == {}


def test_an_empty_form_says_what_is_missing(editor):
    answer = editor.post(ADD, {"action": "save", "language": "de", "purpose": "UTILITY"})

    assert problems(answer).keys() == {"name", "body"}


def test_a_new_placeholder_brings_its_fields_and_keeps_what_is_typed(editor):
    address = reverse(f"{TEMPLATES}_preview")

    more = editor.post(address, typed(known="ort")).content.decode()
    same = editor.post(address, typed(known="ort text")).content.decode()

    assert 'name="example-text"' in more
    assert 'value="Anger"' in more
    assert 'name="example-text"' not in same


def test_a_copy_begins_with_the_words_of_the_older_one_and_a_free_name(editor):
    answer = editor.get(f"{ADD}?copy={named().pk}")

    form = answer.context["form"]
    assert form["name"].value() == "neues_2"
    assert form["body"].value() == named().body
    assert form["meant_for"].value() == "neues"


def test_what_is_not_submitted_can_be_changed_and_thrown_away(editor):
    template = written(editor)

    editor.post(at(template, "edit"), typed(name="baustelle", footer="Tschüss"))
    template.refresh_from_db()
    assert template.footer == "Tschüss"

    answer = editor.post(at(template, "discard"), follow=True)
    assert said(answer)[-1] == "Thrown away."
    assert not MessageTemplate.objects.filter(pk=template.pk).exists()


@pytest.mark.parametrize("verb", ["edit", "discard"])
def test_what_whatsapp_knows_or_the_release_brought_is_never_changed(editor, verb):
    template = written(editor)
    MessageTemplate.objects.filter(pk=template.pk).update(status="PENDING")

    for each in (template, named()):
        answer = editor.post(at(each, verb), typed(footer="Anders"), follow=True)
        assert "can no longer be changed" in said(answer)[-1]

    assert not MessageTemplate.objects.filter(footer="Anders").exists()


@pytest.mark.usefixtures("simulator")
def test_it_saves_and_submits_at_once_and_the_history_says_who(it):
    template = written(it, action="submit")

    assert template.status == "PENDING"
    events = template.events.order_by("pk").values_list("what", "by")
    assert list(events) == [
        ("written", it.user.pk),
        ("submitted", it.user.pk),
        ("status", None),
    ]


def test_what_an_editor_writes_waits_for_it(editor, it, simulator):
    template = written(editor, action="submit")  # the button is not there for editors
    assert template.status == "LOCAL"

    it.post(reverse(f"{TEMPLATES}_push"))
    template.refresh_from_db()
    assert template.status == "LOCAL"

    it.post(at(template, "submit"))
    template.refresh_from_db()
    assert template.status == "PENDING"


def test_an_approved_template_takes_the_place_of_the_old_one_by_a_button(it, editor):
    Category.objects.filter(pk="neues").update(reading_template=None)
    template = written(editor)
    MessageTemplate.objects.filter(pk=template.pk).update(status="APPROVED")

    answer = it.post(at(template, "use"), follow=True)

    assert "uses this template from now on" in said(answer)[0]
    assert Category.objects.get(pk="neues").template == template
    assert "in use for “" in shown(it, template)


def test_a_template_with_the_button_becomes_the_one_for_full_texts(it, editor):
    body = named().body + " Mehr mit einem Tipp."
    values = {f"label-{value['name']}": "x" for value in named().values}
    values |= {f"example-{value['name']}": "x" for value in named().values}
    template = written(editor, body=body, has_full_text="on", **values)
    MessageTemplate.objects.filter(pk=template.pk).update(status="APPROVED")

    it.post(at(template, "use"))

    category = Category.objects.get(pk="neues")
    assert category.reading_template == template
    assert category.template.name == "neues"


@pytest.mark.parametrize(
    ("status", "words"), [("PENDING", "has not approved"), ("APPROVED", "same placeholders")]
)
def test_what_does_not_fit_is_not_put_to_use(it, editor, status, words):
    template = written(editor)
    MessageTemplate.objects.filter(pk=template.pk).update(status=status)

    answer = it.post(at(template, "use"), follow=True)

    assert words in said(answer)[0]
    assert Category.objects.get(pk="neues").template.name == "neues"


@pytest.mark.parametrize("verb", ["submit", "use", "seen"])
def test_editors_neither_submit_nor_exchange_nor_acknowledge(editor, verb):
    assert editor.post(at(named(), verb)).status_code == 403


@pytest.mark.parametrize("verb", ["edit", "discard"])
def test_approvers_only_look(approver, verb):
    assert approver.post(at(named(), verb)).status_code == 403


def becomes_marketing(**more):
    MessageTemplate.objects.filter(name="neues").update(purpose="UTILITY")
    ref = TemplateRef(id="1", name="neues", language="de")
    origin = Origin(business_account_id="2")
    event = {"previous": "UTILITY", "current": "MARKETING", **more}
    news = TemplateCategory(origin=origin, template=ref, **event)
    templates_sync.take_news(news, now=NOW)


def test_a_template_that_became_marketing_says_what_it_costs_more(editor):
    publish(maxi=30)
    becomes_marketing()

    page = shown(editor, named())

    assert "has counted this template as marketing since" in page
    assert "A message costs €0.1131 instead of €0.0456." in page
    assert "costs about €2.02 more" in page  # 30 people


def test_without_a_count_it_says_the_price_alone(editor):
    MonthlyFigure.objects.all().delete()
    becomes_marketing()

    page = shown(editor, named())

    assert "A message costs €0.1131 instead of €0.0456." in page
    assert "A broadcast of" not in page


def test_an_announcement_says_from_when(editor):
    becomes_marketing(current="UTILITY", coming="MARKETING")

    assert "announced for the next day: marketing" in shown(editor, named())


def test_the_start_page_says_it_until_somebody_has_noted_it(editor, it):
    becomes_marketing()

    def warned():
        findings = editor.get("/admin/").context["findings"]
        return [each for each in findings if "“neues” as marketing" in each.words]

    [finding] = warned()
    assert finding.url == at(named())
    it.post(at(named(), "seen"))
    assert warned() == []
    assert "as marketing since" in shown(editor, named())


def test_other_words_at_whatsapp_are_said_on_the_page(editor):
    MessageTemplate.objects.filter(name="neues").update(has_other_words=True)

    assert "another text than this page" in shown(editor, named())


@pytest.mark.parametrize("name", ["neues", "neues_lesen"])
def test_the_start_page_names_every_template_that_is_needed_and_not_approved(editor, name):
    MessageTemplate.objects.update(status="APPROVED")
    MessageTemplate.objects.filter(name=name).update(status="PAUSED")

    [words] = [
        each.words for each in editor.get("/admin/").context["findings"] if name in each.words
    ]

    assert words.endswith(f"cannot be sent: {name}.")


def test_a_history_speaks_in_the_readers_language(editor):
    template = named()
    for what, before, after in [
        ("quality", "GREEN", "RED"),
        ("words", "", ""),
        ("status", "", "X"),
    ]:
        TemplateEvent.objects.create(
            template=template, at=NOW, what=what, before=before, after=after, source="sync"
        )

    page = shown(editor, template)

    assert "quality: high → low" in page
    assert "WhatsApp has another text than this page" in page
    assert "status: X" in page

"""What documents and other people's scripts rely on, held against the code."""

import inspect
import re

import pytest
from django.apps import apps
from django.db.models import AutoField

from scripts import draw_states
from swe_broadcast.celery import app
from tests.guards.source import ROOT

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
SETTINGS = (ROOT / "swe_broadcast/settings.py").read_text(encoding="utf-8")
# In .env.example, but read by somebody else than settings.py.
READ_ELSEWHERE: set[str] = set()

# Fields that say nothing about anybody. Everything else is in its model's `personal_fields`,
# and with that nobody shows, logs or exports it without thinking.
HARMLESS = {
    "AccountCheck": "checked_at has_insights marketing region storage trouble",
    "Alarm": "cleared_at kind mailed_at not_before posted_at raised_at subject tries",
    "Anchor": "checkpoint is_sent place tried_at",
    "Batch": "broadcast first_id is_finished is_held last_id lease_until not_before number owner",
    "Broadcast": "approved_at approved_hash approvers_asked_at closed_at corrects due_at "
    "expires_at held_until leads_to_people message not_after pause_reason planned slot start_by "
    "started_at state submitted_at",
    "BroadcastEvent": "at broadcast facts note what",
    "Budget": "stop_at valid_from warn_at",
    "Category": "about_de about_en doubt ignores_quiet_hours is_archived is_press_review lane "
    "late_for name_de name_en position reading_template sending_hours slug stands_elsewhere "
    "template tier useful_for",
    "Channel": "daily_limit daily_limit_at generation id is_real live_at probed_at "
    "smallest_audience stop_reason stopped_at",
    "Clearance": "confirmed_at dated_on ended_at paper reference",
    "Attempt": "token",
    "Charge": "broadcast is_test kind month n purpose",
    "Check": "about at broadcast fault light",
    "Checkpoint": "frontier note size taken_at",
    "ConsentEvent": "notice notice_sha256",
    "CountedBroadcast": "broadcast",
    "Deleted": "day rows rule",
    "DeletionReport": "day found overdue written_at",
    "Delivery": "batch_number broadcast",
    "Doubt": "broadcast",
    "EchoDelay": "day n seconds",
    "EnvironmentValue": "name since value",
    "Erasure": "is_listed",
    "Feed": "fetched_at has_paywall is_active name tried_at trouble url",
    "FeedItem": "feed found_at link listed_at published_at title",
    "Heartbeat": "at name",
    "Identity": "index_id",
    "InboxEntry": "not_before received_at state tries unmatched",
    "JoinCode": "code id is_required previous rotated_at",
    "LedgerCheck": "checked_at checkpoints erased findings size",
    "LedgerLeaf": "commitment leaf_hash link seq version",
    "Media": "alt content created_at cut_from filename height kind meta_id meta_id_at mime_type "
    "remark sha256 size width",
    "Message": "also_at category changed_at created_at full_text media revision template values",
    "ForeignTemplate": "language name purpose seen_at status",
    "MessageTemplate": "body buttons footer has_other_words header language meant_for meta_id "
    "name purpose quality rejected_reason status synced_at values variant_of",
    "Incident": "began_at ended_at known_at",
    "IncidentStep": "at incident sha256",
    "MessageVersion": "full_text media message revision saved_at template values",
    "Letterbox": "id is_discarding",
    "MessageSecret": "period secret",
    "MonthlyFigure": "month shown taken_at tier",
    "Notice": "buttons is_material language notice question sha256 valid_from version",
    "Processor": "checked_on contract_on country duty ended_on name review_on role terms "
    "terms_name transfer",
    "PhoneCode": "wrong",
    "PhoneTest": "category full_text media template values",
    "PressLine": "has_paywall link message text",
    "Reply": "buttons not_before notice template",
    "Sample": "accepted at broadcast",
    "Series": "at category ends_on is_active skips_holidays starts_on useful_until warn_before "
    "weekdays zone",
    "SignedFigures": "month note signed_at",
    "Slot": "due_at local_date missed_at series useful_until",
    "Tally": "broadcast n reason state",
    "TemplateEvent": "after at before reason source template what",
    "TextVersion": "approved_at body is_material language name proposed_at sha256 version",
    "Tier": "level name slug",
    "Unsaved": "broadcast category fields",
    "Rate": "euros purpose source valid_from",
}
MODELS = [
    model
    for label in ("campaigns", "subscribers")
    for model in apps.get_app_config(label).get_models()
    if not model._meta.proxy  # has no columns of its own
]
# Arguments of tasks: ids of rows that are nobody, and the name of a queue.
TASK_ARGUMENTS = {"broadcast_id", "name"}
app.loader.import_default_modules()
TASKS = [
    task for name, task in sorted(app.tasks.items()) if name.startswith(("campaigns", "subscr"))
]


def fields(model):
    """The names of a model's columns; counters that PostgreSQL gives out do not count."""
    columns = model._meta.concrete_fields
    return {column.name for column in columns if not isinstance(column, AutoField)}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_somebody_has_judged_every_field(model):
    harmless = set(HARMLESS.get(model.__name__, "").split())

    assert fields(model) == model.personal_fields | harmless


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_field_is_personal_and_harmless(model):
    harmless = set(HARMLESS.get(model.__name__, "").split())

    assert not model.personal_fields & harmless


def test_only_models_that_exist_are_called_harmless():
    assert HARMLESS.keys() <= {model.__name__ for model in MODELS}


def test_every_variable_is_explained_in_the_example():
    read = re.findall(r"""\b(?:env\.\w+|secret)\(\s*"([A-Z_]+)\"""", SETTINGS)
    explained = re.findall(r"^#?([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE)

    assert set(explained) - READ_ELSEWHERE == set(read)


def test_the_example_changes_nothing_when_it_is_copied_as_it_is():
    active = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]

    assert active == []


def test_the_state_machine_in_the_docs_is_the_one_in_the_code():
    page = (ROOT / "docs/state-machine.md").read_text(encoding="utf-8")

    assert page == draw_states.document()


def test_there_are_tasks_to_look_at():
    assert {task.name for task in TASKS} >= {"campaigns.tasks.tick", "campaigns.tasks.pump"}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_takes_nothing_but_named_ids(task):
    arguments = inspect.signature(task.run).parameters.values()

    assert {argument.name for argument in arguments} <= TASK_ARGUMENTS
    assert all(argument.kind is inspect.Parameter.KEYWORD_ONLY for argument in arguments)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_no_result_of_a_task_is_kept(task):
    assert task.ignore_result

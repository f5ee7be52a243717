"""What CONTRIBUTING.md promises about the code, held against every file."""

import ast

from tests.guards.source import EVERYTHING, OURS, PRODUCT, calls, functions, text

MODULE_LINES = 400
FUNCTION_LINES = 40
# Names of patterns; a module is named after a topic.
NO_TOPIC = {"common", "core", "helpers", "managers", "misc", "services", "util", "utils"}
# Django must have settings, or its models, before these can be imported.
LATE_IMPORTS = {
    "campaigns/apps.py ready",
    "manage.py main",
    "subscribers/apps.py ready",
    "swe_broadcast/apps.py ready",
}


def test_all_of_our_code_is_looked_at():
    assert {path.parts[0] for path, _ in EVERYTHING} == {*OURS, "tests", "manage.py"}


def test_no_module_grows_too_long():
    too_long = [str(path) for path, _ in EVERYTHING if text(path).count("\n") > MODULE_LINES]

    assert too_long == []


def test_no_function_grows_too_long():
    too_long = [
        f"{path} {function.name}"
        for path, function in functions(EVERYTHING)
        if function.end_lineno - function.lineno + 1 > FUNCTION_LINES
    ]

    assert too_long == []


def test_every_module_is_named_after_a_topic():
    nameless = [str(path) for path, _ in EVERYTHING if {path.stem, *path.parts} & NO_TOPIC]

    assert nameless == []


def test_every_module_says_what_it_is_for():
    silent = [str(path) for path, tree in PRODUCT if tree.body and not ast.get_docstring(tree)]

    assert silent == []


def test_ours_is_imported_at_the_top_except_where_django_is_not_ready_yet():
    late = {
        f"{path} {function.name}"
        for path, function in functions(PRODUCT)
        if any(package in OURS for package in imported_packages(function))
    }

    assert late == LATE_IMPORTS


def test_nothing_is_left_to_the_broker_for_later():
    planned = [
        place
        for place, call in calls(PRODUCT)
        if {keyword.arg for keyword in call.keywords} & {"eta", "countdown"}
    ]

    assert planned == []


def test_no_task_is_retried_by_celery():
    retried = [
        place
        for place, call in calls(PRODUCT)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "retry"
    ]

    assert retried == []


def test_nothing_is_printed():
    printed = [
        place
        for place, call in calls(PRODUCT)
        if isinstance(call.func, ast.Name) and call.func.id == "print"
    ]

    assert printed == []


def imported_packages(function):
    """The packages that a function imports when it is called."""
    for node in ast.walk(function):
        match node:
            case ast.ImportFrom(module=str(name)):
                yield name.partition(".")[0]
            case ast.Import(names=aliases):
                yield from (alias.name.partition(".")[0] for alias in aliases)

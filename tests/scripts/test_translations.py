"""Translations: whatever a source says must be said in German, and nothing else."""

import gettext

import pytest

from scripts import translations

SOURCE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext
title = _("Broadcast")
label = gettext_lazy("Category")
many = ngettext("%(n)s person", "%(n)s people", n)
"""
TEMPLATE = """
{% load i18n %}{% trans "Approve" %} it's 1/2 "quoted
{% blocktranslate with name=user %}Dear {{ name }}{% endblocktranslate %}
"""
GERMAN = {
    "Broadcast": "Aussendung",
    "Category": "Rubrik",
    "%(n)s person": ("%(n)s Person", "%(n)s Personen"),
    "Approve": "Freigeben",
    "Dear %(name)s": "Guten Tag %(name)s",
}


@pytest.fixture
def project(tmp_path):
    """A small project, translated completely."""
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "desk.py").write_text(SOURCE)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "desk.html").write_text(TEMPLATE)
    translations.update(tmp_path)
    translate(tmp_path, GERMAN)
    return tmp_path


def translate(project, texts):
    """Write translations into the text file, as a translator would, and compile."""
    path = project / translations.PO
    with path.open("rb") as file:
        catalog = translations.read_po(file, locale="de")
    for text, german in texts.items():
        catalog[text].string = german
    with path.open("wb") as file:
        translations.write_po(file, catalog)
    translations.update(project)


def change(path, old, new):
    path.write_text(path.read_text().replace(old, new))


def test_a_complete_translation_passes(project):
    assert list(translations.check(project)) == []


def test_what_was_compiled_is_what_people_read(project):
    with (project / translations.PO).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    assert compiled.gettext("Approve") == "Freigeben"
    assert compiled.ngettext("%(n)s person", "%(n)s people", 2) == "%(n)s Personen"


def test_a_new_text_is_missing_until_it_is_translated(project):
    change(project / "templates" / "desk.html", "Approve", "Reject")

    problems = list(translations.check(project))

    assert problems == [
        "not translated: 'Reject' (templates/desk.html:2)",
        "no longer used: 'Approve'",
    ]


def test_one_form_of_a_plural_is_not_enough(project):
    translate(project, {"%(n)s person": ("%(n)s Person", "")})

    (problem,) = translations.check(project)

    assert problem.startswith("not translated: ('%(n)s person', '%(n)s people')")


def test_a_lost_placeholder_is_found(project):
    translate(project, {"Dear %(name)s": "Guten Tag"})

    assert list(translations.check(project)) == ["other placeholders: 'Dear %(name)s'"]


def test_a_doubtful_translation_is_found(project):
    change(project / translations.PO, 'msgid "Category"', '#, fuzzy\nmsgid "Category"')

    assert "fuzzy: 'Category'" in translations.check(project)


@pytest.mark.parametrize("damage", ["old", "missing"])
def test_a_compiled_file_that_is_not_up_to_date_is_found(project, damage):
    if damage == "missing":
        (project / translations.PO).with_suffix(".mo").unlink()
    else:
        change(project / translations.PO, "Rubrik", "Sparte")

    assert list(translations.check(project)) == ["django.mo is not up to date: run `make messages`"]


def test_refreshing_keeps_what_was_translated_and_changes_nothing_else(project):
    path = project / translations.PO
    before = path.read_text()

    translations.update(project)

    assert path.read_text() == before

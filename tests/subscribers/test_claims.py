import pytest

from subscribers.claims import Problem, false_claims, placeholders, problems
from subscribers.wording import shipped

ORGANISATION = {"name": "Werke", "dpo": "dpo@example", "authority": "TLfDI", "url": "https://x/"}
PAUSED = shipped("de", "paused")


def found(body, *, name="paused"):
    return problems(name, body, language="de", organisation=ORGANISATION)


def test_a_shipped_text_has_no_problem():
    assert found(PAUSED) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("  ", Problem("empty")),
        (PAUSED + " {", Problem("braces")),
        (PAUSED + " {tier.name}", Problem("braces")),
        (PAUSED + " {tier!r}", Problem("braces")),
        (PAUSED + " {0}", Problem("braces")),
        (PAUSED + " {nummer}", Problem("unknown_placeholder", "nummer")),
        (PAUSED.replace("{until}", "bald"), Problem("missing_placeholder", "until")),
        (PAUSED.replace("STOP", "HALT"), Problem("way_out")),
        (PAUSED + " Das ist anonym.", Problem("false_claim", "anonym")),
        (PAUSED + "x" * 1024, Problem("too_long", str(len(PAUSED) - 2))),
    ],
)
def test_each_rule_is_told_by_its_name(body, problem):
    assert [each.rule for each in found(body)] == [problem.rule]
    assert problem.about in {each.about for each in found(body)} or problem.rule == "too_long"


@pytest.mark.parametrize(
    "text",
    [
        "Ende-zu-Ende-verschlüsselt",
        "ENDE ZU ENDE",
        "end‑to‑end encrypted",
        "Völlig anonym!",
        "Anonymität garantiert",
        "*anonymous*",
        "100% sicher",
        "100 %   sicher",
        "Deine Daten bleiben in Deutschland.",
        "Übrig bleibt nur der Nachweis von Einwilligung und Widerruf, ohne Namen und Nummer.",
        "der *Nachweis*, ohne  deine Nummer",
        "Only the proof that you consented remains, without name or number, until 2029.",
    ],
)
def test_a_false_claim_is_found_however_it_is_written(text):
    assert false_claims(text)


@pytest.mark.parametrize(
    "text",
    [
        "am Ende zu spät",
        "sicher",
        "pseudonym",
        "100 Leute",
        "",
        "Antworten bewahren wir ohne Namen und Nummern auf. Der Nachweis bleibt versiegelt.",
        "Beim Nachweis der Zustellung geht es nicht ohne deine Mithilfe.",
        "We store replies without names and numbers; the proof is sealed.",
    ],
)
def test_what_is_true_may_be_said(text):
    assert false_claims(text) == []


def test_a_button_has_twenty_characters():
    assert found("Ja, wirklich alles löschen", name="button_erase") == [Problem("too_long", "6")]


def test_placeholders_are_names_in_braces():
    assert placeholders("{tier} und {until}, {{nicht}} das") == {"tier", "until"}

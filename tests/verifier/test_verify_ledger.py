"""The verifier finds every kind of tampering, and accuses no honest ledger."""

import subprocess
import sys
from email.message import EmailMessage

import pytest

from tests.guards.source import ROOT
from tests.vectors import load
from tests.verifier.histories import FORGER, KEYS, SIGNER, Ledger, history, town
from tests.verifier.tampering import ATTACKS
from verifier import verify_ledger
from verifier.verify_ledger import Key, Unjudgeable, find_notes, main

HISTORIES = 1_000


@pytest.fixture
def run(tmp_path):
    """Write a ledger to files and let the program judge them; returns exit code and words."""

    def run(ledger, *arguments, key=SIGNER.public_key, **options):
        bundle, anchors = ledger.write(tmp_path)
        said = []
        places = options.get("anchors", [anchors] if ledger.anchors else [])
        for place in places:
            arguments += ("--anchor", str(place))
        code = main([str(bundle), "--key", key, *arguments], say=said.append)
        return code, "".join(said)

    return run


def test_an_honest_ledger_with_an_erasure_is_unchanged(run):
    code, words = run(town())

    assert code == 0
    assert "12 Ereignisse, davon 3 gelöscht; Löschvermerke: 1." in words
    assert "ERGEBNIS: UNVERÄNDERT." in words


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_tampering_is_found(attack, run):
    ledger = town()
    attack(ledger)

    code, words = run(ledger)

    assert code == 1
    assert "ERGEBNIS: VERÄNDERT." in words


def test_there_are_more_than_twenty_kinds_of_tampering():
    assert len({attack.__name__ for attack in ATTACKS}) > 20


def test_no_honest_history_is_accused():
    accused = [seed for seed in range(HISTORIES) if history(seed).check().exit_code]

    assert accused == []


def test_the_honest_histories_contain_erasures_and_events_after_the_last_anchor():
    reports = [history(seed).check() for seed in range(100)]

    assert any(report.erased for report in reports)
    assert any(report.leaves > report.covered for report in reports)


def test_what_came_after_the_last_anchor_is_counted(run):
    ledger = town()
    ledger.append(ledger.leaves[1]["body"], b"x" * 32)

    code, words = run(ledger)

    assert code == 0
    assert "deckt 12 Ereignisse ab; danach hinzugekommen: 1." in words


def test_without_an_anchor_nobody_can_tell_whether_the_end_is_missing(run):
    ledger = town()
    ledger.anchors.clear()

    code, words = run(ledger)

    assert code == 2
    assert "NICHT ENTSCHEIDBAR" in words


def test_an_empty_ledger_is_an_honest_one(run):
    ledger = Ledger()
    ledger.checkpoint()

    assert run(ledger)[0] == 0


def test_a_file_that_was_cut_while_it_was_copied_is_found(run):
    ledger = town()
    ledger.size = 13

    assert run(ledger)[0] == 1


def test_a_bundle_that_is_older_than_an_anchor_is_said_to_be(run):
    ledger = town()
    newer = town()
    newer.append(newer.leaves[1]["body"], b"x" * 32)
    ledger.anchors.append(newer.note())

    code, words = run(ledger)

    assert code == 1
    assert "das Paket ist älter als ein Anker" in words


def test_an_anchor_of_a_forger_is_not_believed(run):
    ledger = town()
    ledger.anchors = [ledger.note(FORGER)]

    code, words = run(ledger)

    assert code == 1
    assert "nicht mit dem Schlüssel unterschrieben" in words


def test_after_a_change_of_keys_both_are_given(run):
    ledger = town()
    ledger.anchors.append(ledger.note(FORGER))

    assert run(ledger, "--key", FORGER.public_key)[0] == 0


def test_a_mail_is_read_whatever_its_encoding(run, tmp_path):
    ledger = town()
    mails = tmp_path / "mails"
    mails.mkdir()
    for encoding in ("base64", "quoted-printable", "8bit"):
        mail = EmailMessage()
        mail["From"], mail["Subject"] = "desk@example.org", "Prüfpunkt"
        mail.set_content(f"Bitte aufheben!\n\n{ledger.anchors[-1]}\n-- \nTschüss", cte=encoding)
        (mails / f"{encoding}.eml").write_bytes(bytes(mail))

    code, words = run(ledger, anchors=[mails])

    assert code == 0
    assert "Anker von außerhalb: 3." in words


def test_a_quoted_note_is_still_a_note():
    note = town().anchors[-1]
    quoted = "".join(f"> {line}\r\n" for line in note.splitlines())

    (found,) = find_notes(f"Am Montag schrieb das Pult:\r\n{quoted}\r\nDanke!")

    assert KEYS[0].has_signed(found)


def test_an_anchor_without_a_checkpoint_is_pointed_out(run):
    ledger = town()
    ledger.anchors.append("Mahlzeit!")

    code, words = run(ledger)

    assert code == 1
    assert "Ein Anker enthält keinen Prüfpunkt." in words


def test_the_published_signature_of_others_is_right():
    published = load("notes")
    key = Key.read(published["public_key"])
    text, _, signatures = published["signed"].partition("\n\n")
    note = verify_ledger.Note(f"{text}\n", published["name"], 0, b"", signatures)

    assert key.has_signed(note)
    assert not key.has_signed(note._replace(text="something else\n"))


def test_our_published_ledger_is_right():
    vectors = load("ledger")
    leaves = [vector | {"seq": seq, "v": 1} for seq, vector in enumerate(vectors["entries"])]
    for leaf in leaves[:2]:
        leaf |= {"body": None, "salt": None}  # the last event says that they were erased

    report = verify_ledger.check(
        leaves, keys=[Key.read(vectors["public_key"])], anchors=[vectors["checkpoint"]]
    )

    assert (report.exit_code, report.leaves, report.erased) == (0, 4, 2)


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", '{"bundle": "something else", "version": 1}', '{"a": 1, "a": 2}'],
)
def test_a_file_that_is_no_bundle_cannot_be_judged(text, tmp_path):
    path = tmp_path / "bundle"
    path.write_text(text)
    said = []

    code = main([str(path), "--key", SIGNER.public_key], say=said.append)

    assert (code, said) == (2, [f"Nicht lesbar: {path}\n"])


def test_a_body_that_says_two_things_at_once_cannot_be_judged(run, tmp_path):
    code, _words = run(town())
    bundle = tmp_path / "ledger.jsonl"
    bundle.write_text(
        bundle.read_text().replace('"tier": "maxi"', '"tier": "mini", "tier": "maxi"')
    )

    assert code == 0
    assert main([str(bundle), "--key", SIGNER.public_key], say=str) == 2


@pytest.mark.parametrize("key", ["", "name+00000000+AAAA", SIGNER.public_key[:-4] + "AAA="])
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(Unjudgeable):
        Key.read(key)


def test_an_anchor_that_does_not_exist_is_named(run, tmp_path):
    code, words = run(town(), "--language", "en", anchors=[tmp_path / "nowhere"])

    assert (code, words) == (2, f"Not readable: {tmp_path / 'nowhere'}\n")


def test_a_broken_ledger_is_described_in_twenty_lines_at_most(run):
    ledger = town()
    for leaf in ledger.leaves:
        leaf |= {"link": "", "commit": "not hexadecimal", "salt": 7, "body": ["?"]}

    code, words = run(ledger, "--language", "en")

    assert code == 1
    assert "Number of places that do not fit: " in words
    assert len([line for line in words.splitlines() if line.startswith("- ")]) == 21


@pytest.mark.parametrize("language", [0, 1])
def test_every_finding_has_words_in_both_languages(language):
    empty = [name for name, words in verify_ledger.WORDS.items() if not words[language].strip()]

    assert empty == []


def test_the_file_runs_alone_where_nothing_of_ours_is_installed(tmp_path):
    program = tmp_path / "verify_ledger.py"
    program.write_bytes((ROOT / "verifier/verify_ledger.py").read_bytes())
    bundle, anchors = town().write(tmp_path)
    (tmp_path / "key.txt").write_text(SIGNER.public_key + "\n")
    key = tmp_path / "key.txt"

    done = subprocess.run(
        [sys.executable, "-I", program, bundle, "--key", key, "--anchor", anchors],
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "UNVERÄNDERT" in done.stdout

"""The secrets of a machine without configuration: drawn once, and what a release adds later."""

from threading import Thread

from swe_broadcast import local


def lines(data_dir):
    return local.ensure_secrets(data_dir).read_text(encoding="utf-8").splitlines()


def test_secrets_are_drawn_once(tmp_path):
    assert lines(tmp_path) == lines(tmp_path)


def test_only_the_owner_may_read_them(tmp_path):
    assert local.ensure_secrets(tmp_path).stat().st_mode & 0o077 == 0


def test_a_secret_that_a_newer_release_needs_is_added_to_the_others(tmp_path):
    before = lines(tmp_path)
    older = [line for line in before if not line.startswith("LEDGER_SIGNING_KEY=")]
    (tmp_path / "secrets.env").write_text("\n".join(older) + "\n", encoding="utf-8")

    after = lines(tmp_path)

    assert set(older) < set(after)
    assert len(after) == len(before)


def test_two_processes_at_once_get_the_same(tmp_path):
    found = []
    threads = [Thread(target=lambda: found.append(lines(tmp_path))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(one == found[0] for one in found)

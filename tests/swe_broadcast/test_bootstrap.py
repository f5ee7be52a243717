"""Setting up: what is pinned is installed, once, and checked."""

import base64
import hashlib
import subprocess
import sys
import zipfile

import pytest

import bootstrap

pytestmark = pytest.mark.processes

METADATA = "Metadata-Version: 2.1\nName: parcel\nVersion: {0}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project of its own, and no index of packages but a folder."""
    for tool in ("PIP", "UV"):
        for name in ("INDEX_URL", "EXTRA_INDEX_URL", "REQUIRE_HASHES"):
            monkeypatch.delenv(f"{tool}_{name}", raising=False)
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    return tmp_path


def wheel(folder, version):
    """Make a package `parcel` that says its version; return its line of requirements."""
    path = folder / f"parcel-{version}-py3-none-any.whl"
    files = {
        "parcel.py": f"version = {version!r}\n",
        f"parcel-{version}.dist-info/METADATA": METADATA.format(version),
        f"parcel-{version}.dist-info/WHEEL": WHEEL,
    }
    record = f"parcel-{version}.dist-info/RECORD"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(record, "".join(map(_recorded, files.items())) + f"{record},,\n")
    return f"parcel=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _recorded(file):
    name, text = file
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return f"{name},sha256={digest},{len(text)}\n"


def installed(folder):
    # Without bytecode: two versions within a second look the same to it.
    code = "import parcel; print(parcel.version)"
    python = folder / ".venv" / "bin" / "python"
    return subprocess.run([python, "-B", "-c", code], capture_output=True, text=True).stdout.strip()


def test_what_is_pinned_is_installed_once_and_again_when_it_changes(folder):
    requirements = folder / "requirements.txt"
    requirements.write_text(wheel(folder, "1.0"))
    first = bootstrap.setup(folder, "requirements.txt")
    (folder / "parcel-1.0-py3-none-any.whl").unlink()  # no network any more
    again = bootstrap.setup(folder, "requirements.txt")
    before = installed(folder)

    requirements.write_text(wheel(folder, "2.0"))
    changed = bootstrap.setup(folder, "requirements.txt")

    assert (first, again, changed) == (True, False, True)
    assert (before, installed(folder)) == ("1.0", "2.0")


def test_a_developer_needs_no_second_set_up_for_the_demo(folder):
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text(wheel(folder, "1.0"))
    bootstrap.setup(folder, "requirements-dev.txt")

    assert bootstrap.setup(folder, "requirements.txt") is False


def test_a_package_that_was_tampered_with_is_refused_also_the_second_time(folder):
    (folder / "requirements.txt").write_text(wheel(folder, "1.0"))
    with (folder / "parcel-1.0-py3-none-any.whl").open("ab") as file:
        file.write(b"\0")

    for _ in range(2):
        with pytest.raises(bootstrap.CannotSetUp, match="could not be installed"):
            bootstrap.setup(folder, "requirements.txt")

    assert installed(folder) == ""


def test_an_environment_whose_python_is_gone_is_made_anew(folder):
    (folder / "requirements.txt").write_text(wheel(folder, "1.0"))
    bootstrap.setup(folder, "requirements.txt")
    python = folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/does/not/exist")

    bootstrap.setup(folder, "requirements.txt")

    assert installed(folder) == "1.0"


def test_a_python_that_cannot_make_environments_says_what_to_install(folder, monkeypatch):
    (folder / "requirements.txt").write_text(wheel(folder, "1.0"))
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(bootstrap.CannotSetUp, match="apt install python3-venv"):
        bootstrap.setup(folder, "requirements.txt")

    assert not (folder / ".venv").exists()


def test_an_old_python_is_told_apart(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py"])
    monkeypatch.setenv("PATH", "")

    code = bootstrap.main()

    assert code == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err

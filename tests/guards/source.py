"""Our own Python files, for the tests that make promises about all of them."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("campaigns", "scripts", "subscribers", "swe_broadcast", "verifier", "whatsapp")


def python_files(*folders):
    """Every module in these folders, by its path from the root; migrations do not count."""
    found = [ROOT / "manage.py"]
    found += [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path.relative_to(ROOT) for path in found if "migrations" not in path.parts]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def trees(paths):
    return [(path, ast.parse(text(path))) for path in paths]


EVERYTHING = trees(python_files(*OURS, "tests"))
PRODUCT = [(path, tree) for path, tree in EVERYTHING if path.parts[0] != "tests"]


def functions(files):
    """Every function in these files, with the path of its file."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [
        (path, node) for path, tree in files for node in ast.walk(tree) if isinstance(node, kinds)
    ]


def calls(files):
    """Every call in these files, with the place of it."""
    return [
        (f"{path}:{node.lineno}", node)
        for path, tree in files
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]

"""The console as a script sees it: arguments in, one JSON object or plain words out."""

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command


def words(*arguments):
    """Run a command and return what it prints for a human."""
    printed = io.StringIO()
    call_command(*map(str, arguments), stdout=printed)
    return printed.getvalue()


def facts(*arguments):
    """Run a command with --json and return the one object that it prints."""
    (line,) = words(*arguments, "--json").splitlines()
    return json.loads(line)


def refused(*arguments, because):
    """Run a command that must fail, and print nothing, with these words."""
    printed = io.StringIO()
    with pytest.raises(CommandError, match=re.escape(because)):
        call_command(*map(str, arguments), stdout=printed)
    assert printed.getvalue() == ""

"""How many connections the limit of open files leaves, in processes of their own."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from serving.transport.descriptors import connection_limit, raise_limit
soft, hard, asked = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
raise_limit(asked)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], connection_limit(asked))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "asked", "expected"),
    [
        (128, 128, 1000, "128 40"),
        (100, 600, 1000, "600 276"),
        (100, 600, 200, "448 200"),
        (500, 600, 10, "500 10"),
    ],
)
def test_the_limit_is_raised_and_shared(soft, hard, asked, expected):
    command = [sys.executable, "-c", PROGRAM, *map(str, (soft, hard, asked))]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == expected

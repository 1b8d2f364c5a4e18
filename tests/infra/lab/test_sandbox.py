"""A process of the lab reaches the names that it was given, and nothing else."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from infra.lab.tasks.substitutions import SANDBOX, TABLE
from tests.beds.http_server import http_server


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"reached")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """A server on loopback."""
    with http_server(Answer) as server:
        yield server.server_port


def held(code: str, names: dict[str, int]) -> str:
    """What `code` prints in a process that is held to `names`; the last line of its error if it fails."""
    program = f"""
import json, runpy, socket, subprocess, sys, urllib.request
runpy.run_path({str(SANDBOX / "network.py")!r})["hold_network"](json.loads({json.dumps(names)!r}))
{code}
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={}, check=False
    )
    return (done.stdout or done.stderr).strip().splitlines()[-1]


def test_a_name_of_the_table_is_reached_at_its_port(port: int) -> None:
    asked = 'print(urllib.request.urlopen("http://aws.example:80/").read().decode())'
    assert held(asked, {"aws.example:80": port}) == "reached"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ('urllib.request.urlopen("http://other.example:80/")', "the lab has no way to other.example:80"),
        ('urllib.request.urlopen("http://aws.example:81/")', "the lab has no way to aws.example:81"),
        ('socket.create_connection(("192.0.2.1", 443), 1)', "the lab has no way to 192.0.2.1:443"),
        ('socket.create_connection(("127.0.0.1", PORT), 1)', "the lab has no way to 127.0.0.1:PORT"),
        ('socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53))', "no way to"),
        ('socket.socket(socket.AF_UNIX).connect("/tmp/x")', "no way out but TCP"),
        ('subprocess.run(["true"])', "starts no further process: subprocess.Popen"),
    ],
    ids=["a name", "a port of a name", "an address", "loopback", "UDP", "a Unix socket", "a child process"],
)
def test_everything_else_is_refused(port: int, code: str, told: str) -> None:
    asked = held(code.replace("PORT", str(port)), {"aws.example:80": port + 1 if port < 65535 else 1})
    assert told.replace("PORT", str(port)) in asked


def test_a_program_is_held_to_the_models_too(tmp_path: Path) -> None:
    (tmp_path / "network.json").write_text("{}")
    (tmp_path / "asks.py").write_text(
        "import boto3\nboto3.client('kms', 'eu-central-1').create_key(KeySpec='RSA_1024')\n"
    )
    command = [sys.executable, str(SANDBOX / "program.py"), str(tmp_path / "network.json"), "asks"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)}, check=False
    )
    assert "kms CreateKey: KeySpec: not one of the service's values" in done.stderr


def test_a_function_imports_its_archive_and_what_lambda_brings(tmp_path: Path) -> None:
    from infra.lab.functions import packages

    (tmp_path / "network.json").write_text("{}")
    code = tmp_path / "code"
    code.mkdir()
    (code / "own.py").write_text(
        "import importlib\ndef take(event, _context):\n    return importlib.import_module(event).__name__\n"
    )
    command = [sys.executable, "-I", "-S", str(SANDBOX / "function.py"), str(tmp_path / "network.json")]
    done = subprocess.run(
        [*command, str(code), str(packages(tmp_path / "packages"))],
        input='"boto3"\n"own"\n"click"\n"hardening"\n',
        capture_output=True,
        text=True,
        env={"_HANDLER": "own.take"},
        check=True,
    )
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert [outcome.get("result") for outcome in outcomes] == ["boto3", "own", None, None]
    assert [outcome.get("error") for outcome in outcomes[2:]] == ["ModuleNotFoundError"] * 2


def test_the_lab_page_lists_every_substitution() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/lab.md").read_text(encoding="utf-8")
    listed = page.partition("| declared | here | why |\n|---|---|---|\n")[2].partition("\n\n")[0]
    assert listed.splitlines() == [f"| {row.declared} | {row.here} | {row.why} |" for row in TABLE]

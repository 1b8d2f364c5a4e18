"""The declared Lambda functions as processes: their archive, handler, environment and network."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hardening.errors import CollectError
from infra.lab.clients import Clients
from infra.lab.tasks.start import given_by_aws, own_authority
from infra.lab.tasks.substitutions import SANDBOX

# What Lambda's Python runtime brings (Lambda Developer Guide, "Runtime-included SDK versions").
_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "certifi")


class FunctionFailed(Exception):
    """A function raised: `kind` is the error's class, as Lambda reports it."""

    def __init__(self, name: str, kind: str, message: str) -> None:
        super().__init__(f"{name}: {kind}: {message}")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Function:
    """A function that runs. It is used by one thread at a time, and ends with its context."""

    name: str
    process: subprocess.Popen[str]

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """What the handler returns for `event`. Raises FunctionFailed, and CollectError when it has ended."""
        if self.process.stdin is None or self.process.stdout is None:
            raise CollectError(f"the function {self.name} has no way in or out")
        try:
            self.process.stdin.write(json.dumps(event) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise CollectError(f"the function {self.name} ended", "see its log in the lab's folder")
        outcome = json.loads(line)
        if "error" in outcome:
            raise FunctionFailed(self.name, outcome["error"], outcome["message"])
        return outcome["result"]


@contextmanager
def running(clients: Clients, name: str, folder: Path, network: Path) -> Iterator[Function]:
    """Start the function `name` as the emulator has it. Raises CollectError when it cannot be started.

    Its code comes from the object that the stack declares, and must be what the emulator took; `network` is
    the file of names that it reaches. Its log is in `folder`/logs.
    """
    found = clients.get("lambda").get_function(FunctionName=name)["Configuration"]
    place = folder / "functions" / name
    _unpack(found, _archive(clients, name, folder), place / "code")
    command = (
        *(sys.executable, "-I", "-S", str(SANDBOX / "function.py")),
        *(str(network), str(place / "code"), str(packages(folder / "functions" / "packages"))),
    )
    with (folder / "logs" / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  (the lab's own command, no shell)
            command,
            env=_environment(found, clients),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield Function(name, process)
    finally:
        process.kill()
        process.communicate()


def _environment(found: Mapping[str, Any], clients: Clients) -> dict[str, str]:
    """The declared variables, and Lambda's own (Developer Guide, "Defined runtime environment variables")."""
    declared = found.get("Environment", {}).get("Variables", {})
    here = {name: text for name, text in own_authority(Path(clients.ca_file)).items() if name in declared}
    return {
        **given_by_aws(Path(clients.ca_file)),
        "AWS_REGION": clients.region,
        "AWS_DEFAULT_REGION": clients.region,
        "AWS_LAMBDA_FUNCTION_NAME": found["FunctionName"],
        "_HANDLER": found["Handler"],
        **declared,
        **here,
    }


def _archive(clients: Clients, name: str, folder: Path) -> bytes:
    """The object that the stack declares as the function's code."""
    resources = json.loads((folder / "stack.json").read_text(encoding="utf-8"))["deployment"]["resources"]
    for resource in resources:
        declared = resource["inputs"] if resource["type"] == "aws:lambda/function:Function" else {}
        if declared.get("name") == name:
            bucket, key = declared["s3Bucket"], declared["s3Key"]
            body: bytes = clients.get("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
            return body
    raise CollectError(f"the stack declares no function {name}")


def _unpack(found: Mapping[str, Any], archive: bytes, place: Path) -> None:
    digest = base64.b64encode(hashlib.sha256(archive).digest()).decode()
    if digest != found["CodeSha256"]:
        raise CollectError(f"{found['FunctionName']}: its code is not the archive that the stack declares")
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(place)


def packages(place: Path) -> Path:
    """A folder with what the runtime brings, and nothing else of this Python's packages."""
    place.mkdir(parents=True, exist_ok=True)
    for name in _PACKAGES:
        found = find_spec(name)
        if found is None or found.origin is None:
            raise CollectError(f"{name} is not installed", "install the project's dependencies")
        source = Path(found.origin)
        source = source.parent if source.name == "__init__.py" else source
        link = place / source.name
        if not link.exists():
            link.symlink_to(source)
    return place

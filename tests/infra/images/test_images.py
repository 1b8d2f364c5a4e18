"""The images: what their Containerfile promises the tasks, what is in them, how they are pinned."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from moto.server import ThreadedMotoServer

from hardening.errors import ConfigError
from infra.compute.ecr import IMAGES
from infra.images.commands import images
from infra.images.context import OWN, ROOTS, prepare
from infra.images.requirements import locked, needed, sbom
from infra.settings import load
from tests.own_stack import ROOT, own_stack

CONTAINERFILE = (ROOT / "infra/images/Containerfile").read_text(encoding="utf-8")
LOCK = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
SETTINGS = load("test", ROOT)
OURS = {SETTINGS.guard_image: "guard", SETTINGS.policy_image: "policy", SETTINGS.service_image: "service"}


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n", encoding="utf-8")
    return file


def target(image: str) -> str:
    """The lines of a target, after those of what it is built from."""
    stages = dict(re.findall(r"FROM \S+ AS (\w+)\n(.*?)(?=\nFROM |\Z)", CONTAINERFILE, re.S))
    return f"{stages['program']}\n{stages[image]}"


def containers() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each declared container of an image of ours: (image, definition)."""
    for task in own_stack("test").of_type("aws:ecs/taskDefinition:TaskDefinition"):
        for container in json.loads(task.inputs["containerDefinitions"]):
            if container["image"] in OURS:
                yield OURS[container["image"]], container


def test_every_image_of_ours_has_a_repository_and_a_container() -> None:
    assert set(ROOTS) == set(IMAGES)
    assert set(OWN) == set(ROOTS) - {"service"}, "yours takes the place of the reference"
    assert {image for image, _ in containers()} == set(ROOTS)


@pytest.mark.parametrize("image", ROOTS)
def test_an_image_is_what_its_task_definitions_want(image: str) -> None:
    lines = target(image)
    (health,) = re.findall(r"HEALTHCHECK .* CMD (\[.*\])", lines)
    exposed = {int(port) for found in re.findall(r"^EXPOSE (.*)$", lines, re.M) for port in found.split()}
    own = [container for of, container in containers() if of == image]
    assert own
    for container in own:
        assert re.findall(r"^USER (\S+)$", lines, re.M)[-1] == container["user"] == "10001:10001"
        assert container["readonlyRootFilesystem"] is True
        mounted = [mount["containerPath"] for mount in container["mountPoints"]]
        assert mounted == json.loads(re.findall(r"^VOLUME (.*)$", lines, re.M)[-1]) == ["/tmp"]
        # Fargate copies owner and mode of the path from the image to the volume.
        assert "chmod 1777 /tmp" in lines.split("VOLUME")[0]
        assert container["healthCheck"]["command"] == ["CMD", *json.loads(health)]
        assert {mapping["containerPort"] for mapping in container["portMappings"]} <= exposed
        # A task without a command runs the image's; one with a command runs it under the same entry point.
        assert container["command"] or re.search(r"^CMD \[", lines, re.M)


def test_the_image_that_it_builds_on_has_no_default_address() -> None:
    assert re.search(r"^ARG BASE_IMAGE$", CONTAINERFILE, re.M)
    assert re.findall(r"^FROM (\S+)", CONTAINERFILE, re.M) == [
        "${BASE_IMAGE}",
        "program",
        "program",
        "program",
    ]


def test_envoy_needs_nothing_writable_but_its_volume() -> None:
    for image, container in containers():
        if image == "guard":
            # Without it Envoy opens shared memory, and ends where it may not.
            assert container["command"][3:] == ["--disable-hot-restart"]


def test_the_guard_finds_its_certificate_where_its_task_looks() -> None:
    commands = {container["command"][2] for image, container in containers() if image == "guard"}
    (config,) = (text for text in commands if "/etc/rampart/tls" in text)
    named = set(re.findall(r"/etc/rampart/tls/([\w.-]+)", config))
    start = (ROOT / "infra/runtime/task_certificate.py").read_text(encoding="utf-8")
    assert named == {"guard.pem", "guard.key"}
    assert all(f'"{name}"' in start for name in named)
    assert "ln -s /tmp/tls /etc/rampart/tls" in CONTAINERFILE
    assert 'FOLDER = Path("/tmp/tls")' in start


def test_a_context_is_the_same_for_the_same_content_and_another_for_another(
    tmp_path: Path, authority: Path
) -> None:
    one, again = (prepare("policy", tmp_path / name, authority) for name in ("a", "b"))
    assert one.tag == again.tag
    authority.write_text(authority.read_text().replace("MA==", "MQ=="))
    assert prepare("policy", tmp_path / "c", authority).tag != one.tag


@pytest.mark.parametrize(
    ("image", "modules"),
    [
        (
            "policy",
            "infra.runtime.policy_service.__main__, infra.runtime.policy_service.worker,"
            "infra.runtime.task_certificate, infra.runtime.boundary.__main__, infra.runtime.egress.__main__",
        ),
        ("service", "infra.lab.ocpi_service.__main__"),
    ],
)
def test_an_image_runs_with_what_is_in_its_context_and_no_other_package(
    image: str, modules: str, tmp_path: Path, authority: Path
) -> None:
    """Every module that it loads is our own, Python's, or of a package in the image."""
    context = prepare(image, tmp_path / image, authority)
    code = f"""
import sys
sys.path[:0] = [sys.argv[1]]
import {modules}, botocore.session, infra
from importlib.metadata import packages_distributions
assert infra.__file__.startswith(sys.argv[1])
known = packages_distributions()
print(*sorted({{name for module in sys.modules for name in known.get(module.split(".")[0], ())}}))
"""
    run = subprocess.run(
        [sys.executable, "-P", "-c", code, str(context.folder / "program")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = {re.sub(r"[-_.]+", "-", name).lower() for name in run.stdout.split()}
    installed = set(re.findall(r"^([\w.-]+)==", (context.folder / "requirements.txt").read_text(), re.M))
    # What is installed here beside it, and used by aiohttp and others only where it is there.
    optional = {"aiodns", "certifi", "pycares", "ocpi-rampart"}
    assert loaded - optional <= installed


@pytest.mark.parametrize("kind", ["EC ", "", "RSA ", "ENCRYPTED "])
def test_no_image_holds_a_private_key(kind: str, tmp_path: Path, authority: Path) -> None:
    authority.write_text(f"{authority.read_text()}-----BEGIN {kind}PRIVATE KEY-----\n")
    with pytest.raises(ConfigError, match=r"service-ca\.pem: a private key"):
        prepare("policy", tmp_path / "policy", authority)


def test_a_boundary_without_the_services_authority_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="authority that issued"):
        prepare("policy", tmp_path / "policy", None)


def test_the_sbom_lists_every_package_of_the_image_with_its_hashes() -> None:
    names = needed(ROOTS["policy"], LOCK)
    document = json.loads(sbom("policy", names, LOCK))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    found = {one["name"]: one for one in document["components"]}
    assert set(found) == set(names) >= {"aiohttp", "botocore", "msgspec", "multidict", "urllib3", "six"}
    assert "checkov" not in found
    assert "pulumi" not in found
    for one in found.values():
        assert one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"
        assert all(file["hashes"][0]["content"] in LOCK[one["name"]] for file in one["externalReferences"])
        assert one["externalReferences"]


def test_a_package_that_the_lock_does_not_have_is_named() -> None:
    with pytest.raises(ConfigError, match=r"requirements\.lock: no entry for leftpad"):
        needed(("leftpad",), LOCK)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "partners", folder / "partners")
    shutil.copy(ROOT / "Pulumi.test.yaml", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("account")
def test_the_digest_of_what_was_pushed_is_pinned_in_the_stacks_file(project: Path) -> None:
    import boto3

    ecr = boto3.client("ecr", region_name="eu-central-1")
    ecr.create_repository(repositoryName="rampart-test-guard")
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {}, "layers": []})
    put = ecr.put_image(
        repositoryName="rampart-test-guard",
        imageManifest=manifest,
        imageManifestMediaType=kind,
        imageTag="v1",
    )
    digest = put["image"]["imageId"]["imageDigest"]
    run = CliRunner().invoke(images, ["pin", "--stack", "test", "--image", "guard", "--tag", "v1"])
    assert run.exit_code == 0, run.output
    pinned = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/rampart-test-guard@{digest}"
    assert load("test", project).guard_image == pinned
    assert load("test", project).policy_image == SETTINGS.policy_image


@pytest.mark.usefixtures("account")
def test_an_image_that_was_not_pushed_is_not_pinned(project: Path) -> None:
    before = (project / "Pulumi.test.yaml").read_text()
    run = CliRunner().invoke(images, ["pin", "--stack", "test", "--image", "guard"])
    assert isinstance(run.exception, ConfigError)
    assert "rampart-test-guard: no image with the tag" in run.exception.message
    assert (project / "Pulumi.test.yaml").read_text() == before


def builder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A builder that writes down how it is called, as far as its commands go."""
    program = folder / "bin" / "buildah"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\ncat >> {folder}/given\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return folder / "calls"


@pytest.mark.usefixtures("account")
def test_a_push_logs_in_without_a_password_among_its_arguments(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = builder(project, monkeypatch)
    arguments = ["push", "--stack", "test", "--image", "guard", "--builder", "buildah"]
    run = CliRunner().invoke(images, arguments)
    assert run.exit_code == 0, run.output
    registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    login, tag, push = calls.read_text().splitlines()
    assert login == f"login --username AWS --password-stdin {registry}"
    assert tag.startswith("tag localhost/rampart-guard:")
    assert push == f"push {run.output.strip()}"
    assert run.output.startswith(f"{registry}/rampart-test-guard:")
    assert (project / "given").read_text()


def test_an_image_to_build_on_that_can_move_is_refused(project: Path) -> None:
    run = CliRunner().invoke(images, ["build", "--image", "policy", "--base", "python:3.13-slim"])
    assert isinstance(run.exception, ConfigError)
    assert "--base: expected an image pinned by digest" in run.exception.message


def test_without_a_builder_it_says_which_would_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    run = CliRunner().invoke(images, ["build", "--image", "policy", "--base", "localhost/base"])
    assert isinstance(run.exception, ConfigError)
    assert run.exception.message == "no docker, podman, buildah on the PATH"

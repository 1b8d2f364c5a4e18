"""The program runs in process, and what it declares is recorded as the engine would."""

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from infra.program_run.deployment import Deployment
from infra.program_run.monitor import Created, StackName
from infra.program_run.property_values import SIGNATURE, UNKNOWN
from infra.program_run.provision import Unplanned, run_program

HERE = Path(__file__).resolve().parent
TOKEN = "4f6c-very-secret-token"


class Memory:
    """A cloud that keeps what it is given, and may refuse one resource."""

    def __init__(self, refuse: str = "") -> None:
        self.refuse = refuse
        self.made: dict[str, Mapping[str, Any]] = {}
        self.lock = threading.Lock()

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        name = urn.split("::")[-1]
        if name == self.refuse:
            raise ValueError(f"no room for {name}")
        with self.lock:
            self.made[name] = inputs
        return Created(f"id-of-{name}", {"arn": f"arn:aws:x:::{name}"})

    def read(self, kind: str, identifier: str) -> Created:
        return Created(identifier, {"arn": f"arn:aws:x:::{identifier}"})

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"accountId": "123456789012"} if "getCallerIdentity" in token else {}


class Room(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Room", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.key = aws.kms.Key("key", description="data", deletion_window_in_days=30, opts=inside)
        self.group = aws.cloudwatch.LogGroup("group", kms_key_id=self.key.arn, opts=inside)
        self.register_outputs({"group": self.group.arn})


class House(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:House", name)
        self.room = Room("room", pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def deployed(
    program: Callable[[], object], cloud: Any, file: Path | None = None
) -> tuple[dict[str, dict[str, Any]], Deployment]:
    deployment = Deployment(file, {"aws": "7.0.0"})
    run_program(program, StackName("home", "lab"), cloud, deployment, root=HERE)
    document = json.loads(deployment.text())
    return {r["urn"]: r for r in document["deployment"]["resources"]}, deployment


def test_a_urn_holds_the_types_of_all_parents() -> None:
    resources, _ = deployed(lambda: House("house"), Memory())
    assert "urn:pulumi:lab::home::test:index:House$test:index:Room$aws:kms/key:Key::key" in resources, sorted(
        resources
    )
    assert "urn:pulumi:lab::home::pulumi:pulumi:Stack::home-lab" in resources


def test_each_resource_names_its_parent_and_what_its_values_came_from() -> None:
    resources, _ = deployed(lambda: House("house"), Memory())
    prefix = "urn:pulumi:lab::home::test:index:House$test:index:Room"
    group = resources[f"{prefix}$aws:cloudwatch/logGroup:LogGroup::group"]
    key = f"{prefix}$aws:kms/key:Key::key"
    assert group["parent"] == f"{prefix}::room"
    assert group["dependencies"] == [key]
    assert group["propertyDependencies"]["kmsKeyId"] == [key]
    assert group["inputs"]["kmsKeyId"] == "arn:aws:x:::key"
    assert group["id"] == "id-of-group"
    assert group["custom"] is True


def test_components_have_no_id_and_keep_their_outputs() -> None:
    resources, _ = deployed(lambda: Room("room"), Memory())
    room = resources["urn:pulumi:lab::home::test:index:Room::room"]
    assert "id" not in room
    assert room["custom"] is False
    assert room["outputs"] == {"group": "arn:aws:x:::group"}


def test_the_stacks_exports_are_its_outputs() -> None:
    resources, _ = deployed(lambda: pulumi.export("x", Room("room").key.arn), Memory())
    assert resources["urn:pulumi:lab::home::pulumi:pulumi:Stack::home-lab"]["outputs"] == {
        "x": "arn:aws:x:::key"
    }


def test_resources_belong_to_a_default_provider_of_the_sdks_version() -> None:
    resources, _ = deployed(lambda: Room("room"), Memory())
    key = resources["urn:pulumi:lab::home::test:index:Room$aws:kms/key:Key::key"]
    urn, _, identifier = key["provider"].rpartition("::")
    assert resources[urn]["id"] == identifier
    assert resources[urn]["type"] == "pulumi:providers:aws"


def test_an_explicit_provider_is_recorded_and_referred_to() -> None:
    def program() -> None:
        provider = aws.Provider("ireland", region="eu-west-1")
        aws.kms.Key("key", opts=pulumi.ResourceOptions(provider=provider))

    resources, _ = deployed(program, Memory())
    reference = resources["urn:pulumi:lab::home::aws:kms/key:Key::key"]["provider"]
    assert reference.startswith("urn:pulumi:lab::home::pulumi:providers:aws::ireland::")


def test_counts_reach_the_cloud_as_integers() -> None:
    cloud = Memory()
    deployed(lambda: Room("room"), cloud)
    assert cloud.made["key"]["deletionWindowInDays"] == 30
    assert isinstance(cloud.made["key"]["deletionWindowInDays"], int)


def test_the_line_that_declares_a_resource_is_recorded() -> None:
    resources, _ = deployed(lambda: Room("room"), Memory())
    source = resources["urn:pulumi:lab::home::test:index:Room$aws:kms/key:Key::key"]["sourcePosition"]
    file, _, line = source.partition("#")
    assert file == f"project:///{Path(__file__).name}"
    assert "aws.kms.Key(" in Path(__file__).read_text().splitlines()[int(line) - 1]


def secret_program() -> None:
    secret = aws.secretsmanager.Secret("secret")
    version = aws.secretsmanager.SecretVersion(
        "version", secret_id=secret.id, secret_string=pulumi.Output.secret(TOKEN)
    )
    aws.ssm.Parameter("copy", type="SecureString", value=version.secret_string)
    pulumi.export("token", version.secret_string)


def test_a_secret_reaches_the_cloud_and_not_the_file(tmp_path: Path) -> None:
    cloud, file = Memory(), tmp_path / "stack.json"
    resources, _ = deployed(secret_program, cloud, file)
    assert cloud.made["version"]["secretString"] == TOKEN
    assert cloud.made["copy"]["value"] == TOKEN
    assert TOKEN not in file.read_text()
    version = resources["urn:pulumi:lab::home::aws:secretsmanager/secretVersion:SecretVersion::version"]
    for where in ("inputs", "outputs"):
        assert version[where]["secretString"][SIGNATURE] == "1b47061264138c4ac30d75fd1eb44270"


def test_the_first_create_that_fails_is_what_one_is_told() -> None:
    with pytest.raises(ValueError, match="no room for key"):
        deployed(lambda: House("house"), Memory(refuse="key"))


def test_what_stood_before_a_failure_is_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    with pytest.raises(ValueError, match="no room for group"):
        deployed(lambda: Room("room"), Memory(refuse="group"), file)
    document = json.loads(file.read_text())["deployment"]
    assert "urn:pulumi:lab::home::test:index:Room$aws:kms/key:Key::key" in {
        resource["urn"] for resource in document["resources"]
    }
    (pending,) = document["pending_operations"]
    assert pending["type"] == "creating"
    assert pending["resource"]["urn"].endswith("::group")


def test_two_resources_of_the_same_urn_are_refused() -> None:
    def program() -> None:
        aws.kms.Key("key")
        aws.kms.Key("key")

    with pytest.raises(ValueError, match="two resources have the URN"):
        deployed(program, Memory())


def test_a_resource_that_is_only_read_is_external() -> None:
    resources, _ = deployed(lambda: aws.kms.Key.get("given", "1234"), Memory())
    given = resources["urn:pulumi:lab::home::aws:kms/key:Key::given"]
    assert (given["id"], given["external"]) == ("1234", True)


def test_function_calls_are_answered() -> None:
    resources, _ = deployed(lambda: pulumi.export("account", aws.get_caller_identity().account_id), Memory())
    stack = resources["urn:pulumi:lab::home::pulumi:pulumi:Stack::home-lab"]
    assert stack["outputs"] == {"account": "123456789012"}


def test_a_dry_run_creates_nothing_and_knows_no_ids() -> None:
    resources, _ = deployed(lambda: House("house"), Unplanned())
    group = next(r for urn, r in resources.items() if urn.endswith("::group"))
    assert group["id"] == ""
    assert group["inputs"]["kmsKeyId"] == UNKNOWN


def test_one_run_leaves_nothing_to_the_next() -> None:
    first, _ = deployed(lambda: Room("room"), Memory())
    second, _ = deployed(lambda: Room("other"), Memory())
    assert not {urn for urn in second if urn.endswith("::room")}
    assert len(first) == len(second)


def test_the_file_has_the_shape_of_a_stack_export(tmp_path: Path) -> None:
    deployed(lambda: House("house"), Memory(), tmp_path / "stack.json")
    document = json.loads((tmp_path / "stack.json").read_text())
    assert document["version"] == 3
    assert set(document["deployment"]) >= {
        "manifest",
        "secrets_providers",
        "resources",
        "pending_operations",
    }
    known: set[str] = set()
    for resource in document["deployment"]["resources"]:
        assert {"urn", "custom", "type"} <= set(resource)
        assert not resource.get("parent") or resource["parent"] in known, "parents come first"
        assert set(resource["dependencies"]) <= known, "dependencies come first"
        known.add(resource["urn"])

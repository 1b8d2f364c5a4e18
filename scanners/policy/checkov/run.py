"""Runs checkov's AWS rules on one Terraform plan. A process of its own: nothing else imports checkov.

    python -m scanners.policy.checkov.run PLAN RESULT

PLAN is a `Job` (JSON), RESULT becomes a `Verdicts` (JSON). checkov's runner is bypassed where it fails
open or wastes time: its YAML-like second parse of the plan, its swallowing of crashes in rules, its
threads. Rules, registries, the graph and the shape of the definitions are checkov's own.
"""

from __future__ import annotations

import gc
import importlib.metadata
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec

from scanners.policy.checkov.definitions import Definitions, definitions_of, mend_vertex
from scanners.policy.checkov.job import Job, Verdict, Verdicts
from scanners.policy.checkov.rules import LIFECYCLE_RULES, rules_of
from scanners.policy.checkov.unknown_tracking import TrackedValues

# Rules for other clouds take two thirds of checkov's start; these packages of it stay empty.
_OTHER_CLOUDS: Final = (
    "alicloud",
    "azure",
    "digitalocean",
    "gcp",
    "github",
    "gitlab",
    "kubernetes",
    "linode",
    "ncp",
    "oci",
    "openstack",
    "panos",
    "tencentcloud",
    "yandexcloud",
)

VERSION: Final = "3.3."


def main(job_file: str, result_file: str) -> None:
    """Judge the job. Anything unexpected ends the process with a code other than 0."""
    gc.disable()  # one short job: collecting costs a tenth of the time and frees nothing of use
    sys.addaudithook(_refuse_network)
    logging.disable(logging.CRITICAL)
    job = msgspec.json.decode(Path(job_file).read_bytes(), type=Job)
    verdicts = judge(job)
    Path(result_file).write_bytes(msgspec.json.encode(verdicts))
    os._exit(0)  # nothing is left to do; taking checkov apart takes a while


def _refuse_network(event: str, _arguments: object) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise PermissionError("rules are judged offline")


def judge(job: Job) -> Verdicts:
    """All verdicts, in the order of rule and address."""
    version = importlib.metadata.version("checkov")
    if not version.startswith(VERSION):
        raise RuntimeError(f"checkov {version} is not {VERSION}x")
    leave_out_other_clouds()
    definitions = definitions_of(job.plan, job.unknown)
    runner = runner_over(definitions.blocks)
    verdicts = [*_by_resource(runner, definitions), *_by_graph(runner, definitions.unknown)]
    verdicts.sort(key=lambda v: (v.rule, v.address))
    return Verdicts(version, len(definitions.blocks["resource"]), rules_of(runner), verdicts)


def leave_out_other_clouds() -> None:
    """Keep checkov from loading the rules for other clouds; before its runner is made."""
    for kind in ("resource", "data"):
        for cloud in _OTHER_CLOUDS:
            name = f"checkov.terraform.checks.{kind}.{cloud}"
            sys.modules.setdefault(name, ModuleType(name))


def runner_over(definitions: dict[str, list[Any]]) -> Any:
    """checkov's runner, with its AWS rules and the graph of the definitions."""
    from checkov.common.checks_infra.checks_parser import GraphCheckParser
    from checkov.common.checks_infra.registry import Registry
    from checkov.common.checks_infra.solvers.attribute_solvers import base_attribute_solver
    from checkov.terraform import plan_runner

    vars(base_attribute_solver)["ThreadPoolExecutor"] = _InOrder
    runner = plan_runner.Runner()
    runner.definitions = {"plan.json": definitions}
    graph = runner.graph_manager.build_graph_from_definitions(runner.definitions, render_variables=False)
    runner.graph_manager.save_graph(graph)
    for _, vertex in runner.graph_manager.get_reader_endpoint().nodes():
        mend_vertex(vertex)
    rules = Path(plan_runner.__file__).parent / "checks" / "graph_checks" / "aws"
    runner.graph_registry = Registry(checks_dir=str(rules), parser=GraphCheckParser())
    runner.graph_registry.load_checks()
    runner._assign_graph_to_registry(runner.block_type_registries["resource"])
    return runner


class _InOrder:
    """In place of a thread pool: runs at once and lets a crash be seen, where checkov would lose it."""

    def submit(self, call: Any, *arguments: Any) -> Any:
        from concurrent.futures import Future

        done: Future[Any] = Future()
        done.set_result(call(*arguments))
        return done


def _by_resource(runner: Any, definitions: Definitions) -> Iterator[Verdict]:
    registry = runner.block_type_registries["resource"]
    for entity in definitions.blocks["resource"]:
        kind, _, configuration = registry.extract_entity_details(entity)
        address = configuration["__address__"]
        for rule in registry.get_checks(kind):
            if rule.id not in LIFECYCLE_RULES:
                rule.graph = registry.graph
                yield _verdict(rule, kind, configuration, definitions.unknown.get(address, []))


def _verdict(rule: Any, kind: str, configuration: dict[str, Any], unknown: list[str]) -> Verdict:
    address = configuration["__address__"]
    seen = TrackedValues.over(configuration, in_search=not _value_rule(rule)) if unknown else None
    try:
        if seen is not None:
            _prepare(rule, kind, address)
            status = rule.scan_resource_conf(seen)
        else:
            status = rule.run("plan.json", configuration, address, kind, {})["result"]
    except Exception as crash:  # the outer edge of a rule that is not ours
        return Verdict(rule.id, address, "crashed", reason=type(crash).__name__)
    status = status[0] if isinstance(status, tuple) else status
    attributes = [str(key) for key in rule.get_evaluated_keys()]
    if seen is not None and seen.touched:
        return Verdict(rule.id, address, "unknown", attributes, "depends on a value that is not known")
    tops = {path.split(".")[0] for path in unknown}
    return _named(rule.id, address, status, attributes, any(a.split("/")[0] in tops for a in attributes))


def _prepare(rule: Any, kind: str, address: str) -> None:
    """What `rule.run` would set. checkov's IAM analysis keeps each policy under the rule's path.

    It is forgotten before each rule: one that takes a kept policy would not read what is not known.
    """
    from checkov.terraform.checks.utils import base_cloudsplaining_iam_scanner as iam

    rule.entity_type, rule.evaluated_keys, rule.details = kind, [], []
    rule.entity_path = f"plan.json:{kind}:{address}"
    iam.BaseTerraformCloudsplainingIAMScanner.policy_document_cache.pop(rule.entity_path, None)


def _value_rule(rule: Any) -> bool:
    """Whether the rule compares one value; its class gives no verdict where that is a variable."""
    from checkov.terraform.checks.resource.base_resource_negative_value_check import (
        BaseResourceNegativeValueCheck,
    )
    from checkov.terraform.checks.resource.base_resource_value_check import BaseResourceValueCheck

    return isinstance(rule, BaseResourceValueCheck | BaseResourceNegativeValueCheck)


def _named(rule: str, address: str, status: Any, attributes: list[str], hidden: bool) -> Verdict:
    known = {"PASSED": "passed", "FAILED": "failed"}.get(status.name)
    if known:
        return Verdict(rule, address, known, attributes)
    return _no_verdict(rule, address, attributes, hidden)


def _no_verdict(rule: str, address: str, attributes: list[str], hidden: bool) -> Verdict:
    """`hidden`: whether an unknown value may be why the rule decides nothing."""
    if hidden:
        return Verdict(rule, address, "unknown", attributes, "depends on a value that is not known")
    return Verdict(rule, address, "undecided", attributes, "the rule gives no verdict here")


def _by_graph(runner: Any, unknown: Mapping[str, list[str]]) -> Iterator[Verdict]:
    graph = runner.graph_manager.get_reader_endpoint()
    for rule in runner.graph_registry.checks:
        try:
            passed, failed, undecided = rule.run(graph)
        except Exception as crash:  # the outer edge of a rule that is not ours
            yield Verdict(rule.id, "", "crashed", reason=type(crash).__name__)
            continue
        attributes = rule.get_evaluated_keys()
        for status, vertices in (("passed", passed), ("failed", failed)):
            for address in _addresses(vertices):
                yield Verdict(rule.id, address, status, attributes)
        for address in _addresses(undecided):
            # The unknown value may be that of a connected resource.
            yield _no_verdict(rule.id, address, attributes, hidden=bool(unknown))


def _addresses(vertices: Iterable[dict[str, Any]]) -> Iterator[str]:
    for vertex in vertices:
        if vertex.get("block_type_") == "resource":
            yield vertex["__address__"]


if __name__ == "__main__":
    main(*sys.argv[1:])

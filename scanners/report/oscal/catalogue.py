"""The catalogue of controls, what builds and refuses, and what it answers to, as OSCAL documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from hardening.controls import CONTROLS, Control, Layer
from hardening.controls.frameworks.clause import Clause, Relation
from hardening.controls.standards import STANDARDS, Standard
from scanners.catalogue import control_rows
from scanners.frameworks import every_clause
from scanners.report.facts import RunFacts
from scanners.report.oscal.parts import NAMESPACE, identifier, metadata, props

CATALOG: Final = "catalog.json"
_RELATIONSHIPS: Final = {
    Relation.EQUAL: "equal-to",
    Relation.SUBSET: "subset-of",
    Relation.INTERSECTS: "intersects-with",
}


def catalog(facts: RunFacts) -> dict[str, Any]:
    """Every control, a group a layer."""
    groups = (
        {
            "id": f"layer-{layer.value}",
            "title": layer.value.capitalize(),
            "controls": [_control(control) for control in CONTROLS.values() if control.layer is layer],
        }
        for layer in Layer
    )
    return {
        "catalog": {
            "uuid": identifier("catalog", facts.version),
            "metadata": metadata("Controls of ocpi-rampart", facts),
            "groups": list(groups),
        }
    }


def _control(control: Control) -> dict[str, Any]:
    guidance = f"From {control.citation}." + (f" By hand: {control.manual}" if control.manual else "")
    return {
        "id": control.id,
        "title": control.id.replace("-", " ").capitalize(),
        "props": props(severity=control.severity.value, layer=control.layer.value),
        "parts": [
            {"id": f"{control.id}_stmt", "name": "statement", "prose": control.promise},
            {"id": f"{control.id}_gdn", "name": "guidance", "prose": guidance},
        ],
    }


def component_definition(facts: RunFacts) -> dict[str, Any]:
    """What implements each control: components of the stack, and the guard."""
    built: dict[str, list[str]] = defaultdict(list)
    refused: list[str] = []
    for row in control_rows():
        for component in row.built_by:
            built[component].append(row.control.id)
        if row.refused_by:
            refused.append(row.control.id)
    stack = (
        _component(name, "a component of the Pulumi program", "declares what the control asks for", controls)
        for name, controls in sorted(built.items())
    )
    guard = _component("guard", "judges every OCPI call", "refuses a call that breaks the control", refused)
    return {
        "component-definition": {
            "uuid": identifier("component-definition", facts.version),
            "metadata": metadata("What implements the controls of ocpi-rampart", facts),
            "components": [*stack, guard],
        }
    }


def _component(name: str, description: str, does: str, controls: list[str]) -> dict[str, Any]:
    requirements = [
        {"uuid": identifier("requirement", name, control), "control-id": control, "description": does}
        for control in controls
    ]
    return {
        "uuid": identifier("component", name),
        "type": "software",
        "title": name,
        "description": description,
        "control-implementations": [
            {
                "uuid": identifier("implementation", name),
                "source": CATALOG,
                "description": does,
                "implemented-requirements": requirements,
            }
        ],
    }


def mapping_collection(facts: RunFacts) -> dict[str, Any]:
    """How the controls stand to each framework, and its clauses that nothing assesses."""
    return {
        "mapping-collection": {
            "uuid": identifier("mapping-collection", facts.version),
            "metadata": metadata("What the controls of ocpi-rampart answer to", facts),
            "provenance": {
                "method": "human",
                "matching-rationale": "semantic",
                "status": "complete",
                "mapping-description": "Set relations between what a control asks and what a clause asks.",
            },
            "mappings": [_mapping(standard) for standard in STANDARDS.values()],
        }
    }


def _mapping(standard: Standard) -> dict[str, Any]:
    unanswered = [_token(row.clause) for row in every_clause()[standard.key] if not row.answers]
    gap = {
        "uuid": identifier("gap", standard.key),
        "unmapped-controls": [{"with-ids": unanswered}],
    }
    return {
        "uuid": identifier("mapping", standard.key),
        "source-resource": {"type": "catalog", "href": CATALOG},
        "target-resource": {
            "type": "catalog",
            "href": f"{NAMESPACE}:{standard.key}",
            "remarks": standard.title,
        },
        "maps": list(_maps(standard)),
        **({"target-gap-summary": gap} if unanswered else {}),
    }


def _maps(standard: Standard) -> Iterator[dict[str, Any]]:
    for control in CONTROLS.values():
        for clause in control.frameworks:
            if clause.framework == standard.key:
                yield _map(control, clause)


def _map(control: Control, clause: Clause) -> dict[str, Any]:
    return {
        "uuid": identifier("map", control.id, str(clause)),
        "relationship": _RELATIONSHIPS[clause.relation],
        "sources": [{"type": "control", "id-ref": control.id}],
        "targets": [{"type": "control", "id-ref": _token(clause.id)}],
    }


def _token(clause: str) -> str:
    """A clause as an OSCAL token, which begins with a letter."""
    return clause if clause[0].isalpha() else f"_{clause}"

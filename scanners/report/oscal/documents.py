"""The OSCAL documents of one run, by the file that each is written to."""

from __future__ import annotations

from collections.abc import Mapping

from scanners.outcome import Outcome
from scanners.report.facts import RunFacts
from scanners.report.json_text import as_text
from scanners.report.oscal.catalogue import CATALOG, catalog, component_definition, mapping_collection
from scanners.report.oscal.results import assessment_results, plan_of_action


def documents(outcome: Outcome, facts: RunFacts) -> Mapping[str, str]:
    """File name to text. A run in which all holds has no plan of action."""
    plan = plan_of_action(outcome, facts)
    every = {
        CATALOG: catalog(facts),
        "component-definition.json": component_definition(facts),
        "mapping-collection.json": mapping_collection(facts),
        "assessment-results.json": assessment_results(outcome, facts),
        **({"plan-of-action-and-milestones.json": plan} if plan else {}),
    }
    return {name: as_text(document) for name, document in every.items()}

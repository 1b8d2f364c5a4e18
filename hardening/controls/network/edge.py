"""Controls of the network layer at its edge: the firewall and the API."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="no-execute-api-endpoint",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise=(
            "The API is reached by its own domain only: no default endpoint goes round the firewall's "
            "names and TLS policy."
        ),
        citation="Amazon API Gateway, disable the default endpoint for REST APIs",
        infra=("Api",),
        frameworks=frameworks.API_INVENTORY,
    ),
    Control(
        id="api-has-resource-policy",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="The API's resource policy names who may call it, and refuses the rest.",
        citation="Amazon API Gateway, resource policies",
        infra=("Api",),
        frameworks=frameworks.TRAFFIC_FILTERS,
    ),
    Control(
        id="policy-changes-take-effect",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="A changed resource policy is deployed with the API, so it takes effect at once.",
        citation="Amazon API Gateway, x-amazon-apigateway-policy; redeploying a REST API",
        infra=("Api",),
        frameworks=frameworks.CHANGE_MANAGEMENT,
    ),
    Control(
        id="firewall-before-every-stage",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="A web application firewall stands before every stage of the API.",
        citation="AWS Security Hub APIGateway.4",
        infra=("WebAcl", "Api"),
        frameworks=frameworks.WEB_FIREWALL,
    ),
    Control(
        id="partners-only-from-their-networks",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="Calls from outside the partners' contracted networks are blocked.",
        citation="OCPI 2.2.1, 4.1: server-to-server peers; AWS WAF, IP set match",
        infra=("WebAcl",),
        frameworks=frameworks.WEB_FIREWALL,
    ),
    Control(
        id="partner-networks-narrow",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="No partner's contracted network is wide enough to admit strangers.",
        citation="AWS WAF, IP sets; NIST SP 800-41 r1, 4.1",
        infra=("WebAcl",),
        frameworks=frameworks.TRAFFIC_FILTERS,
    ),
    Control(
        id="managed-firewall-rules",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="AWS's common, known-bad-input and IP reputation rules block, and do not only count.",
        citation="AWS WAF, baseline and IP reputation rule groups",
        infra=("WebAcl",),
        frameworks=frameworks.WEB_FIREWALL,
    ),
    Control(
        id="rate-limited-by-address",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="No address may send more than its share of requests.",
        citation="AWS WAF, rate-based rules; OWASP API4:2023",
        infra=("WebAcl",),
        frameworks=frameworks.RESOURCE_LIMITS,
    ),
    Control(
        id="rate-limited-by-token",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="No credentials token may send more than its share of requests, from however many addresses.",
        citation="AWS WAF, rate-based rules with custom keys; OWASP API4:2023",
        infra=("WebAcl",),
        frameworks=frameworks.RESOURCE_LIMITS,
    ),
    Control(
        id="request-size-limited",
        layer=Layer.NETWORK,
        severity=Severity.MEDIUM,
        promise="Bodies larger than any OCPI object are blocked before they are parsed.",
        citation="AWS WAF, size constraint; OWASP API4:2023",
        infra=("WebAcl",),
        frameworks=frameworks.RESOURCE_LIMITS,
    ),
    Control(
        id="methods-allow-listed",
        layer=Layer.NETWORK,
        severity=Severity.MEDIUM,
        promise="Methods that OCPI does not use are blocked.",
        citation="OCPI 2.2.1, 4.1.2: GET, POST, PUT, PATCH, DELETE",
        infra=("WebAcl",),
        frameworks=frameworks.VALIDATION_AT_THE_EDGE,
    ),
    Control(
        id="requests-validated-at-edge",
        layer=Layer.NETWORK,
        severity=Severity.MEDIUM,
        promise="The API validates parameters and bodies of every operation against a model.",
        citation="Amazon API Gateway, request validation",
        infra=("Api",),
        frameworks=frameworks.VALIDATION_AT_THE_EDGE,
    ),
    Control(
        id="throttled-at-stage",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="Every method of every stage has a rate and a burst limit.",
        citation="Amazon API Gateway, throttling; OWASP API4:2023",
        infra=("Api",),
        frameworks=frameworks.RESOURCE_LIMITS,
    ),
)

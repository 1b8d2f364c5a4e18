"""One side of a pair: `main.tf` says the same in Terraform."""

from typing import Any

import pulumi_aws as aws


def distribution(name: str, **more: Any) -> None:
    aws.cloudfront.Distribution(
        name,
        enabled=True,
        origins=[{"domain_name": "o.example.com", "origin_id": "o"}],
        **more,
    )


distribution(
    "good",
    default_root_object="index.html",
    web_acl_id="arn:aws:wafv2:us-east-1:123456789012:global/webacl/w/1",
    logging_config={"bucket": "logs.s3.amazonaws.com"},
    restrictions={"geo_restriction": {"restriction_type": "whitelist", "locations": ["DE"]}},
    viewer_certificate={
        "acm_certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/c",
        "ssl_support_method": "sni-only",
        "minimum_protocol_version": "TLSv1.2_2021",
    },
    default_cache_behavior={
        "target_origin_id": "o",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "response_headers_policy_id": "p",
    },
)
distribution(
    "loose",
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True},
    default_cache_behavior={
        "target_origin_id": "o",
        "viewer_protocol_policy": "allow-all",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
    },
    ordered_cache_behaviors=[
        {
            "path_pattern": "/x",
            "target_origin_id": "o",
            "viewer_protocol_policy": "allow-all",
            "allowed_methods": ["GET", "HEAD"],
            "cached_methods": ["GET", "HEAD"],
        }
    ],
)

"""Networks, ways in and shares that our stack has none of (each API's reference)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.kinds import Kind, reader_of
from scanners.drift.records import Live, ResourceReader

_DELETED: Final = ("deleted", "deleting")

KINDS: Final = (
    # Ways into the network, and out of it.
    Kind(
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        *("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId"),
        state="Status.Code",
        gone=(*_DELETED, "rejected", "expired", "failed"),
    ),
    Kind(
        "aws:ec2transitgateway/transitGateway:TransitGateway",
        *("ec2", "describe_transit_gateways", "TransitGateways", "TransitGatewayId"),
        state="State",
        gone=_DELETED,
    ),
    Kind(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        *("ec2", "describe_transit_gateway_vpc_attachments", "TransitGatewayVpcAttachments"),
        "TransitGatewayAttachmentId",
        state="State",
        gone=(*_DELETED, "rejected", "failed"),
    ),
    Kind(
        "aws:ec2/vpcEndpointService:VpcEndpointService",
        *("ec2", "describe_vpc_endpoint_service_configurations", "ServiceConfigurations", "ServiceId"),
        state="ServiceState",
        gone=("Deleted", "Deleting"),
    ),
    Kind(
        "aws:ec2/vpnGateway:VpnGateway",
        *("ec2", "describe_vpn_gateways", "VpnGateways", "VpnGatewayId"),
        state="State",
        gone=_DELETED,
    ),
    Kind(
        "aws:ec2/vpnConnection:VpnConnection",
        *("ec2", "describe_vpn_connections", "VpnConnections", "VpnConnectionId"),
        state="State",
        gone=_DELETED,
    ),
    Kind(
        "aws:ec2/customerGateway:CustomerGateway",
        *("ec2", "describe_customer_gateways", "CustomerGateways", "CustomerGatewayId"),
        state="State",
        gone=_DELETED,
    ),
    Kind(
        "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        *("ec2", "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways"),
        "EgressOnlyInternetGatewayId",
    ),
    Kind(
        "aws:ec2/carrierGateway:CarrierGateway",
        *("ec2", "describe_carrier_gateways", "CarrierGateways", "CarrierGatewayId"),
        state="State",
        gone=_DELETED,
    ),
    Kind(
        "aws:ec2clientvpn/endpoint:Endpoint",
        *("ec2", "describe_client_vpn_endpoints", "ClientVpnEndpoints", "ClientVpnEndpointId"),
        state="Status.Code",
        gone=_DELETED,
    ),
    Kind(
        "aws:ec2/trafficMirrorSession:TrafficMirrorSession",
        *("ec2", "describe_traffic_mirror_sessions", "TrafficMirrorSessions", "TrafficMirrorSessionId"),
    ),
    Kind(
        "aws:route53/resolverEndpoint:ResolverEndpoint",
        *("route53resolver", "list_resolver_endpoints", "ResolverEndpoints", "Id"),
        state="Status",
        gone=("DELETING",),
    ),
    Kind(
        "aws:route53/resolverRule:ResolverRule",
        *("route53resolver", "list_resolver_rules", "ResolverRules", "Id"),
        # AWS's own rule leads to the VPC's resolver.
        state="OwnerId",
        gone=("Route 53 Resolver",),
    ),
    Kind("aws:apigatewayv2/api:Api", "apigatewayv2", "get_apis", "Items", "ApiId"),
    Kind("aws:apigatewayv2/domainName:DomainName", "apigatewayv2", "get_domain_names", "Items", "DomainName"),
    Kind(
        "aws:cloudfront/distribution:Distribution",
        *("cloudfront", "list_distributions", "DistributionList.Items", "Id"),
        is_global=True,
    ),
    Kind("aws:appsync/graphQLApi:GraphQLApi", "appsync", "list_graphql_apis", "graphqlApis", "apiId"),
    Kind(
        "aws:elb/loadBalancer:LoadBalancer",
        *("elb", "describe_load_balancers", "LoadBalancerDescriptions", "LoadBalancerName"),
    ),
    Kind(
        "aws:networkfirewall/firewall:Firewall",
        *("network-firewall", "list_firewalls", "Firewalls", "FirewallArn"),
        known="arn",
    ),
    # Who is let in, and with whom something is shared.
    Kind(
        "aws:ram/resourceShare:ResourceShare",
        *("ram", "get_resource_shares", "resourceShares", "resourceShareArn"),
        asked={"resourceOwner": "SELF"},
        state="status",
        gone=("DELETED", "DELETING"),
    ),
    Kind(
        "aws:cognito/userPool:UserPool",
        *("cognito-idp", "list_user_pools", "UserPools", "Id"),
        asked={"MaxResults": 60},
    ),
    Kind(
        "aws:cognito/identityPool:IdentityPool",
        *("cognito-identity", "list_identity_pools", "IdentityPools", "IdentityPoolId"),
        asked={"MaxResults": 60},
    ),
    Kind(
        "aws:sesv2/emailIdentity:EmailIdentity",
        "sesv2",
        "list_email_identities",
        "EmailIdentities",
        "IdentityName",
    ),
    Kind(
        "aws:acmpca/certificateAuthority:CertificateAuthority",
        *("acm-pca", "list_certificate_authorities", "CertificateAuthorities", "Arn"),
        state="Status",
        gone=("DELETED",),
    ),
    Kind(
        "aws:iam/serverCertificate:ServerCertificate",
        *("iam", "list_server_certificates", "ServerCertificateMetadataList", "Arn"),
        known="arn",
        is_global=True,
    ),
    Kind("aws:iot/policy:Policy", "iot", "list_policies", "policies", "policyName"),
)


def lone_interfaces(view: View) -> Iterator[Live]:
    """Network interfaces that no instance, task or service of AWS has (DescribeNetworkInterfaces)."""
    for found in view.pages("ec2", "describe_network_interfaces", "NetworkInterfaces"):
        of_a_task = str(found.get("Description") or "").startswith("arn:")
        if not (found.get("RequesterManaged") or found.get("Attachment") or of_a_task):
            facts = {"about": f"in {found.get('SubnetId')}, which nothing uses"}
            yield Live(_INTERFACE, found["NetworkInterfaceId"], facts, view.region)


_INTERFACE: Final = "aws:ec2/networkInterface:NetworkInterface"
READERS: Final = (
    *map(reader_of, KINDS),
    ResourceReader(type=_INTERFACE, service="ec2", read=lone_interfaces, fields=()),
)

"""The program: which components there are, and what each of them is given."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from hardening.partners import Partner
from infra.encryption import Encryption, EncryptionArgs
from infra.naming import Place
from infra.network import Network, NetworkArgs
from infra.ports import partner_ports
from infra.security_groups import SecurityGroups, SecurityGroupsArgs
from infra.settings import Settings


def build(settings: Settings, partners: tuple[Partner, ...]) -> None:
    """Declare every resource of one environment, for the partners of that environment.

    A partner of another environment is left out: test and production share nothing.
    """
    partners = tuple(p for p in partners if p.environment == settings.environment)
    account = aws.get_caller_identity().account_id
    place = Place(settings.environment, account, settings.region)
    ports = partner_ports(partners)
    network = Network("network", NetworkArgs(place, settings.vpc_cidr, settings.availability_zones, ports))
    groups = SecurityGroups("groups", SecurityGroupsArgs(place, network.vpc.id, ports))
    keys = Encryption("keys", EncryptionArgs(place, settings.replica_region))
    pulumi.export("vpcId", network.vpc.id)
    pulumi.export("dataKey", keys.data.arn)
    pulumi.export("guardGroup", groups.ids["guard"])

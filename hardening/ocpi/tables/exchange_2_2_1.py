"""Field tables of OCPI 2.2.1, second edition: tokens (12), commands (13), charging profiles (14),
hub client info (15), credentials (7) and versions (6).
"""

from __future__ import annotations

from hardening.ocpi.fields import Fragment

EXCHANGE = Fragment(
    classes={
        "Credentials": "token string(64) 1; url URL 1; roles CredentialsRole +",
        "CredentialsRole": """
            role Role 1; business_details BusinessDetails 1; party_id CiString(3) 1;
            country_code CiString(2) 1""",
        "ChargingProfileResponse": "result ChargingProfileResponseType 1; timeout int 1",
        "ActiveChargingProfileResult": """
            result ChargingProfileResultType 1; profile ActiveChargingProfile ?""",
        "ChargingProfileResult": "result ChargingProfileResultType 1",
        "ClearProfileResult": "result ChargingProfileResultType 1",
        "SetChargingProfile": "charging_profile ChargingProfile 1; response_url URL 1",
        "ActiveChargingProfile": "start_date_time DateTime 1; charging_profile ChargingProfile 1",
        "ChargingProfile": """
            start_date_time DateTime ?; duration int ?; charging_rate_unit ChargingRateUnit 1;
            min_charging_rate number ?; charging_profile_period ChargingProfilePeriod *""",
        "ChargingProfilePeriod": "start_period int 1; limit number 1",
        "CancelReservation": "response_url URL 1; reservation_id CiString(36) 1",
        "CommandResponse": "result CommandResponseType 1; timeout int 1; message DisplayText *",
        "CommandResult": "result CommandResultType 1; message DisplayText *",
        "ReserveNow": """
            response_url URL 1; token Token 1; expiry_date DateTime 1; reservation_id CiString(36) 1;
            location_id CiString(36) 1; evse_uid CiString(36) ?; authorization_reference CiString(36) ?""",
        "StartSession": """
            response_url URL 1; token Token 1; location_id CiString(36) 1; evse_uid CiString(36) ?;
            connector_id CiString(36) ?; authorization_reference CiString(36) ?""",
        "StopSession": "response_url URL 1; session_id CiString(36) 1",
        "UnlockConnector": """
            response_url URL 1; location_id CiString(36) 1; evse_uid CiString(36) 1;
            connector_id CiString(36) 1""",
        "ClientInfo": """
            party_id CiString(3) 1; country_code CiString(2) 1; role Role 1; status ConnectionStatus 1;
            last_updated DateTime 1""",
        "AuthorizationInfo": """
            allowed AllowedType 1; token Token 1; location LocationReferences ?;
            authorization_reference CiString(36) ?; info DisplayText ?""",
        "Token": """
            country_code CiString(2) 1; party_id CiString(3) 1; uid CiString(36) 1; type TokenType 1;
            contract_id CiString(36) 1; visual_number string(64) ?; issuer string(64) 1;
            group_id CiString(36) ?; valid boolean 1; whitelist WhitelistType 1; language string(2) ?;
            default_profile_type ProfileType ?; energy_contract EnergyContract ?; last_updated DateTime 1""",
        "EnergyContract": "supplier_name string(64) 1; contract_id string(64) ?",
        "LocationReferences": "location_id CiString(36) 1; evse_uids CiString(36) *",
        "Version": "version VersionNumber 1; url URL 1",
        "VersionDetails": "version VersionNumber 1; endpoints Endpoint +",
        "Endpoint": "identifier ModuleID 1; role InterfaceRole 1; url URL 1",
    },
    enums={
        "ChargingRateUnit": "W A",
        "ChargingProfileResponseType": "ACCEPTED NOT_SUPPORTED REJECTED TOO_OFTEN UNKNOWN_SESSION",
        "ChargingProfileResultType": "ACCEPTED REJECTED UNKNOWN",
        "CommandResponseType": "NOT_SUPPORTED REJECTED ACCEPTED UNKNOWN_SESSION",
        "CommandResultType": """
            ACCEPTED CANCELED_RESERVATION EVSE_OCCUPIED EVSE_INOPERATIVE FAILED NOT_SUPPORTED REJECTED
            TIMEOUT UNKNOWN_RESERVATION""",
        "CommandType": "CANCEL_RESERVATION RESERVE_NOW START_SESSION STOP_SESSION UNLOCK_CONNECTOR",
        "ConnectionStatus": "CONNECTED OFFLINE PLANNED SUSPENDED",
        "AllowedType": "ALLOWED BLOCKED EXPIRED NO_CREDIT NOT_ALLOWED",
        "TokenType": "AD_HOC_USER APP_USER OTHER RFID",
        "WhitelistType": "ALWAYS ALLOWED ALLOWED_OFFLINE NEVER",
        "Role": "CPO EMSP HUB NAP NSP OTHER SCSP",
        "InterfaceRole": "SENDER RECEIVER",
    },
)

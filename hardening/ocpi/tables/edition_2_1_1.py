"""Field tables of OCPI 2.1.1, second edition."""

from __future__ import annotations

from hardening.ocpi.fields import Fragment

V2_1_1 = Fragment(
    classes={
        "Credentials": """
            token string(64) 1; url URL 1; business_details BusinessDetails 1; party_id string(3) 1;
            country_code string(2) 1""",
        "CDR": """
            id CiString(36) 1; start_date_time DateTime 1; stop_date_time=end_date_time DateTime 1;
            auth_id string(36) 1; auth_method AuthMethod 1; location Location 1; meter_id string(255) ?;
            currency string(3) 1; tariffs Tariff *; charging_periods ChargingPeriod +;
            total_cost number 1; total_energy number 1; total_time number 1; total_parking_time number ?;
            remark string(255) ?; last_updated DateTime 1""",
        "CdrDimension": "type CdrDimensionType 1; volume number 1",
        "ChargingPeriod": "start_date_time DateTime 1; dimensions CdrDimension +",
        "CommandResponse": "result CommandResponseType 1",
        "ReserveNow": """
            response_url URL 1; token Token 1; expiry_date DateTime 1; reservation_id int 1;
            location_id string(39) 1; evse_uid string(39) ?""",
        "StartSession": """
            response_url URL 1; token Token 1; location_id string(39) 1; evse_uid string(39) ?""",
        "StopSession": "response_url URL 1; session_id string(36) 1",
        "UnlockConnector": """
            response_url URL 1; location_id string(39) 1; evse_uid string(39) 1;
            connector_id string(36) 1""",
        "Location": """
            id string(39) 1; type LocationType 1; name string(255) ?; address string(45) 1;
            city string(45) 1; postal_code string(10) 1; country string(3) 1; coordinates GeoLocation 1;
            related_locations AdditionalGeoLocation *; evses EVSE *; directions DisplayText *;
            operator BusinessDetails ?; suboperator BusinessDetails ?; owner BusinessDetails ?;
            facilities Facility *; time_zone string(255) ?; opening_times Hours ?;
            charging_when_closed boolean ?; images Image *; energy_mix EnergyMix ?;
            last_updated DateTime 1""",
        "EVSE": """
            uid string(39) 1; evse_id string(48) ?; status Status 1; status_schedule StatusSchedule *;
            capabilities Capability *; connectors Connector +; floor_level string(4) ?;
            coordinates GeoLocation ?; physical_reference string(16) ?; directions DisplayText *;
            parking_restrictions ParkingRestriction *; images Image *; last_updated DateTime 1""",
        "Connector": """
            id string(36) 1; standard ConnectorType 1; format ConnectorFormat 1; power_type PowerType 1;
            voltage=max_voltage int 1; amperage=max_amperage int 1; tariff_id string(36) ?;
            terms_and_conditions URL ?;
            last_updated DateTime 1""",
        "AdditionalGeoLocation": "latitude Latitude(10) 1; longitude Longitude(11) 1; name DisplayText ?",
        "BusinessDetails": "name string(100) 1; website URL ?; logo Image ?",
        "EnergyMix": """
            is_green_energy boolean 1; energy_sources EnergySource *;
            environ_impact EnvironmentalImpact *; supplier_name string(64) ?;
            energy_product_name string(64) ?""",
        "EnergySource": "source EnergySourceCategory 1; percentage number 1",
        "EnvironmentalImpact": "source EnvironmentalImpactCategory 1; amount number 1",
        "GeoLocation": "latitude Latitude(10) 1; longitude Longitude(11) 1",
        "StatusSchedule": "period_begin DateTime 1; period_end DateTime ?; status Status 1",
        "Session": """
            id string(36) 1; start_datetime=start_date_time DateTime 1;
            end_datetime=end_date_time DateTime ?; kwh number 1;
            auth_id string(36) 1; auth_method AuthMethod 1; location Location 1; meter_id string(255) ?;
            currency string(3) 1; charging_periods ChargingPeriod *; total_cost number ?;
            status SessionStatus 1; last_updated DateTime 1""",
        "Tariff": """
            id string(36) 1; currency string(3) 1; tariff_alt_text DisplayText *; tariff_alt_url URL ?;
            elements TariffElement +; energy_mix EnergyMix ?; last_updated DateTime 1""",
        "PriceComponent": "type TariffDimensionType 1; price number 1; step_size int 1",
        "TariffElement": "price_components PriceComponent +; restrictions TariffRestrictions ?",
        "TariffRestrictions": """
            start_time ClockTime(5) ?; end_time ClockTime(5) ?; start_date CalendarDate(10) ?;
            end_date CalendarDate(10) ?;
            min_kwh number ?; max_kwh number ?; min_power number ?; max_power number ?;
            min_duration int ?; max_duration int ?; day_of_week DayOfWeek *""",
        "AuthorizationInfo": "allowed Allowed 1; location LocationReferences ?; info DisplayText ?",
        "Token": """
            uid string(36) 1; type TokenType 1; auth_id string(36) 1; visual_number string(64) ?;
            issuer string(64) 1; valid boolean 1; whitelist WhitelistType 1; language string(2) ?;
            last_updated DateTime 1""",
        "DisplayText": "language string(2) 1; text string(512) 1",
        "VersionDetails": "version VersionNumber 1; endpoints Endpoint +",
        "Version": "version VersionNumber 1; url URL 1",
        "Endpoint": "identifier ModuleID 1; url URL 1",
        "Hours": """
            regular_hours RegularHours *; twentyfourseven boolean ?;
            exceptional_openings ExceptionalPeriod *; exceptional_closings ExceptionalPeriod *""",
        "RegularHours": "weekday Weekday 1; period_begin ClockTime(5) 1; period_end ClockTime(5) 1",
        "ExceptionalPeriod": "period_begin DateTime 1; period_end DateTime 1",
        "Image": """
            url URL 1; thumbnail URL ?; category ImageCategory 1; type CiString(4) 1; width int(5) ?;
            height int(5) ?""",
        "LocationReferences": """
            location_id string(39) 1; evse_uids string(39) *; connector_ids string(36) *""",
    },
    enums={
        "AuthMethod": "AUTH_REQUEST WHITELIST",
        "CdrDimensionType": "ENERGY FLAT MAX_CURRENT MIN_CURRENT PARKING_TIME TIME",
        "CommandResponseType": "NOT_SUPPORTED REJECTED ACCEPTED TIMEOUT UNKNOWN_SESSION",
        "CommandType": "RESERVE_NOW START_SESSION STOP_SESSION UNLOCK_CONNECTOR",
        "Capability": """
            CHARGING_PROFILE_CAPABLE CREDIT_CARD_PAYABLE REMOTE_START_STOP_CAPABLE RESERVABLE RFID_READER
            UNLOCK_CAPABLE""",
        "ConnectorFormat": "SOCKET CABLE",
        "ConnectorType": """
            CHADEMO DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G
            DOMESTIC_H DOMESTIC_I DOMESTIC_J DOMESTIC_K DOMESTIC_L IEC_62196_T1 IEC_62196_T1_COMBO
            IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A IEC_62196_T3C TESLA_R TESLA_S""",
        "EnergySourceCategory": "NUCLEAR GENERAL_FOSSIL COAL GAS GENERAL_GREEN SOLAR WIND WATER",
        "EnvironmentalImpactCategory": "NUCLEAR_WASTE CARBON_DIOXIDE",
        "Facility": """
            HOTEL RESTAURANT CAFE MALL SUPERMARKET SPORT RECREATION_AREA NATURE MUSEUM BUS_STOP
            TAXI_STAND TRAIN_STATION AIRPORT CARPOOL_PARKING FUEL_STATION WIFI""",
        "ImageCategory": "CHARGER ENTRANCE LOCATION NETWORK OPERATOR OTHER OWNER",
        "LocationType": "ON_STREET PARKING_GARAGE UNDERGROUND_GARAGE PARKING_LOT OTHER UNKNOWN",
        "ParkingRestriction": "EV_ONLY PLUGGED DISABLED CUSTOMERS MOTORCYCLES",
        "PowerType": "AC_1_PHASE AC_3_PHASE DC",
        "Status": "AVAILABLE BLOCKED CHARGING INOPERATIVE OUTOFORDER PLANNED REMOVED RESERVED UNKNOWN",
        "DayOfWeek": "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY",
        "TariffDimensionType": "ENERGY FLAT PARKING_TIME TIME",
        "Allowed": "ALLOWED BLOCKED EXPIRED NO_CREDIT NOT_ALLOWED",
        "TokenType": "OTHER RFID",
        "WhitelistType": "ALWAYS ALLOWED ALLOWED_OFFLINE NEVER",
        "SessionStatus": "ACTIVE COMPLETED INVALID PENDING",
    },
)

"""Field tables of OCPI 2.2.1, second edition: locations (chapter 8) and the types that they use."""

from __future__ import annotations

from hardening.ocpi.fields import Fragment

LOCATIONS = Fragment(
    classes={
        "Location": """
            country_code CiString(2) 1; party_id CiString(3) 1; id CiString(36) 1; publish boolean 1;
            publish_allowed_to PublishTokenType *; name string(255) ?; address string(45) 1;
            city string(45) 1; postal_code string(10) ?; state string(20) ?; country string(3) 1;
            coordinates GeoLocation 1; related_locations AdditionalGeoLocation *;
            parking_type ParkingType ?; evses EVSE *; directions DisplayText *;
            operator BusinessDetails ?; suboperator BusinessDetails ?; owner BusinessDetails ?;
            facilities Facility *; time_zone string(255) 1; opening_times Hours ?;
            charging_when_closed boolean ?; images Image *; energy_mix EnergyMix ?;
            last_updated DateTime 1""",
        "EVSE": """
            uid CiString(36) 1; evse_id CiString(48) ?; status Status 1; status_schedule StatusSchedule *;
            capabilities Capability *; connectors Connector +; floor_level string(4) ?;
            coordinates GeoLocation ?; physical_reference string(16) ?; directions DisplayText *;
            parking_restrictions ParkingRestriction *; images Image *; last_updated DateTime 1""",
        "Connector": """
            id CiString(36) 1; standard ConnectorType 1; format ConnectorFormat 1; power_type PowerType 1;
            max_voltage int 1; max_amperage int 1; max_electric_power int ?; tariff_ids CiString(36) *;
            terms_and_conditions URL ?; last_updated DateTime 1""",
        "AdditionalGeoLocation": "latitude Latitude(10) 1; longitude Longitude(11) 1; name DisplayText ?",
        "BusinessDetails": "name string(100) 1; website URL ?; logo Image ?",
        "EnergyMix": """
            is_green_energy boolean 1; energy_sources EnergySource *;
            environ_impact EnvironmentalImpact *; supplier_name string(64) ?;
            energy_product_name string(64) ?""",
        "EnergySource": "source EnergySourceCategory 1; percentage number 1",
        "EnvironmentalImpact": "category EnvironmentalImpactCategory 1; amount number 1",
        "ExceptionalPeriod": "period_begin DateTime 1; period_end DateTime 1",
        "GeoLocation": "latitude Latitude(10) 1; longitude Longitude(11) 1",
        "Hours": """
            twentyfourseven boolean 1; regular_hours RegularHours *;
            exceptional_openings ExceptionalPeriod *; exceptional_closings ExceptionalPeriod *""",
        "Image": """
            url URL 1; thumbnail URL ?; category ImageCategory 1; type CiString(4) 1; width int(5) ?;
            height int(5) ?""",
        "PublishTokenType": """
            uid CiString(36) ?; type TokenType ?; visual_number string(64) ?; issuer string(64) ?;
            group_id CiString(36) ?""",
        "RegularHours": "weekday Weekday 1; period_begin ClockTime(5) 1; period_end ClockTime(5) 1",
        "StatusSchedule": "period_begin DateTime 1; period_end DateTime ?; status Status 1",
        "DisplayText": "language string(2) 1; text string(512) 1",
    },
    enums={
        "Capability": """
            CHARGING_PROFILE_CAPABLE CHARGING_PREFERENCES_CAPABLE CHIP_CARD_SUPPORT
            CONTACTLESS_CARD_SUPPORT CREDIT_CARD_PAYABLE DEBIT_CARD_PAYABLE PED_TERMINAL
            REMOTE_START_STOP_CAPABLE RESERVABLE RFID_READER START_SESSION_CONNECTOR_REQUIRED
            TOKEN_GROUP_CAPABLE UNLOCK_CAPABLE""",
        "ConnectorFormat": "SOCKET CABLE",
        "ConnectorType": """
            CHADEMO CHAOJI DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G
            DOMESTIC_H DOMESTIC_I DOMESTIC_J DOMESTIC_K DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O
            GBT_AC GBT_DC IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A
            IEC_62196_T3C NEMA_5_20 NEMA_6_30 NEMA_6_50 NEMA_10_30 NEMA_10_50 NEMA_14_30 NEMA_14_50
            PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN TESLA_R TESLA_S""",
        "EnergySourceCategory": "NUCLEAR GENERAL_FOSSIL COAL GAS GENERAL_GREEN SOLAR WIND WATER",
        "EnvironmentalImpactCategory": "NUCLEAR_WASTE CARBON_DIOXIDE",
        "Facility": """
            HOTEL RESTAURANT CAFE MALL SUPERMARKET SPORT RECREATION_AREA NATURE MUSEUM BIKE_SHARING
            BUS_STOP TAXI_STAND TRAM_STOP METRO_STATION TRAIN_STATION AIRPORT PARKING_LOT CARPOOL_PARKING
            FUEL_STATION WIFI""",
        "ImageCategory": "CHARGER ENTRANCE LOCATION NETWORK OPERATOR OTHER OWNER",
        "ParkingRestriction": "EV_ONLY PLUGGED DISABLED CUSTOMERS MOTORCYCLES",
        "ParkingType": """
            ALONG_MOTORWAY PARKING_GARAGE PARKING_LOT ON_DRIVEWAY ON_STREET UNDERGROUND_GARAGE""",
        "PowerType": "AC_1_PHASE AC_2_PHASE AC_2_PHASE_SPLIT AC_3_PHASE DC",
        "Status": "AVAILABLE BLOCKED CHARGING INOPERATIVE OUTOFORDER PLANNED REMOVED RESERVED UNKNOWN",
    },
)

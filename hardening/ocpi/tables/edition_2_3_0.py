"""What OCPI 2.3.0 changes in 2.2.1, and its packages: payments, bookings, invoice reconciliation."""

from __future__ import annotations

from hardening.ocpi.fields import Fragment

CORE = Fragment(
    classes={
        "Credentials": "hub_party_id CiString(5) ?",
        "Location": "parking_places Parking *; help_phone CiString(25) ?",
        "EVSE": "parking EVSEParking *; accepted_service_providers string(50) *",
        "Connector": "capabilities ConnectorCapability *",
        "Parking": """
            id CiString(36) 1; physical_reference string(12) ?; vehicle_types VehicleType +;
            max_vehicle_weight number ?; max_vehicle_height number ?; max_vehicle_length number ?;
            max_vehicle_width number ?; parking_space_length number ?; parking_space_width number ?;
            dangerous_goods_allowed boolean ?; direction ParkingDirection ?; drive_through boolean ?;
            restricted_to_type boolean 1; reservation_required boolean 1; time_limit number ?;
            roofed boolean ?; images Image *; lighting boolean ?; refrigeration_outlet boolean ?;
            standards CiString(36) *; apds_reference CiString ?""",
        "EVSEParking": "parking_id CiString(36) 1; evse_position EVSEPosition ?",
        "Tariff": "min_price PriceLimit ?; max_price PriceLimit ?; tax_included TaxIncluded 1",
        "PriceLimit": "before_taxes=excl_vat number 1; after_taxes=incl_vat number ?",
        "Price": "before_taxes=excl_vat number 1; taxes TaxAmount *; -excl_vat; -incl_vat",
        "TaxAmount": "name string 1; account_number string ?; percentage number ?; amount number 1",
    },
    enums={
        "CommandType": "open",
        "Capability": "open",
        "ConnectorCapability": "open ISO_15118_2_PLUG_AND_CHARGE ISO_15118_20_PLUG_AND_CHARGE",
        "ConnectorType": "open +MCS +SAE_J3400",
        "EnvironmentalImpactCategory": "open",
        "EVSEPosition": "LEFT RIGHT CENTER",
        "Facility": "open",
        "ImageCategory": "open",
        "ParkingDirection": "PARALLEL PERPENDICULAR ANGLE",
        "ParkingRestriction": "open +EMPLOYEES +TAXIS +TENANTS",
        "ParkingType": "open",
        "VehicleType": """
            open MOTORCYCLE PERSONAL_VEHICLE PERSONAL_VEHICLE_WITH_TRAILER VAN SEMI_TRACTOR RIGID
            TRUCK_WITH_TRAILER BUS DISABLED""",
        "TaxIncluded": "YES NO N/A",
        "TokenType": "open +EMAID",
        "Role": "-HUB",
    },
)

# payments (chapter 17): in the first edition, later a package of its own
PAYMENTS = Fragment(
    classes={
        "Terminal": """
            terminal_id CiString(36) 1; customer_reference CiString(36) ?; party_id CiString(3) ?;
            country_code CiString(2) ?; address CiString(45) ?; city CiString(45) ?;
            postal_code CiString(10) ?; state CiString(20) ?; country CiString(3) ?;
            coordinates GeoLocation ?; invoice_base_url URL ?; invoice_creator InvoiceCreator ?;
            reference CiString(36) ?; location_ids CiString(36) *; evse_uids CiString(36) *;
            last_updated DateTime 1""",
        "FinancialAdviceConfirmation": """
            id CiString(36) 1; authorization_reference CiString(36) 1; total_costs Price 1;
            currency CiString(3) 1; eft_data CiString(255) +; capture_status_code CaptureStatusCode 1;
            capture_status_message CiString(255) ?; last_updated DateTime 1""",
        "Tariff": "preauthorize_amount number ?",
    },
    enums={
        "InvoiceCreator": "CPO PTP",
        "CaptureStatusCode": "SUCCESS PARTIAL_SUCCESS FAILED",
        "Role": "+PTP",
    },
)

# bookings 1.1
BOOKINGS = Fragment(
    classes={
        "Booking": """
            id CiString(36) 1; country_code CiString(2) 1; party_id CiString(3) 1;
            request_id CiString(36) 1; booking_option BookingOption ?; location_id CiString(36) 1;
            booking_tokens BookingToken *; tariff_ids CiString(36) *; period Timeslot 1;
            reservation_status ReservationStatus 1; canceled Cancellation ?;
            access_information AccessInformation *; authorization_reference CiString(36) 1;
            booking_terms BookingTerms 1; booking_requests BookingRequestStatus +;
            last_updated DateTime 1""",
        "BookingLocation": """
            country_code CiString(2) 1; party_id CiString(3) 1; id CiString(36) 1;
            location_id CiString(36) 1; booking_option BookingOption ?; policy Policy ?;
            tariff_ids CiString(36) *; booking_terms BookingTerms ?; calendars Calendar *;
            last_updated DateTime 1""",
        "Calendar": """
            id CiString(36) 1; begin_from DateTime 1; end_before DateTime 1; timeslot_increment int ?;
            available_timeslots Timeslot +; last_updated DateTime 1""",
        "AccessInformation": "method AccessMethod 1; value string ?",
        "BookingOption": """
            evse_uid CiString(36) ?; connector_id CiString(36) ?; parking_id CiString(36) ?;
            evse_position EVSEPosition *; vehicle_types VehicleType *; connector_format ConnectorFormat *;
            connector_types ConnectorType *; power_types PowerType *; max_vehicle_weight number ?;
            max_vehicle_height number ?; max_vehicle_length number ?; max_vehicle_width number ?;
            min_parking_space_length number ?; min_parking_space_width number ?;
            dangerous_goods_allowed boolean ?; drive_through boolean ?; refrigeration_outlet boolean ?""",
        "BookingRequest": """
            country_code CiString(2) 1; party_id CiString(3) 1; request_id CiString(36) 1;
            booking_option BookingOption ?; location_id CiString(36) 1;
            booking_location_id CiString(36) 1; tokens BookingToken *;
            access_information AccessInformation *; period Period 1;
            authorization_reference CiString(36) 1; power_required int ?; canceled Cancellation ?""",
        "BookingRequestStatus": """
            request_status ReservationRequestStatus 1; booking_request BookingRequest 1;
            request_received DateTime 1""",
        "BookingTerms": """
            rfid_auth_required boolean ?; token_groups_supported boolean ?;
            remote_auth_supported boolean ?; supported_access_methods AccessMethod +;
            change_until_minutes number 1; cancel_until_minutes number 1; change_not_allowed boolean ?;
            early_start_allowed boolean ?; early_start_time number ?; noshow_timeout number ?;
            noshow_fee boolean ?; late_stop_allowed boolean ?; late_stop_time number ?;
            overlapping_bookings_allowed boolean ?; min_booking_duration number ?;
            max_booking_duration number ?; booking_terms URL ?""",
        "BookingToken": """
            country_code CiString(2) 1; party_id CiString(3) 1; uid CiString(36) 1; type TokenType 1;
            contract_id CiString(36) 1""",
        "Cancellation": "cancellation_reason CanceledReason 1; who_canceled Role 1",
        "Period": "start_date_time DateTime 1; end_date_time DateTime 1",
        "Policy": "reservation_required boolean 1; ad_hoc number ?",
        "Timeslot": """
            start_date_time DateTime 1; end_date_time DateTime 1; min_power number ?; max_power number ?;
            green_energy_support boolean ?""",
        "CDR": "booking_id CiString(36) ?",
        "TariffRestrictions": "booking BookingRestrictionType ?",
    },
    enums={
        "AccessMethod": "OPEN TOKEN LICENSE_PLATE ACCESS_CODE INTERCOM PARKING_TICKET",
        "CanceledReason": """
            POWER_OUTAGE BROKEN_CHARGER FULL BLOCKED TRAFFIC BROKEN_VEHICLE NO_CANCELED UNKNOWN""",
        "ReservationRequestStatus": "PENDING ACCEPTED DECLINED FAILED",
        "ReservationStatus": "PENDING RESERVED CANCELED FAILED NO_SHOW FULFILLED REJECTED UNKNOWN",
        "CdrDimensionType": "+RESERVATION_EXPIRES +RESERVATION_OVERTIME",
        "BookingRestrictionType": "BOOKING BOOKING_EXPIRES BOOKING_CANCELLATION_FEES BOOKING_OVERTIME",
    },
)

# The lengths that the 2.2.1 bugfix edition and the second edition of 2.3.0 widened.
LONGER = Fragment(
    classes={
        "SignedValue": "plain_data string(5000) 1",
        "Location": "address string(255) 1; state string(45) ?",
    },
)

# invoicereconciliation: since the second edition of 2.3.0
INVOICES = Fragment(
    classes={
        "InvoiceReconciliationRecord": """
            country_code CiString(2) 1; party_id CiString(3) 1; id CiString(36) 1;
            invoice_id CiString(255) 1; cdrs CiString(36) +; last_updated DateTime 1""",
    },
)

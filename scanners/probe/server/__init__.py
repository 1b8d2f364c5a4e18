"""The probe of an OCPI server that others run: discovery, authentication, paging, answers; by reads alone."""

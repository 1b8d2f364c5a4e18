"""What the OCPI service behind the guard must hold (docs/service-contract.md), tested on a running one."""

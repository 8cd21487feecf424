"""Any shop that sends its orders itself: our own JSON and signature (interfaces.md, "Custom connector")."""

from connectors.neutral import NeutralConnector

CONNECTOR = NeutralConnector(name="custom")

"""The demo shop. It speaks as a custom shop does; the shop itself (`shop*.py`) is a WSGI application of its own."""

from connectors.neutral import NeutralConnector

CONNECTOR = NeutralConnector(name="sandbox", lives_with_us=True)

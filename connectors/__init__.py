"""Every platform we know, by name. Adding one: README.md beside this file."""

from connectors import custom, sandbox, shopify, woocommerce
from connectors.contract import Connector

CONNECTORS: dict[str, Connector] = {
    "shopify": shopify.CONNECTOR,
    "woocommerce": woocommerce.CONNECTOR,
    "custom": custom.CONNECTOR,
    "sandbox": sandbox.CONNECTOR,
}

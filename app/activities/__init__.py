"""Activities: everything that earns and is not an order."""

"""The pure rules: what an order is worth in points. No database, no clock, no platform, no I/O."""

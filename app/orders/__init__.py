"""Orders: what is held of each, what is frozen when it is first seen, and what it earns."""

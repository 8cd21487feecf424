"""Platforms that are not here, played from their real shapes: what they accept, what they send, and how they fail."""

"""Tiers: where members stand, what entering one brings, and what time does to them."""

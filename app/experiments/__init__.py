"""Experiments: who was in which arm, counted without knowing anybody, and what the arms bought."""

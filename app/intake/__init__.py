"""Intake: deliveries accepted by the web, kept, and drained by the worker."""

"""The sandbox shop speaks as a custom shop does."""

from tests.payloads.custom import SAMPLES

__all__ = ["SAMPLES"]

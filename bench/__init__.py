"""Benchmarks: each hot path beside its anchor, interleaved in one run. Ratios count, rates are weather."""

"""Points as they are read, adjusted by hand, dated and explained; the books themselves are app/ledger."""

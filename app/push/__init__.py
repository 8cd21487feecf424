"""Messages on devices: browsers that asked for them, and how they are reached (Web Push, RFC 8030, 8291, 8292).

What is news is announced by the ledger and the tiers in their own transactions; a worker sends it.
"""

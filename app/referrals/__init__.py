"""Referrals: friends whom members bring."""

"""Rules that the calendar runs: who is due on a local day, and what they are given. Source: semantics 3."""

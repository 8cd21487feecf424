"""Rewards: what points are spent on, from the shelf to the code that an order carries."""

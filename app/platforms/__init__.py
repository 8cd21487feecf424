"""The shops' platforms: connecting them, and calling them.

connections   how each is called; sealed
installing    a merchant connects a shop by herself
"""

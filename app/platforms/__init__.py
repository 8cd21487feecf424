"""The shops' platforms: connecting them, and calling them.

connections   how each is called; sealed
installing    a merchant connects a shop by herself
entering      … or comes in through the platform's own admin
tokens        credentials that end, renewed
hooks         webhooks that are missing or off, mended
reading       orders read at the platform: what heals lost and old deliveries
comparing     once a night, every order with the platform's list
"""

"""People's privacy, as platforms ask for it: what is known of somebody, and forgetting somebody, or a whole shop.

A request is noted by the transaction that settles its delivery, and carried out by a worker within seconds; the law
gives 30 days. The record of it stays: what was asked, when, and what became of it.
"""

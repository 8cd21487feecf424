"""The outbox: what has to happen outside, once, and never at the cost of what caused it.

    waiting ──done──▶ done
       │ ├──────────▶ refused   the platform said no: the cause is undone
       │ └──────────▶ failed    nobody answered for days, or nobody knows what happened: a merchant looks
       └◀──retry───── failed

An effect is written in the transaction of its cause (`rows.put`) and carried out by a worker (`working`), which knows
effects by their kind alone. Effects of one subject happen in the order they were put.
"""

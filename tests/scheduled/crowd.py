"""Many members at once, put into PostgreSQL by its own means; for plans of statements and for benchmarks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

# Every 365th member has a birthday on a day, joined and first ordered on one; last orders lie in the past 1,000 days.
_FILL = (
    """
    INSERT INTO members (shop_id, id, claimed, tags, customer_groups, enrolled_at,
                         birthday, birthday_day, birthday_set_at)
    SELECT :shop, 'm_' || lpad(to_hex(n), 20, '0'), true, '[]', '[]', joined,
           birthday, extract(month FROM birthday) * 100 + extract(day FROM birthday), joined
    FROM (SELECT n, CAST(:now AS timestamptz) - (n % 2000 + 40) * interval '1 day' AS joined,
                 date '1980-01-01' + n % 3650 AS birthday FROM generate_series(1, :count) n) AS crowd
    """,
    """
    INSERT INTO balances (shop_id, member_id) SELECT shop_id, id FROM members WHERE shop_id = :shop
    """,
    """
    INSERT INTO rhythms (shop_id, member_id, first_order_at, last_order_at, orders, gap_days, last_visit_at)
    SELECT :shop, 'm_' || lpad(to_hex(n), 20, '0'), last - (n % 900 + 90) * interval '1 day', last, 4,
           (n % 900 + 90) / 3, last + interval '1 hour'
    FROM (SELECT n, CAST(:now AS timestamptz) - (n % 1000) * interval '1 day' - n % 86400 * interval '1 second' AS last
          FROM generate_series(1, :count) n) AS crowd
    """,
    """
    INSERT INTO streaks (shop_id, measure, member_id, since, until)
    SELECT :shop, 'visit:day', 'm_' || lpad(to_hex(n), 20, '0'), :today - n % 500 - 1, :today - n % 500 + n % 7
    FROM generate_series(1, :count) n
    """,
    """
    INSERT INTO orders (shop_id, id, held, placed_at, member_id, version, context, state, target, takes, spend, counts,
                        lines, explanation, flags)
    SELECT :shop, 'o' || n, '{}', CAST(:now AS timestamptz) - (n % 1000) * interval '1 day',
           'm_' || lpad(to_hex(n), 20, '0'), 1, '{}', 'paid', 10, '[]', (n % 97)::text, true, '[]', '{}', '[]'
    FROM generate_series(1, :count) n
    """,
    """
    INSERT INTO activities (shop_id, id, member_id, kind, at, state, takes, explanation)
    SELECT :shop, 'a' || n, 'm_' || lpad(to_hex(n), 20, '0'),
           CASE n % 40 WHEN 0 THEN 'referral' ELSE 'site_visit' END,
           CAST(:now AS timestamptz) - (n % 1000) * interval '1 day', 'awarded', '[]', '{}'
    FROM generate_series(1, :count) n
    """,
)


def fill(connection: Connection, shop_id: str, now: datetime, count: int) -> None:
    """Put so many members with orders, visits and birthdays into a shop."""
    values = {"shop": shop_id, "now": now, "count": count, "today": now.date().toordinal()}
    for statement in _FILL:
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.execute(text(statement), used)


def analyse(connection: Connection) -> None:
    connection.execute(text("ANALYZE"))

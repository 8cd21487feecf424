"""Scheduled rules: members' rhythms, how far each rule has run, placings, boosters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0022_schedules"
down_revision = "0021_tiers"

HAS_BIRTHDAY = sa.text("birthday_day IS NOT NULL")
HAS_GAP = sa.text("gap_days IS NOT NULL")
HAS_VISIT = sa.text("last_visit_at IS NOT NULL")
UNUSED = sa.text("used_by IS NULL")


def upgrade() -> None:
    _members()
    _rhythms()
    _runs()
    _boosters()
    op.create_index("ix_activities_kind", "activities", ["shop_id", "kind", "at"], unique=False)
    _fill()
    _append_only()


def _members() -> None:
    op.add_column("members", sa.Column("birthday_day", sa.Integer(), nullable=True))
    op.add_column("members", sa.Column("birthday_set_at", Moment(), nullable=True))
    op.add_column("members", sa.Column("birthday_changed_at", Moment(), nullable=True))
    _index("ix_members_birthday", "members", ["shop_id", "birthday_day", "id"], HAS_BIRTHDAY)
    op.create_index("ix_members_enrolled", "members", ["shop_id", "enrolled_at", "id"], unique=False)


def _rhythms() -> None:
    op.create_table(
        "rhythms",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("first_order_at", Moment(), nullable=True),
        sa.Column("last_order_at", Moment(), nullable=True),
        sa.Column("orders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gap_days", sa.Integer(), nullable=True),
        sa.Column("last_visit_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "member_id", name=op.f("pk_rhythms")),
    )
    op.create_index("ix_rhythms_first", "rhythms", ["shop_id", "first_order_at", "member_id"], unique=False)
    op.create_index("ix_rhythms_last", "rhythms", ["shop_id", "last_order_at", "member_id"], unique=False)
    _index("ix_rhythms_gap", "rhythms", ["shop_id", "gap_days", "last_order_at", "member_id"], HAS_GAP)
    _index("ix_rhythms_visit", "rhythms", ["shop_id", "last_visit_at", "member_id"], HAS_VISIT)
    op.create_table(
        "streaks",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "measure", "member_id", "since", name=op.f("pk_streaks")),
    )
    columns = ["shop_id", "measure", "since", "until", "member_id"]
    op.create_index("ix_streaks_due", "streaks", columns, unique=False)


def _runs() -> None:
    op.create_table(
        "schedule_runs",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("next_day", sa.Date(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "rule", name=op.f("pk_schedule_runs")),
    )
    op.create_table(
        "placings",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("among", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "rule", "period", "member_id", name=op.f("pk_placings")),
    )
    columns = ["shop_id", "rule", "period", "place", "member_id"]
    op.create_index("ix_placings_place", "placings", columns, unique=False)


def _boosters() -> None:
    op.create_table(
        "boosters",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("multiplier", sa.Text(), nullable=False),
        sa.Column("valid_from", Moment(), nullable=False),
        sa.Column("valid_until", Moment(), nullable=False),
        sa.Column("used_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_boosters")),
    )
    _index("ix_boosters_unused", "boosters", ["shop_id", "member_id"], UNUSED)


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=False, postgresql_where=where, sqlite_where=where)


def _fill() -> None:
    """Write down the rhythms that orders so far show, and the days of birthdays known."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    days = "julianday(max(placed_at)) - julianday(min(placed_at))"
    whole = f"CAST(({days} + 1e-9) / (count(*) - 1) AS INTEGER)"
    if not sqlite:
        whole = "floor(extract(epoch FROM max(placed_at) - min(placed_at)) / 86400 / (count(*) - 1))"
    op.execute(
        "INSERT INTO rhythms (shop_id, member_id, first_order_at, last_order_at, orders, gap_days) "  # noqa: S608 (our own words)
        "SELECT shop_id, member_id, min(placed_at), max(placed_at), count(*), "
        f"CASE WHEN count(*) >= 3 THEN {whole} END "
        f"FROM orders WHERE counts = {'1' if sqlite else 'true'} AND member_id IS NOT NULL AND placed_at IS NOT NULL "
        "GROUP BY shop_id, member_id"
    )
    day = "CAST(strftime('%m%d', birthday) AS INTEGER)"
    if not sqlite:
        day = "extract(month FROM birthday) * 100 + extract(day FROM birthday)"
    op.execute(f"UPDATE members SET birthday_day = {day}, birthday_set_at = enrolled_at WHERE birthday IS NOT NULL")  # noqa: S608 (our own words)


def _append_only() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER placings_no_{verb.lower()} BEFORE {verb} ON placings "
                "BEGIN SELECT RAISE(ABORT, 'placings is append-only'); END"
            )
        return
    if bind.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'citus'").first():
        return
    op.execute(
        "CREATE TRIGGER placings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON placings "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_index("ix_activities_kind", "activities")
    for table in ("boosters", "placings", "schedule_runs", "streaks", "rhythms"):
        op.drop_table(table)
    op.drop_index("ix_members_enrolled", "members")
    op.drop_index("ix_members_birthday", "members")
    for column in ("birthday_changed_at", "birthday_set_at", "birthday_day"):
        op.drop_column("members", column)

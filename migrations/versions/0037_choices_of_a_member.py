"""How often a member has changed settings, found in the journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037_choices_of_a_member"
down_revision = "0036_push_subscriptions"

CHOSEN = sa.text("kind = 'choices'")


def upgrade() -> None:
    columns = ["shop_id", "subject", "seq"]
    op.create_index("ix_facts_choices", "facts", columns, postgresql_where=CHOSEN, sqlite_where=CHOSEN)


def downgrade() -> None:
    op.drop_index("ix_facts_choices", "facts")

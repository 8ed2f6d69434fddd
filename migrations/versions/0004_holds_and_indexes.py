"""A hold on an adult's file; and the lookups that walked whole tables: who decided, who signed, what amends what."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXES = (
    ("agreement", "amends_id"),
    ("agreement_party", "guardian_id"),
    ("agreement_party", "user_id"),
    ("journal_entry", "user_id"),
    ("placement_proposal", "decided_by_id"),
)


def upgrade() -> None:
    for table, column in _INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    with op.batch_alter_table("retention_hold", schema=None) as batch_op:
        batch_op.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        batch_op.alter_column("student_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_index(batch_op.f("ix_retention_hold_user_id"), ["user_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_retention_hold_user_id_user"), "user", ["user_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_retention_hold_about_one"), "(student_id IS NULL) <> (user_id IS NULL)"
        )


def downgrade() -> None:
    op.execute("DELETE FROM retention_hold WHERE student_id IS NULL")
    with op.batch_alter_table("retention_hold", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_retention_hold_about_one"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_retention_hold_user_id_user"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_retention_hold_user_id"))
        batch_op.alter_column("student_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("user_id")
    for table, column in reversed(_INDEXES):
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)

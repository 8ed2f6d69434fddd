"""From the decision to the signed convention, the stage, and what is said of it; class lists; hours day by day."""

from datetime import time

import sqlalchemy as sa
from alembic import op

from app.kernel.database import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OFFERS = sa.table(
    "placement_offer",
    sa.column("id", sa.Integer),
    sa.column("schedule", sa.JSON),
    sa.column("starts_at", sa.Time),
    sa.column("lunch_starts_at", sa.Time),
    sa.column("lunch_ends_at", sa.Time),
    sa.column("ends_at", sa.Time),
    sa.column("days", sa.String),
)
_DAYS = {"lun": "mon", "mar": "tue", "mer": "wed", "jeu": "thu", "ven": "fri", "sam": "sat"}


# Table, check, what it says from now on, what it said in 0001, and how a row that 0001 knows not comes back to it.
_CHECKS = (
    (
        "host_organization",
        "ess_family",
        "family IN ('association', 'cooperative', 'mutuelle', 'fondation', 'societe_commerciale', 'public', 'other')",
        "family IN ('association', 'cooperative', 'mutuelle', 'fondation', 'societe_commerciale', 'public')",
        "UPDATE host_organization SET family = 'association' WHERE family = 'other'",
    ),
    (
        "outbox_message",
        "delivery_state",
        "state IN ('held', 'queued', 'sending', 'handed', 'sent', 'uncertain', 'failed', 'grouped')",
        "state IN ('queued', 'sending', 'handed', 'sent', 'uncertain', 'failed')",
        "UPDATE outbox_message SET state = CASE state WHEN 'held' THEN 'queued' ELSE 'sent' END"
        " WHERE state IN ('held', 'grouped')",
    ),
    (
        "placement_offer",
        "offer_state",
        "state IN ('draft', 'submitted', 'sent_back', 'published', 'suspended', 'closed', 'private')",
        "state IN ('draft', 'submitted', 'sent_back', 'published', 'suspended', 'closed')",
        "UPDATE placement_offer SET state = 'closed' WHERE state = 'private'",
    ),
    (
        "slot",
        "capacity",
        "capacity BETWEEN 0 AND 30",
        "capacity BETWEEN 1 AND 30",
        "UPDATE slot SET capacity = 1 WHERE capacity = 0",
    ),
)


def _widen_checks() -> None:
    for table, name, now, _before, _repair in _CHECKS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), now)


def _narrow_checks() -> None:
    for table, name, _now, before, repair in _CHECKS:
        op.execute(repair)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), before)


def _hours_day_by_day() -> None:
    """The same hours on each day, as 0001 held them, written on each day of the week."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(_OFFERS)).all():
        morning = [f"{row.starts_at:%H:%M}", f"{row.lunch_starts_at:%H:%M}"]
        afternoon = [f"{row.lunch_ends_at:%H:%M}", f"{row.ends_at:%H:%M}"]
        pieces = [morning, afternoon] if row.lunch_starts_at < row.lunch_ends_at else [[morning[0], afternoon[1]]]
        schedule = {_DAYS[day]: pieces for day in row.days.split(",") if day in _DAYS}
        connection.execute(sa.update(_OFFERS).where(_OFFERS.c.id == row.id).values(schedule=schedule))


def _hours_every_day() -> None:
    """Back to one pattern: that of the first day."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(_OFFERS)).all():
        pieces = next(iter(row.schedule.values()), [["09:00", "12:00"], ["13:00", "16:00"]])
        ends = [pieces[0][0], pieces[0][1], pieces[-1][0] if len(pieces) > 1 else pieces[0][1], pieces[-1][1]]
        starts_at, lunch_starts_at, lunch_ends_at, ends_at = (time.fromisoformat(value) for value in ends)
        values = {
            "starts_at": starts_at,
            "lunch_starts_at": lunch_starts_at,
            "lunch_ends_at": lunch_ends_at,
            "ends_at": ends_at,
            "days": ",".join(french for french, english in _DAYS.items() if english in row.schedule),
        }
        connection.execute(sa.update(_OFFERS).where(_OFFERS.c.id == row.id).values(values))


def upgrade() -> None:
    _widen_checks()
    op.create_table(
        "stored_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_stored_document_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_document")),
    )
    with op.batch_alter_table("stored_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_document_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_document_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "matcher_weights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "studying",
                "proposed",
                "held",
                "in_use",
                "retired",
                "failed",
                name="weights_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("lesson", sa.JSON(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("released_at", Moment(), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_matcher_weights_by_id_user")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_matcher_weights_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["released_by_id"], ["user.id"], name=op.f("fk_matcher_weights_released_by_id_user")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_matcher_weights_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matcher_weights")),
        sa.UniqueConstraint("request_key", name=op.f("uq_matcher_weights_request_key")),
        sa.UniqueConstraint("territory_id", "version", name=op.f("uq_matcher_weights_territory_id_version")),
    )
    with op.batch_alter_table("matcher_weights", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matcher_weights_territory_id"), ["territory_id"], unique=False)
        batch_op.create_index(
            "uq_matcher_weights_in_use",
            ["territory_id"],
            unique=True,
            sqlite_where=sa.text("state = 'in_use'"),
            postgresql_where=sa.text("state = 'in_use'"),
        )

    op.create_table(
        "roster_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("roster", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("applied_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_roster_import_by_id_user"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_roster_import_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_roster_import_school_id_school"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_roster_import_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
    )
    with op.batch_alter_table("roster_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_import_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_import_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_import_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "run_record",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("market", sa.LargeBinary(), nullable=False),
        sa.Column("solution", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["matching_run.id"], name=op.f("fk_run_record_run_id_matching_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_record")),
    )
    op.create_table(
        "signing_delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("head_user_id", sa.Integer(), nullable=False),
        sa.Column("delegate_user_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_signing_delegation_days_in_order")),
        sa.ForeignKeyConstraint(
            ["delegate_user_id"], ["user.id"], name=op.f("fk_signing_delegation_delegate_user_id_user")
        ),
        sa.ForeignKeyConstraint(["head_user_id"], ["user.id"], name=op.f("fk_signing_delegation_head_user_id_user")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_signing_delegation_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_delegation")),
    )
    with op.batch_alter_table("signing_delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_delegation_delegate_user_id"), ["delegate_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_signing_delegation_school_id"), ["school_id"], unique=False)

    op.create_table(
        "agreement_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("opens", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.JSON(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_agreement_batch_asked_by_id_user")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_agreement_batch_class_id_school_class"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_agreement_batch_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_batch")),
    )
    with op.batch_alter_table("agreement_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_batch_class_id"), ["class_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_batch_finished_at"), ["finished_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_batch_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("amends_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("template_version", sa.String(length=40), nullable=False),
        sa.Column("both_guardians", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "signed",
                "void",
                name="agreement_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("content_digest", sa.String(length=64), nullable=True),
        sa.Column("pdf_id", sa.Integer(), nullable=True),
        sa.Column("signed_pdf_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=True),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("voided_at", Moment(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("state <> 'signed' OR signed_at IS NOT NULL", name=op.f("ck_agreement_signed_has_date")),
        sa.CheckConstraint(
            "state IN ('draft', 'void') OR content_digest IS NOT NULL", name=op.f("ck_agreement_open_has_digest")
        ),
        sa.ForeignKeyConstraint(["amends_id"], ["agreement.id"], name=op.f("fk_agreement_amends_id_agreement")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_agreement_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["pdf_id"], ["stored_document.id"], name=op.f("fk_agreement_pdf_id_stored_document")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_agreement_school_id_school")),
        sa.ForeignKeyConstraint(
            ["signed_pdf_id"], ["stored_document.id"], name=op.f("fk_agreement_signed_pdf_id_stored_document")
        ),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_agreement_student_id_student")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_agreement_territory_id_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("reference", name=op.f("uq_agreement_reference")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_student_id"), ["student_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_territory_id"), ["territory_id"], unique=False)
        batch_op.create_index(
            "uq_agreement_live",
            ["student_id", "campaign_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'void' AND amends_id IS NULL"),
            postgresql_where=sa.text("state <> 'void' AND amends_id IS NULL"),
        )

    op.create_table(
        "fit_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("fit BETWEEN 1 AND 5", name=op.f("ck_fit_feedback_fit")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_fit_feedback_by_id_user")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["placement_offer.id"], name=op.f("fk_fit_feedback_offer_id_placement_offer")
        ),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_fit_feedback_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fit_feedback")),
        sa.UniqueConstraint("student_id", "offer_id", "by_id", name=op.f("uq_fit_feedback_student_id_offer_id_by_id")),
    )
    with op.batch_alter_table("fit_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fit_feedback_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fit_feedback_student_id"), ["student_id"], unique=False)

    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("reported_at", Moment(), nullable=False),
        sa.Column("arrived_at", Moment(), nullable=True),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_absence_placement_id_placement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["reported_by_id"], ["user.id"], name=op.f("fk_absence_reported_by_id_user")),
        sa.ForeignKeyConstraint(["seen_by_id"], ["user.id"], name=op.f("fk_absence_seen_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("placement_id", "day", name=op.f("uq_absence_placement_id_day")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_placement_id"), ["placement_id"], unique=False)

    op.create_table(
        "accident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(length=40), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("reported_at", Moment(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("happened_at", sa.Time(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("circumstances", sa.Text(), nullable=False),
        sa.Column("present", sa.String(length=200), nullable=False),
        sa.Column("witnesses", sa.String(length=300), nullable=False),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", Moment(), nullable=True),
        sa.Column("declared_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_accident_placement_id_placement")),
        sa.ForeignKeyConstraint(["reported_by_id"], ["user.id"], name=op.f("fk_accident_reported_by_id_user")),
        sa.ForeignKeyConstraint(["seen_by_id"], ["user.id"], name=op.f("fk_accident_seen_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accident")),
        sa.UniqueConstraint("request_key", name=op.f("uq_accident_request_key")),
    )
    with op.batch_alter_table("accident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accident_placement_id"), ["placement_id"], unique=False)

    op.create_table(
        "agreement_host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_agreement_host_days_in_order")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f("fk_agreement_host_agreement_id_agreement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_agreement_host_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_host")),
        sa.UniqueConstraint("agreement_id", "placement_id", name=op.f("uq_agreement_host_agreement_id_placement_id")),
        sa.UniqueConstraint("agreement_id", "position", name=op.f("uq_agreement_host_agreement_id_position")),
    )
    with op.batch_alter_table("agreement_host", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_host_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_host_placement_id"), ["placement_id"], unique=False)

    op.create_table(
        "answer_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("host", "family", name="code_side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("serial", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_answer_code_placement_id_placement"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_answer_code_digest")),
        sa.UniqueConstraint("placement_id", "side", name=op.f("uq_answer_code_placement_id_side")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["stored_document.id"], name=op.f("fk_certificate_document_id_stored_document")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_certificate_placement_id_placement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_certificate_territory_id_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_certificate_placement_id")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "diary_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_diary_page_placement_id_placement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_diary_page_student_id_student"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diary_page")),
        sa.UniqueConstraint(
            "student_id", "placement_id", "number", name=op.f("uq_diary_page_student_id_placement_id_number")
        ),
    )
    with op.batch_alter_table("diary_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_diary_page_placement_id"), ["placement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_diary_page_student_id"), ["student_id"], unique=False)

    op.create_table(
        "feedback_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_feedback_request_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_request")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_feedback_request_placement_id")),
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("visit", "call", name="follow_up_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "done",
                "dropped",
                name="follow_up_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("state <> 'done' OR done_on IS NOT NULL", name=op.f("ck_follow_up_done_has_date")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_follow_up_placement_id_placement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_follow_up_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_placement_id"), ["placement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_follow_up_planned",
            ["placement_id"],
            unique=True,
            sqlite_where=sa.text("state = 'planned'"),
            postgresql_where=sa.text("state = 'planned'"),
        )

    op.create_table(
        "placement_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("host", "family", name="answer_side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "value",
            sa.Enum("none", "yes", "no", name="answer_value", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "medium",
            sa.Enum(
                "link",
                "code",
                "account",
                "paper",
                "phone",
                name="answer_medium",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("value <> 'none'", name=op.f("ck_placement_answer_says_something")),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["legal_guardian.id"],
            name=op.f("fk_placement_answer_guardian_id_legal_guardian"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_placement_answer_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_placement_answer_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_answer")),
    )
    with op.batch_alter_table("placement_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_answer_placement_id"), ["placement_id"], unique=False)

    op.create_table(
        "placement_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("host", "family", name="reminder_side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_placement_reminder_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_reminder")),
        sa.UniqueConstraint(
            "placement_id", "side", "number", name=op.f("uq_placement_reminder_placement_id_side_number")
        ),
    )
    op.create_table(
        "stage_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_stage_report_placement_id_placement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_stage_report_student_id_student"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_report")),
        sa.UniqueConstraint("student_id", "placement_id", name=op.f("uq_stage_report_student_id_placement_id")),
    )
    with op.batch_alter_table("stage_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_report_placement_id"), ["placement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stage_report_student_id"), ["student_id"], unique=False)

    op.create_table(
        "student_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("discovered", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column(
            "recommend",
            sa.Enum("yes", "maybe", "no", name="recommend", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("given_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("fit BETWEEN 1 AND 5", name=op.f("ck_student_feedback_fit")),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_student_feedback_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_student_feedback_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_feedback")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_student_feedback_placement_id")),
    )
    with op.batch_alter_table("student_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_student_feedback_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "talk_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("asked", "heard", name="talk_state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("reminded_at", Moment(), nullable=True),
        sa.Column("heard_at", Moment(), nullable=True),
        sa.Column("heard_by_id", sa.Integer(), nullable=True),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["heard_by_id"], ["user.id"], name=op.f("fk_talk_request_heard_by_id_user")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_talk_request_placement_id_placement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_talk_request_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_request")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_talk_request_placement_id")),
    )
    with op.batch_alter_table("talk_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_talk_request_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "tutor_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("observe", sa.Integer(), nullable=True),
        sa.Column("communicate", sa.Integer(), nullable=True),
        sa.Column("understand", sa.Integer(), nullable=True),
        sa.Column("engage", sa.Integer(), nullable=True),
        sa.Column("encouragement", sa.String(length=300), nullable=False),
        sa.Column(
            "again",
            sa.Enum("yes", "next_year", "no", name="host_again", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("given_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("communicate BETWEEN 1 AND 3", name=op.f("ck_tutor_feedback_communicate_level")),
        sa.CheckConstraint("engage BETWEEN 1 AND 3", name=op.f("ck_tutor_feedback_engage_level")),
        sa.CheckConstraint("observe BETWEEN 1 AND 3", name=op.f("ck_tutor_feedback_observe_level")),
        sa.CheckConstraint("understand BETWEEN 1 AND 3", name=op.f("ck_tutor_feedback_understand_level")),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_tutor_feedback_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_tutor_feedback_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tutor_feedback")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_tutor_feedback_placement_id")),
    )
    with op.batch_alter_table("tutor_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tutor_feedback_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "agreement_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "head",
                "host",
                "guardian",
                "student",
                "teacher",
                "tutor",
                name="party_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("on_behalf_of_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaited",
                "signed",
                "declined",
                "void",
                name="signature_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "medium",
            sa.Enum(
                "electronic", "paper", name="signature_medium", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("asked_at", Moment(), nullable=True),
        sa.Column("reminded_at", Moment(), nullable=True),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("signed_digest", sa.String(length=64), nullable=True),
        sa.Column("scan_id", sa.Integer(), nullable=True),
        sa.Column("decline_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "state <> 'signed' OR (signed_at IS NOT NULL AND signed_digest IS NOT NULL)",
            name=op.f("ck_agreement_party_signed_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f("fk_agreement_party_agreement_id_agreement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["legal_guardian.id"],
            name=op.f("fk_agreement_party_guardian_id_legal_guardian"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["host_id"],
            ["agreement_host.id"],
            name=op.f("fk_agreement_party_host_id_agreement_host"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of_id"],
            ["signing_delegation.id"],
            name=op.f("fk_agreement_party_on_behalf_of_id_signing_delegation"),
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["stored_document.id"], name=op.f("fk_agreement_party_scan_id_stored_document")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_agreement_party_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_party")),
        sa.UniqueConstraint("agreement_id", "position", name=op.f("uq_agreement_party_agreement_id_position")),
        sa.UniqueConstraint(
            "agreement_id",
            "role",
            "host_id",
            "guardian_id",
            name=op.f("uq_agreement_party_agreement_id_role_host_id_guardian_id"),
        ),
    )
    with op.batch_alter_table("agreement_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_party_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_party_state"), ["state"], unique=False)

    op.create_table(
        "signing_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("covers", sa.JSON(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "mail", "sms", "session", name="code_channel", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("code_digest", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("used_from", sa.JSON(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["agreement_party.id"],
            name=op.f("fk_signing_code_party_id_agreement_party"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_signing_code_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_code")),
    )
    with op.batch_alter_table("signing_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_code_party_id"), ["party_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_signing_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "signing_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_signing_evidence_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["agreement_party.id"], name=op.f("fk_signing_evidence_party_id_agreement_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_evidence")),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_signing_evidence_agreement_id_number")),
    )
    with op.batch_alter_table("signing_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_evidence_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "signing_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["agreement_party.id"],
            name=op.f("fk_signing_link_party_id_agreement_party"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_signing_link_token_digest")),
    )
    with op.batch_alter_table("signing_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_link_party_id"), ["party_id"], unique=False)

    with op.batch_alter_table("host_organization", schema=None) as batch_op:
        batch_op.add_column(sa.Column("representative_name", sa.String(length=120), server_default="", nullable=False))
        batch_op.add_column(sa.Column("representative_role", sa.String(length=120), server_default="", nullable=False))
        batch_op.add_column(sa.Column("representative_email", sa.String(length=254), server_default="", nullable=False))
        batch_op.add_column(sa.Column("insurer", sa.String(length=120), server_default="", nullable=False))
        batch_op.add_column(sa.Column("insurance_policy", sa.String(length=60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("serves_alcohol", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.alter_column("siren", existing_type=sa.VARCHAR(length=9), nullable=True)

    with op.batch_alter_table("host_site", schema=None) as batch_op:
        batch_op.alter_column("siret", existing_type=sa.VARCHAR(length=14), nullable=True)

    with op.batch_alter_table("legal_guardian", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone", sa.String(length=30), server_default="", nullable=False))
        batch_op.add_column(sa.Column("language", sa.String(length=12), server_default="fr", nullable=False))

    with op.batch_alter_table("matching_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("weights_version", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("url", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(sa.Column("language", sa.String(length=12), server_default="fr", nullable=False))
        batch_op.add_column(
            sa.Column(
                "pace",
                sa.Enum(
                    "asked", "now", "daily", name="message_pace", native_enum=False, create_constraint=True, length=40
                ),
                server_default="asked",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("daily_key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("digest_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_outbox_message_digest_id"), ["digest_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_outbox_message_daily_key"), ["daily_key"])
        batch_op.create_foreign_key(
            batch_op.f("fk_outbox_message_digest_id_outbox_message"), "outbox_message", ["digest_id"], ["id"]
        )

    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stop", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column(
                "origin",
                sa.Enum(
                    "matched", "found", name="placement_origin", native_enum=False, create_constraint=True, length=40
                ),
                server_default="matched",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "state",
                sa.Enum(
                    "to_verify",
                    "awaiting",
                    "confirmed",
                    "declined",
                    "refused",
                    "rejected",
                    "cancelled",
                    "under_way",
                    "completed",
                    "interrupted",
                    name="placement_state",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="awaiting",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("state_reason", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column(
                "host_answer",
                sa.Enum("none", "yes", "no", name="host_answer", native_enum=False, create_constraint=True, length=40),
                server_default="none",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("host_answered_at", Moment(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "family_answer",
                sa.Enum(
                    "none", "yes", "no", name="family_answer", native_enum=False, create_constraint=True, length=40
                ),
                server_default="none",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("family_answered_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("family_disputed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_constraint(batch_op.f("uq_placement_student_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_placement_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_student_id"), ["student_id"], unique=False)
        batch_op.create_index(
            "uq_placement_live",
            ["student_id", "stop"],
            unique=True,
            sqlite_where=sa.text("state IN ('awaiting', 'completed', 'confirmed', 'to_verify', 'under_way')"),
            postgresql_where=sa.text("state IN ('awaiting', 'completed', 'confirmed', 'to_verify', 'under_way')"),
        )

    with op.batch_alter_table("placement_offer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("schedule", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("tutor_email", sa.String(length=254), server_default="", nullable=False))
        batch_op.add_column(sa.Column("tutor_phone", sa.String(length=30), server_default="", nullable=False))

    _hours_day_by_day()
    with op.batch_alter_table("placement_offer", schema=None) as batch_op:
        batch_op.drop_column("ends_at")
        batch_op.drop_column("starts_at")
        batch_op.drop_column("days")
        batch_op.drop_column("lunch_starts_at")
        batch_op.drop_column("lunch_ends_at")

    with op.batch_alter_table("placement_proposal", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "motive",
                sa.Enum(
                    "interest",
                    "conditions",
                    "pupil_says_no",
                    "distance",
                    "dates",
                    "host",
                    "other",
                    name="refusal_motive",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                nullable=True,
            )
        )

    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone", sa.String(length=30), server_default="", nullable=False))
        batch_op.add_column(sa.Column("email", sa.String(length=254), server_default="", nullable=False))
        batch_op.add_column(sa.Column("board_approval_on", sa.Date(), nullable=True))

    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.add_column(sa.Column("birth_date", sa.Date(), nullable=True))

    with op.batch_alter_table("unplaced_student", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rule", sa.String(length=60), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("unplaced_student", schema=None) as batch_op:
        batch_op.drop_column("rule")

    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.drop_column("birth_date")

    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.drop_column("board_approval_on")
        batch_op.drop_column("email")
        batch_op.drop_column("phone")

    with op.batch_alter_table("placement_proposal", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_placement_proposal_refusal_motive"), type_="check")
        batch_op.drop_column("motive")

    with op.batch_alter_table("placement_offer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lunch_ends_at", sa.TIME(), server_default="13:00:00", nullable=False))
        batch_op.add_column(sa.Column("lunch_starts_at", sa.TIME(), server_default="12:00:00", nullable=False))
        batch_op.add_column(
            sa.Column("days", sa.VARCHAR(length=30), server_default="lun,mar,mer,jeu,ven", nullable=False)
        )
        batch_op.add_column(sa.Column("starts_at", sa.TIME(), server_default="09:00:00", nullable=False))
        batch_op.add_column(sa.Column("ends_at", sa.TIME(), server_default="16:00:00", nullable=False))

    _hours_every_day()
    with op.batch_alter_table("placement_offer", schema=None) as batch_op:
        batch_op.drop_column("tutor_phone")
        batch_op.drop_column("tutor_email")
        batch_op.drop_column("schedule")

    op.execute(
        "DELETE FROM placement WHERE stop > 0 OR state NOT IN ('awaiting', 'completed', 'confirmed', 'under_way')"
    )
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_placement_placement_origin"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_placement_placement_state"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_placement_host_answer"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_placement_family_answer"), type_="check")
        batch_op.drop_index(
            "uq_placement_live",
            sqlite_where=sa.text("state IN ('awaiting', 'completed', 'confirmed', 'to_verify', 'under_way')"),
            postgresql_where=sa.text("state IN ('awaiting', 'completed', 'confirmed', 'to_verify', 'under_way')"),
        )
        batch_op.drop_index(batch_op.f("ix_placement_student_id"))
        batch_op.drop_index(batch_op.f("ix_placement_state"))
        batch_op.create_unique_constraint(batch_op.f("uq_placement_student_id"), ["student_id"])
        batch_op.drop_column("family_disputed")
        batch_op.drop_column("family_answered_at")
        batch_op.drop_column("family_answer")
        batch_op.drop_column("host_answered_at")
        batch_op.drop_column("host_answer")
        batch_op.drop_column("state_reason")
        batch_op.drop_column("state")
        batch_op.drop_column("origin")
        batch_op.drop_column("stop")

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_outbox_message_message_pace"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_outbox_message_digest_id_outbox_message"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_outbox_message_daily_key"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_outbox_message_digest_id"))
        batch_op.drop_column("digest_id")
        batch_op.drop_column("daily_key")
        batch_op.drop_column("pace")
        batch_op.drop_column("language")
        batch_op.drop_column("url")

    with op.batch_alter_table("matching_run", schema=None) as batch_op:
        batch_op.drop_column("weights_version")

    with op.batch_alter_table("legal_guardian", schema=None) as batch_op:
        batch_op.drop_column("language")
        batch_op.drop_column("phone")

    op.execute("UPDATE host_site SET siret = CAST(99990000000000 + id AS VARCHAR(14)) WHERE siret IS NULL")
    with op.batch_alter_table("host_site", schema=None) as batch_op:
        batch_op.alter_column("siret", existing_type=sa.VARCHAR(length=14), nullable=False)

    op.execute("UPDATE host_organization SET siren = CAST(999900000 + id AS VARCHAR(14)) WHERE siren IS NULL")
    with op.batch_alter_table("host_organization", schema=None) as batch_op:
        batch_op.alter_column("siren", existing_type=sa.VARCHAR(length=9), nullable=False)
        batch_op.drop_column("serves_alcohol")
        batch_op.drop_column("insurance_policy")
        batch_op.drop_column("insurer")
        batch_op.drop_column("representative_email")
        batch_op.drop_column("representative_role")
        batch_op.drop_column("representative_name")

    with op.batch_alter_table("signing_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_link_party_id"))

    op.drop_table("signing_link")
    with op.batch_alter_table("signing_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_evidence_agreement_id"))

    op.drop_table("signing_evidence")
    with op.batch_alter_table("signing_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_code_user_id"))
        batch_op.drop_index(batch_op.f("ix_signing_code_party_id"))

    op.drop_table("signing_code")
    with op.batch_alter_table("agreement_party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_party_state"))
        batch_op.drop_index(batch_op.f("ix_agreement_party_agreement_id"))

    op.drop_table("agreement_party")
    with op.batch_alter_table("tutor_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tutor_feedback_territory_id"))

    op.drop_table("tutor_feedback")
    with op.batch_alter_table("talk_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_talk_request_territory_id"))

    op.drop_table("talk_request")
    with op.batch_alter_table("student_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_student_feedback_territory_id"))

    op.drop_table("student_feedback")
    with op.batch_alter_table("stage_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_report_student_id"))
        batch_op.drop_index(batch_op.f("ix_stage_report_placement_id"))

    op.drop_table("stage_report")
    op.drop_table("placement_reminder")
    with op.batch_alter_table("placement_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_answer_placement_id"))

    op.drop_table("placement_answer")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_follow_up_planned",
            sqlite_where=sa.text("state = 'planned'"),
            postgresql_where=sa.text("state = 'planned'"),
        )
        batch_op.drop_index(batch_op.f("ix_follow_up_user_id"))
        batch_op.drop_index(batch_op.f("ix_follow_up_state"))
        batch_op.drop_index(batch_op.f("ix_follow_up_placement_id"))

    op.drop_table("follow_up")
    op.drop_table("feedback_request")
    with op.batch_alter_table("diary_page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_diary_page_student_id"))
        batch_op.drop_index(batch_op.f("ix_diary_page_placement_id"))

    op.drop_table("diary_page")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_territory_id"))

    op.drop_table("certificate")
    op.drop_table("answer_code")
    with op.batch_alter_table("agreement_host", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_host_placement_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_host_agreement_id"))

    op.drop_table("agreement_host")
    with op.batch_alter_table("accident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accident_placement_id"))

    op.drop_table("accident")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_placement_id"))
        batch_op.drop_index(batch_op.f("ix_absence_day"))

    op.drop_table("absence")
    with op.batch_alter_table("fit_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fit_feedback_student_id"))
        batch_op.drop_index(batch_op.f("ix_fit_feedback_offer_id"))

    op.drop_table("fit_feedback")
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_agreement_live",
            sqlite_where=sa.text("state <> 'void' AND amends_id IS NULL"),
            postgresql_where=sa.text("state <> 'void' AND amends_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_agreement_territory_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_student_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_state"))
        batch_op.drop_index(batch_op.f("ix_agreement_school_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_campaign_id"))

    op.drop_table("agreement")
    with op.batch_alter_table("agreement_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_batch_territory_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_batch_finished_at"))
        batch_op.drop_index(batch_op.f("ix_agreement_batch_class_id"))

    op.drop_table("agreement_batch")
    with op.batch_alter_table("signing_delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_delegation_school_id"))
        batch_op.drop_index(batch_op.f("ix_signing_delegation_delegate_user_id"))

    op.drop_table("signing_delegation")
    op.drop_table("run_record")
    with op.batch_alter_table("roster_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_import_territory_id"))
        batch_op.drop_index(batch_op.f("ix_roster_import_school_id"))
        batch_op.drop_index(batch_op.f("ix_roster_import_created_at"))

    op.drop_table("roster_import")
    with op.batch_alter_table("matcher_weights", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_matcher_weights_in_use",
            sqlite_where=sa.text("state = 'in_use'"),
            postgresql_where=sa.text("state = 'in_use'"),
        )
        batch_op.drop_index(batch_op.f("ix_matcher_weights_territory_id"))

    op.drop_table("matcher_weights")
    with op.batch_alter_table("stored_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_document_territory_id"))
        batch_op.drop_index(batch_op.f("ix_stored_document_sha256"))

    op.drop_table("stored_document")
    _narrow_checks()

"""The first schema: every room of the main job."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "territory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("operator", sa.String(length=160), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("contact_phone", sa.String(length=30), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory")),
        sa.UniqueConstraint("slug", name=op.f("uq_territory_slug")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", Moment(), nullable=True),
        sa.Column("last_failure_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("school_year", sa.String(length=9), nullable=False),
        sa.Column("levels", sa.String(length=20), nullable=False),
        sa.Column("max_wishes", sa.Integer(), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "collecting",
                "wishes",
                "decisions",
                "published",
                "under_way",
                "closed",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("offers_open_on", sa.Date(), nullable=False),
        sa.Column("wishes_open_on", sa.Date(), nullable=False),
        sa.Column("wishes_close_on", sa.Date(), nullable=False),
        sa.Column("publish_on", sa.Date(), nullable=False),
        sa.CheckConstraint("max_wishes BETWEEN 1 AND 20", name=op.f("ck_campaign_max_wishes")),
        sa.CheckConstraint(
            "offers_open_on <= wishes_open_on AND wishes_open_on < wishes_close_on",
            name=op.f("ck_campaign_dates_in_order"),
        ),
        sa.CheckConstraint("wishes_close_on <= publish_on", name=op.f("ck_campaign_publish_after_wishes")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_campaign_territory_id_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint(
            "territory_id", "school_year", "name", name=op.f("uq_campaign_territory_id_school_year_name")
        ),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "commune",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("insee", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_commune_territory_id_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commune")),
        sa.UniqueConstraint("territory_id", "insee", name=op.f("uq_commune_territory_id_insee")),
    )
    with op.batch_alter_table("commune", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commune_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "host_organization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("legal_form", sa.String(length=4), nullable=False),
        sa.Column(
            "family",
            sa.Enum(
                "association",
                "cooperative",
                "mutuelle",
                "fondation",
                "societe_commerciale",
                "public",
                name="ess_family",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "association",
                "aci",
                "ei",
                "ai",
                "etti",
                "esat",
                "entreprise_adaptee",
                "geiq",
                "regie_quartier",
                "ressourcerie",
                "scop",
                "scic",
                "cae",
                "mutuelle",
                "fondation",
                "centre_social",
                "mjc",
                "tiers_lieu",
                "epicerie_solidaire",
                "club_sportif",
                "saad",
                "creche",
                "ehpad",
                "medico_social",
                "media",
                "banque_cooperative",
                "autre",
                name="host_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mission", sa.Text(), nullable=False),
        sa.Column("ess_sentence", sa.String(length=300), nullable=False),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "registered",
                "verified",
                "suspended",
                "refused",
                name="host_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=500), nullable=False),
        sa.Column("request_key", sa.String(length=40), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("length(siren) = 9", name=op.f("ck_host_organization_siren_length")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_host_organization_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_organization")),
        sa.UniqueConstraint("request_key", name=op.f("uq_host_organization_request_key")),
        sa.UniqueConstraint("territory_id", "siren", name=op.f("uq_host_organization_territory_id_siren")),
    )
    with op.batch_alter_table("host_organization", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_host_organization_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_host_organization_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("dedupe_key", sa.String(length=160), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("to_email", sa.String(length=254), nullable=False),
        sa.Column("to_name", sa.String(length=160), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "handed",
                "sent",
                "uncertain",
                "failed",
                name="delivery_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", Moment(), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_outbox_message_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_message_dedupe_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_message_id")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_message_due", ["state", "not_before"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_message_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "student",
                "guardian",
                "teacher",
                "head",
                "host",
                "coordinator",
                "observer",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("display_name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_seen_at", Moment(), nullable=True),
        sa.CheckConstraint("role <> 'guardian'", name=op.f("ck_user_guardians_have_no_account")),
        sa.CheckConstraint("role <> 'student' OR email IS NULL", name=op.f("ck_user_student_without_email")),
        sa.CheckConstraint("role = 'admin' OR territory_id IS NOT NULL", name=op.f("ck_user_territory_unless_admin")),
        sa.CheckConstraint("role = 'student' OR email IS NOT NULL", name=op.f("ck_user_adult_with_email")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_email_in_lower_case")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_user_territory_id_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_user_code_digest")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "campaign_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_week_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_week")),
        sa.UniqueConstraint("campaign_id", "monday", name=op.f("uq_campaign_week_campaign_id_monday")),
    )
    with op.batch_alter_table("campaign_week", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_week_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "host_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "tutor", name="member_role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("job_title", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["host_organization.id"],
            name=op.f("fk_host_member_organization_id_host_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_host_member_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_member")),
        sa.UniqueConstraint("organization_id", "user_id", name=op.f("uq_host_member_organization_id_user_id")),
    )
    with op.batch_alter_table("host_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_host_member_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_host_member_user_id"), ["user_id"], unique=False)

    op.create_table(
        "host_site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("access", sa.String(length=300), nullable=False),
        sa.CheckConstraint("length(siret) = 14", name=op.f("ck_host_site_siret_length")),
        sa.ForeignKeyConstraint(["commune_id"], ["commune.id"], name=op.f("fk_host_site_commune_id_commune")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["host_organization.id"],
            name=op.f("fk_host_site_organization_id_host_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_site")),
        sa.UniqueConstraint("organization_id", "siret", name=op.f("uq_host_site_organization_id_siret")),
    )
    with op.batch_alter_table("host_site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_host_site_commune_id"), ["commune_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_host_site_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_journal_entry_territory_id_territory")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_journal_entry_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
    )
    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_entry_at"), ["at"], unique=False)
        batch_op.create_index("ix_journal_entry_object", ["object_type", "object_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_entry_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "matching_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("started_by_id", sa.Integer(), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                name="run_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("code_version", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_matching_run_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["matching_run.id"], name=op.f("fk_matching_run_previous_id_matching_run")
        ),
        sa.ForeignKeyConstraint(["started_by_id"], ["user.id"], name=op.f("fk_matching_run_started_by_id_user")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_matching_run_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_run")),
        sa.UniqueConstraint("request_key", name=op.f("uq_matching_run_request_key")),
    )
    with op.batch_alter_table("matching_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matching_run_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_matching_run_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_matching_run_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_one_time_link_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_one_time_link_token_digest")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_user_id"), ["user_id"], unique=False)

    op.create_table(
        "school",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("uai", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("priority_education", sa.String(length=5), nullable=False),
        sa.CheckConstraint("length(uai) = 8", name=op.f("ck_school_uai_length")),
        sa.ForeignKeyConstraint(["commune_id"], ["commune.id"], name=op.f("fk_school_commune_id_commune")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_school_territory_id_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("territory_id", "uai", name=op.f("uq_school_territory_id_uai")),
    )
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "placement_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("copied_from_id", sa.Integer(), nullable=True),
        sa.Column("request_key", sa.String(length=40), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("sector", sa.String(length=40), nullable=False),
        sa.Column("occupations", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("levels", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("lunch_starts_at", sa.Time(), nullable=False),
        sa.Column("lunch_ends_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.Column("days", sa.String(length=30), nullable=False),
        sa.Column("lunch", sa.String(length=300), nullable=False),
        sa.Column("dress", sa.String(length=300), nullable=False),
        sa.Column("tutor_name", sa.String(length=120), nullable=False),
        sa.Column("tutor_role", sa.String(length=120), nullable=False),
        sa.Column("forbidden_works_acknowledged_at", Moment(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "sent_back",
                "published",
                "suspended",
                "closed",
                name="offer_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_placement_offer_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["placement_offer.id"], name=op.f("fk_placement_offer_copied_from_id_placement_offer")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["host_organization.id"],
            name=op.f("fk_placement_offer_organization_id_host_organization"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["host_site.id"], name=op.f("fk_placement_offer_site_id_host_site")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_placement_offer_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_offer")),
        sa.UniqueConstraint(
            "campaign_id", "copied_from_id", name=op.f("uq_placement_offer_campaign_id_copied_from_id")
        ),
        sa.UniqueConstraint("request_key", name=op.f("uq_placement_offer_request_key")),
    )
    with op.batch_alter_table("placement_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_offer_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_offer_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_offer_sector"), ["sector"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_offer_site_id"), ["site_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_offer_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_offer_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "school_class",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.CheckConstraint("level IN ('4e', '3e', '2de')", name=op.f("ck_school_class_level")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_school_class_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_class_school_id_school")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_school_class_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_class")),
        sa.UniqueConstraint("code", name=op.f("uq_school_class_code")),
        sa.UniqueConstraint(
            "school_id", "campaign_id", "name", name=op.f("uq_school_class_school_id_campaign_id_name")
        ),
    )
    with op.batch_alter_table("school_class", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_class_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_school_class_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_school_class_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "school_staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("teacher", "head", name="staff_role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_staff_school_id_school"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_school_staff_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_staff")),
        sa.UniqueConstraint("school_id", "user_id", name=op.f("uq_school_staff_school_id_user_id")),
    )
    with op.batch_alter_table("school_staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_staff_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_school_staff_user_id"), ["user_id"], unique=False)

    op.create_table(
        "school_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_school_week_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_week_school_id_school"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_week")),
        sa.UniqueConstraint(
            "school_id", "campaign_id", "monday", name=op.f("uq_school_week_school_id_campaign_id_monday")
        ),
    )
    with op.batch_alter_table("school_week", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_week_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_school_week_school_id"), ["school_id"], unique=False)

    op.create_table(
        "class_teacher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_class_teacher_class_id_school_class"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_class_teacher_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_teacher")),
        sa.UniqueConstraint("class_id", "user_id", name=op.f("uq_class_teacher_class_id_user_id")),
    )
    with op.batch_alter_table("class_teacher", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_teacher_class_id"), ["class_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_class_teacher_user_id"), ["user_id"], unique=False)

    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 1 AND 30", name=op.f("ck_slot_capacity")),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_slot_taken_within_capacity")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["placement_offer.id"], name=op.f("fk_slot_offer_id_placement_offer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("offer_id", "monday", name=op.f("uq_slot_offer_id_monday")),
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_monday"), ["monday"], unique=False)
        batch_op.create_index(batch_op.f("ix_slot_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "student",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["school_class.id"], name=op.f("fk_student_class_id_school_class")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_student_territory_id_territory")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_student_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student")),
        sa.UniqueConstraint("user_id", name=op.f("uq_student_user_id")),
    )
    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_student_class_id"), ["class_id"], unique=False)
        batch_op.create_index("ix_student_names", ["class_id", "last_name", "first_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_student_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "interest_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("interests", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("avoid_text", sa.Text(), nullable=False),
        sa.Column("likes", sa.JSON(), nullable=False),
        sa.Column("avoids", sa.JSON(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=True),
        sa.Column(
            "travel_mode",
            sa.Enum(
                "pied",
                "velo",
                "bus",
                "voiture",
                name="travel_mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("max_km", sa.Integer(), nullable=True),
        sa.Column("typed_by_staff", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.CheckConstraint("max_km IS NULL OR max_km BETWEEN 1 AND 100", name=op.f("ck_interest_profile_max_km")),
        sa.ForeignKeyConstraint(["commune_id"], ["commune.id"], name=op.f("fk_interest_profile_commune_id_commune")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_interest_profile_student_id_student"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_profile")),
        sa.UniqueConstraint("student_id", name=op.f("uq_interest_profile_student_id")),
    )
    op.create_table(
        "legal_guardian",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("link_epoch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_legal_guardian_student_id_student"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_guardian")),
    )
    with op.batch_alter_table("legal_guardian", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_guardian_student_id"), ["student_id"], unique=False)

    op.create_table(
        "placement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_placement_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_placement_slot_id_slot")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_placement_student_id_student")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_placement_territory_id_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("student_id", name=op.f("uq_placement_student_id")),
    )
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "placement_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("wish_rank", sa.Integer(), nullable=True),
        sa.Column("distance_km", sa.Float(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "refused",
                "moved",
                name="proposal_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_placement_proposal_score")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_placement_proposal_decided_by_id_user")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["matching_run.id"], name=op.f("fk_placement_proposal_run_id_matching_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_placement_proposal_slot_id_slot")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_placement_proposal_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_proposal")),
        sa.UniqueConstraint(
            "run_id", "student_id", "slot_id", name=op.f("uq_placement_proposal_run_id_student_id_slot_id")
        ),
    )
    with op.batch_alter_table("placement_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_proposal_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_proposal_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_proposal_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_proposal_student_id"), ["student_id"], unique=False)

    op.create_table(
        "ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("pin", "forbid", name="ruling_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_ruling_by_id_user")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_ruling_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_ruling_slot_id_slot")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_ruling_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
        sa.UniqueConstraint("student_id", "slot_id", name=op.f("uq_ruling_student_id_slot_id")),
    )
    with op.batch_alter_table("ruling", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ruling_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ruling_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ruling_student_id"), ["student_id"], unique=False)

    op.create_table(
        "unplaced_student",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["matching_run.id"], name=op.f("fk_unplaced_student_run_id_matching_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_unplaced_student_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unplaced_student")),
        sa.UniqueConstraint("run_id", "student_id", name=op.f("uq_unplaced_student_run_id_student_id")),
    )
    with op.batch_alter_table("unplaced_student", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unplaced_student_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unplaced_student_student_id"), ["student_id"], unique=False)

    op.create_table(
        "wish_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", name="wish_list_state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("submitted_at", Moment(), nullable=True),
        sa.Column("typed_by_staff", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_wish_list_student_id_student"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_list")),
        sa.UniqueConstraint("student_id", name=op.f("uq_wish_list_student_id")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", Moment(), nullable=False),
        sa.Column("published_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user.id"], name=op.f("fk_approval_approved_by_id_user")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_approval_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["placement_proposal.id"], name=op.f("fk_approval_proposal_id_placement_proposal")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_approval_slot_id_slot")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_approval_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_approval_proposal_id")),
        sa.UniqueConstraint("student_id", name=op.f("uq_approval_student_id")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_list_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_wish_rank")),
        sa.ForeignKeyConstraint(["offer_id"], ["placement_offer.id"], name=op.f("fk_wish_offer_id_placement_offer")),
        sa.ForeignKeyConstraint(
            ["wish_list_id"], ["wish_list.id"], name=op.f("fk_wish_wish_list_id_wish_list"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("wish_list_id", "offer_id", name=op.f("uq_wish_wish_list_id_offer_id")),
        sa.UniqueConstraint("wish_list_id", "rank", name=op.f("uq_wish_wish_list_id_rank")),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wish_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wish_wish_list_id"), ["wish_list_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wish_wish_list_id"))
        batch_op.drop_index(batch_op.f("ix_wish_offer_id"))

    op.drop_table("wish")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_slot_id"))
        batch_op.drop_index(batch_op.f("ix_approval_campaign_id"))

    op.drop_table("approval")
    op.drop_table("wish_list")
    with op.batch_alter_table("unplaced_student", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unplaced_student_student_id"))
        batch_op.drop_index(batch_op.f("ix_unplaced_student_run_id"))

    op.drop_table("unplaced_student")
    with op.batch_alter_table("ruling", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ruling_student_id"))
        batch_op.drop_index(batch_op.f("ix_ruling_slot_id"))
        batch_op.drop_index(batch_op.f("ix_ruling_campaign_id"))

    op.drop_table("ruling")
    with op.batch_alter_table("placement_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_proposal_student_id"))
        batch_op.drop_index(batch_op.f("ix_placement_proposal_state"))
        batch_op.drop_index(batch_op.f("ix_placement_proposal_slot_id"))
        batch_op.drop_index(batch_op.f("ix_placement_proposal_run_id"))

    op.drop_table("placement_proposal")
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_territory_id"))
        batch_op.drop_index(batch_op.f("ix_placement_slot_id"))
        batch_op.drop_index(batch_op.f("ix_placement_campaign_id"))

    op.drop_table("placement")
    with op.batch_alter_table("legal_guardian", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_guardian_student_id"))

    op.drop_table("legal_guardian")
    op.drop_table("interest_profile")
    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_student_territory_id"))
        batch_op.drop_index("ix_student_names")
        batch_op.drop_index(batch_op.f("ix_student_class_id"))

    op.drop_table("student")
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slot_offer_id"))
        batch_op.drop_index(batch_op.f("ix_slot_monday"))

    op.drop_table("slot")
    with op.batch_alter_table("class_teacher", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_class_teacher_user_id"))
        batch_op.drop_index(batch_op.f("ix_class_teacher_class_id"))

    op.drop_table("class_teacher")
    with op.batch_alter_table("school_week", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_week_school_id"))
        batch_op.drop_index(batch_op.f("ix_school_week_campaign_id"))

    op.drop_table("school_week")
    with op.batch_alter_table("school_staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_staff_user_id"))
        batch_op.drop_index(batch_op.f("ix_school_staff_school_id"))

    op.drop_table("school_staff")
    with op.batch_alter_table("school_class", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_class_territory_id"))
        batch_op.drop_index(batch_op.f("ix_school_class_school_id"))
        batch_op.drop_index(batch_op.f("ix_school_class_campaign_id"))

    op.drop_table("school_class")
    with op.batch_alter_table("placement_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_offer_territory_id"))
        batch_op.drop_index(batch_op.f("ix_placement_offer_state"))
        batch_op.drop_index(batch_op.f("ix_placement_offer_site_id"))
        batch_op.drop_index(batch_op.f("ix_placement_offer_sector"))
        batch_op.drop_index(batch_op.f("ix_placement_offer_organization_id"))
        batch_op.drop_index(batch_op.f("ix_placement_offer_campaign_id"))

    op.drop_table("placement_offer")
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_territory_id"))

    op.drop_table("school")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_user_id"))

    op.drop_table("one_time_link")
    with op.batch_alter_table("matching_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_matching_run_territory_id"))
        batch_op.drop_index(batch_op.f("ix_matching_run_state"))
        batch_op.drop_index(batch_op.f("ix_matching_run_campaign_id"))

    op.drop_table("matching_run")
    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_entry_territory_id"))
        batch_op.drop_index("ix_journal_entry_object")
        batch_op.drop_index(batch_op.f("ix_journal_entry_at"))

    op.drop_table("journal_entry")
    with op.batch_alter_table("host_site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_host_site_organization_id"))
        batch_op.drop_index(batch_op.f("ix_host_site_commune_id"))

    op.drop_table("host_site")
    with op.batch_alter_table("host_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_host_member_user_id"))
        batch_op.drop_index(batch_op.f("ix_host_member_organization_id"))

    op.drop_table("host_member")
    with op.batch_alter_table("campaign_week", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_week_campaign_id"))

    op.drop_table("campaign_week")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_territory_id"))

    op.drop_table("user")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_territory_id"))
        batch_op.drop_index("ix_outbox_message_due")

    op.drop_table("outbox_message")
    with op.batch_alter_table("host_organization", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_host_organization_territory_id"))
        batch_op.drop_index(batch_op.f("ix_host_organization_state"))

    op.drop_table("host_organization")
    with op.batch_alter_table("commune", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commune_territory_id"))

    op.drop_table("commune")
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_territory_id"))

    op.drop_table("campaign")
    op.drop_table("throttle")
    op.drop_table("territory")

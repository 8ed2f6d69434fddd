"""Teams, cards, portals, privacy, official files; a week in two structures; proofs that nobody changes."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


_STATES = "state IN ('registered', 'verified', 'suspended', 'refused')"
_STATES_WITH_PROSPECTS = "state IN ('prospect', 'registered', 'verified', 'suspended', 'refused')"


def _states_become(said: str) -> None:
    with op.batch_alter_table("host_organization", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_host_organization_host_state"), type_="check")
        batch_op.create_check_constraint(op.f("ck_host_organization_host_state"), said)


_SENTENCE = "evidence is added, never changed nor removed"
_RELEASED = "EXISTS (SELECT 1 FROM signing_evidence_release WHERE agreement_id = OLD.agreement_id)"
_GUARDS = {
    "sqlite": (
        f"""CREATE TRIGGER signing_evidence_update BEFORE UPDATE ON signing_evidence
        BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END""",
        f"""CREATE TRIGGER signing_evidence_delete BEFORE DELETE ON signing_evidence WHEN NOT {_RELEASED}
        BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END""",
        """CREATE TRIGGER signing_evidence_replace BEFORE INSERT ON signing_evidence WHEN EXISTS (
          SELECT 1 FROM signing_evidence
          WHERE id = NEW.id OR (agreement_id = NEW.agreement_id AND number = NEW.number)
        ) BEGIN SELECT RAISE(ABORT, 'evidence is added, never changed nor removed'); END""",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION signing_evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' AND {_RELEASED} THEN
            RETURN OLD;
          END IF;
          RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
        """CREATE TRIGGER signing_evidence_row BEFORE UPDATE OR DELETE ON signing_evidence
        FOR EACH ROW EXECUTE FUNCTION signing_evidence_stays()""",
        """CREATE TRIGGER signing_evidence_all BEFORE TRUNCATE ON signing_evidence
        FOR EACH STATEMENT EXECUTE FUNCTION signing_evidence_stays()""",
    ),
}


def _guard_proofs() -> None:
    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def _leave_proofs() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER signing_evidence_all ON signing_evidence")
        op.execute("DROP TRIGGER signing_evidence_row ON signing_evidence")
        op.execute("DROP FUNCTION signing_evidence_stays()")
        return
    for name in ("update", "delete", "replace"):
        op.execute(f"DROP TRIGGER signing_evidence_{name}")


def _forget_what_0002_has_no_word_for() -> None:
    """Structures to call become refused ones; a place outside the territory goes to a commune of it."""
    op.execute("UPDATE host_organization SET state = 'refused' WHERE state = 'prospect'")
    op.execute(
        """UPDATE host_site SET
          commune_id = (SELECT min(commune.id) FROM commune),
          lat = (SELECT lat FROM commune WHERE id = (SELECT min(commune.id) FROM commune)),
          lon = (SELECT lon FROM commune WHERE id = (SELECT min(commune.id) FROM commune))
        WHERE commune_id IS NULL"""
    )


def upgrade() -> None:
    op.create_table(
        "reference_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "family",
            sa.Enum(
                "schools",
                "communes",
                "structures",
                "sirene",
                "company-search",
                "rome-occupations",
                "rome-riasec",
                "rome-interests",
                "rome-interest-links",
                "ess-occupations",
                "typologies",
                "legal-forms",
                "offer-counts",
                "holidays",
                "rome-version",
                name="reference_family",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("imported_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_entry")),
        sa.UniqueConstraint("family", "key", name=op.f("uq_reference_entry_family_key")),
    )
    op.create_table(
        "retention_pass",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("finished_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_retention_pass")),
    )
    op.create_table(
        "signing_evidence_release",
        sa.Column("agreement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_signing_evidence_release")),
    )
    op.create_table(
        "retention_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("announced_at", Moment(timezone=True), nullable=False),
        sa.Column("done_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_retention_notice_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_notice")),
        sa.UniqueConstraint(
            "territory_id", "rule", "due_on", name=op.f("uq_retention_notice_territory_id_rule_due_on")
        ),
    )
    with op.batch_alter_table("retention_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retention_notice_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "retention_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=30), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("started_at", Moment(timezone=True), nullable=False),
        sa.Column("finished_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_retention_run_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
        sa.UniqueConstraint("place", "rule", "cutoff", name=op.f("uq_retention_run_place_rule_cutoff")),
    )
    with op.batch_alter_table("retention_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retention_run_finished_at"), ["finished_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_retention_run_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "announced_identifier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("identifier_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_announced_identifier_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announced_identifier")),
        sa.UniqueConstraint(
            "issuer", "identifier_digest", name=op.f("uq_announced_identifier_issuer_identifier_digest")
        ),
        sa.UniqueConstraint("user_id", "issuer", name=op.f("uq_announced_identifier_user_id_issuer")),
    )
    with op.batch_alter_table("announced_identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announced_identifier_user_id"), ["user_id"], unique=False)

    op.create_table(
        "directory_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column(
            "family",
            sa.Enum(
                "schools",
                "communes",
                "structures",
                "sirene",
                "company-search",
                "rome-occupations",
                "rome-riasec",
                "rome-interests",
                "rome-interest-links",
                "ess-occupations",
                "typologies",
                "legal-forms",
                "offer-counts",
                "holidays",
                "rome-version",
                name="directory_family",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("reading", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("applied_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_directory_import_by_id_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_directory_import_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_import")),
    )
    with op.batch_alter_table("directory_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_directory_import_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_directory_import_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "external_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("shown_name", sa.String(length=160), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("last_used_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_external_account_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_account")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_account_issuer_subject")),
        sa.UniqueConstraint("user_id", "issuer", name=op.f("uq_external_account_user_id_issuer")),
    )
    with op.batch_alter_table("external_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_external_account_user_id"), ["user_id"], unique=False)

    op.create_table(
        "figures_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.Column("taken_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_figures_snapshot_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_figures_snapshot_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_snapshot")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_figures_snapshot_campaign_id")),
    )
    with op.batch_alter_table("figures_snapshot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_figures_snapshot_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "host_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("job_title", sa.String(length=120), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "tutor", name="invited_role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("accepted_at", Moment(timezone=True), nullable=True),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["user.id"], name=op.f("fk_host_invitation_invited_by_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["host_organization.id"],
            name=op.f("fk_host_invitation_organization_id_host_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_invitation")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_host_invitation_code_digest")),
        sa.UniqueConstraint("organization_id", "email", name=op.f("uq_host_invitation_organization_id_email")),
    )
    with op.batch_alter_table("host_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_host_invitation_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "privacy_erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "student",
                "guardian",
                "account",
                "contact",
                name="erasure_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_privacy_erasure_by_id_user")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_privacy_erasure_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_erasure")),
    )
    with op.batch_alter_table("privacy_erasure", schema=None) as batch_op:
        batch_op.create_index("ix_privacy_erasure_subject", ["kind", "subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_privacy_erasure_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("user_id", "code_digest", name=op.f("uq_recovery_code_user_id_code_digest")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_second_factor_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "host_invitation_site",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["host_invitation.id"],
            name=op.f("fk_host_invitation_site_invitation_id_host_invitation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["host_site.id"], name=op.f("fk_host_invitation_site_site_id_host_site"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invitation_id", "site_id", name=op.f("pk_host_invitation_site")),
    )
    op.create_table(
        "host_member_site",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["host_member.id"],
            name=op.f("fk_host_member_site_member_id_host_member"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["host_site.id"], name=op.f("fk_host_member_site_site_id_host_site"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "site_id", name=op.f("pk_host_member_site")),
    )
    with op.batch_alter_table("host_member_site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_host_member_site_site_id"), ["site_id"], unique=False)

    op.create_table(
        "retention_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("lifted_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_retention_hold_has_reason")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_retention_hold_by_id_user")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_retention_hold_student_id_student"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_retention_hold_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_hold")),
    )
    with op.batch_alter_table("retention_hold", schema=None) as batch_op:
        batch_op.create_index("ix_retention_hold_open", ["territory_id", "until"], unique=False)
        batch_op.create_index(batch_op.f("ix_retention_hold_student_id"), ["student_id"], unique=False)

    op.create_table(
        "student_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("viewer", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
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
                name="looking_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "page",
            sa.Enum(
                "file",
                "wishes",
                "card",
                "proposal",
                "stage",
                "sheet",
                "letter",
                "agreement",
                "document",
                "incident",
                "after",
                name="looked_page",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_student_look_student_id_student"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_student_look_territory_id_territory")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_student_look_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_look")),
        sa.UniqueConstraint(
            "student_id", "viewer", "page", "day", name=op.f("uq_student_look_student_id_viewer_page_day")
        ),
    )
    with op.batch_alter_table("student_look", schema=None) as batch_op:
        batch_op.create_index("ix_student_look_day", ["territory_id", "day"], unique=False)
        batch_op.create_index(batch_op.f("ix_student_look_student_id"), ["student_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_student_look_user_id"), ["user_id"], unique=False)

    op.create_table(
        "family_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("serial", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["legal_guardian.id"],
            name=op.f("fk_family_code_guardian_id_legal_guardian"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_family_code_student_id_student"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_family_code_digest")),
        sa.UniqueConstraint("guardian_id", name=op.f("uq_family_code_guardian_id")),
    )
    with op.batch_alter_table("family_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_family_code_student_id"), ["student_id"], unique=False)
        batch_op.create_index(
            "uq_family_code_without_guardian",
            ["student_id"],
            unique=True,
            sqlite_where=sa.text("guardian_id IS NULL"),
            postgresql_where=sa.text("guardian_id IS NULL"),
        )

    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("request_key", sa.String(length=40), nullable=False),
        sa.Column(
            "right",
            sa.Enum(
                "access",
                "portability",
                "rectification",
                "objection",
                "erasure",
                name="privacy_right",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "answered",
                "refused",
                "withdrawn",
                name="privacy_request_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "student",
                "guardian",
                "account",
                "contact",
                name="privacy_subject_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.String(length=160), nullable=False),
        sa.Column("asked_how", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extension_reason", sa.String(length=500), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("closed_at", Moment(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("state = 'asked' OR closed_at IS NOT NULL", name=op.f("ck_privacy_request_closed_has_date")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_privacy_request_closed_by_id_user")),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["legal_guardian.id"],
            name=op.f("fk_privacy_request_guardian_id_legal_guardian"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_privacy_request_territory_id_territory")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_privacy_request_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
        sa.UniqueConstraint("request_key", name=op.f("uq_privacy_request_request_key")),
    )
    with op.batch_alter_table("privacy_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_privacy_request_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_privacy_request_guardian_id"), ["guardian_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_privacy_request_state"), ["state"], unique=False)
        batch_op.create_index("ix_privacy_request_subject", ["subject_kind", "subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_privacy_request_territory_id"), ["territory_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_privacy_request_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived_at", Moment(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_agreement_archived_at"), ["archived_at"], unique=False)

    with op.batch_alter_table("agreement_host", schema=None) as batch_op:
        batch_op.add_column(sa.Column("days", sa.String(length=40), server_default="", nullable=False))

    with op.batch_alter_table("host_site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("other_town", sa.String(length=80), server_default="", nullable=False))
        batch_op.alter_column("commune_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("lat", existing_type=sa.FLOAT(), nullable=True)
        batch_op.alter_column("lon", existing_type=sa.FLOAT(), nullable=True)
        batch_op.create_check_constraint(op.f("ck_host_site_has_a_town"), "commune_id IS NOT NULL OR other_town <> ''")
        batch_op.create_check_constraint(
            op.f("ck_host_site_located_in_its_commune"), "commune_id IS NULL OR (lat IS NOT NULL AND lon IS NOT NULL)"
        )

    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("days", sa.String(length=40), server_default="", nullable=False))

    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ips", sa.Float(), nullable=True))

    _states_become(_STATES_WITH_PROSPECTS)
    _guard_proofs()


def downgrade() -> None:
    _leave_proofs()
    _forget_what_0002_has_no_word_for()
    _states_become(_STATES)
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.drop_column("ips")

    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_column("days")

    with op.batch_alter_table("host_site", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_host_site_located_in_its_commune"), type_="check")
        batch_op.drop_constraint(op.f("ck_host_site_has_a_town"), type_="check")
        batch_op.alter_column("lon", existing_type=sa.FLOAT(), nullable=False)
        batch_op.alter_column("lat", existing_type=sa.FLOAT(), nullable=False)
        batch_op.alter_column("commune_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("other_town")

    with op.batch_alter_table("agreement_host", schema=None) as batch_op:
        batch_op.drop_column("days")

    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_archived_at"))
        batch_op.drop_column("archived_at")

    with op.batch_alter_table("privacy_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_privacy_request_user_id"))
        batch_op.drop_index(batch_op.f("ix_privacy_request_territory_id"))
        batch_op.drop_index("ix_privacy_request_subject")
        batch_op.drop_index(batch_op.f("ix_privacy_request_state"))
        batch_op.drop_index(batch_op.f("ix_privacy_request_guardian_id"))
        batch_op.drop_index(batch_op.f("ix_privacy_request_due_on"))

    op.drop_table("privacy_request")
    with op.batch_alter_table("family_code", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_family_code_without_guardian",
            sqlite_where=sa.text("guardian_id IS NULL"),
            postgresql_where=sa.text("guardian_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_family_code_student_id"))

    op.drop_table("family_code")
    with op.batch_alter_table("student_look", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_student_look_user_id"))
        batch_op.drop_index(batch_op.f("ix_student_look_student_id"))
        batch_op.drop_index("ix_student_look_day")

    op.drop_table("student_look")
    with op.batch_alter_table("retention_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retention_hold_student_id"))
        batch_op.drop_index("ix_retention_hold_open")

    op.drop_table("retention_hold")
    with op.batch_alter_table("host_member_site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_host_member_site_site_id"))

    op.drop_table("host_member_site")
    op.drop_table("host_invitation_site")
    op.drop_table("second_factor")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_user_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("privacy_erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_privacy_erasure_territory_id"))
        batch_op.drop_index("ix_privacy_erasure_subject")

    op.drop_table("privacy_erasure")
    with op.batch_alter_table("host_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_host_invitation_organization_id"))

    op.drop_table("host_invitation")
    with op.batch_alter_table("figures_snapshot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_figures_snapshot_territory_id"))

    op.drop_table("figures_snapshot")
    with op.batch_alter_table("external_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_account_user_id"))

    op.drop_table("external_account")
    with op.batch_alter_table("directory_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_directory_import_territory_id"))
        batch_op.drop_index(batch_op.f("ix_directory_import_created_at"))

    op.drop_table("directory_import")
    with op.batch_alter_table("announced_identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announced_identifier_user_id"))

    op.drop_table("announced_identifier")
    with op.batch_alter_table("retention_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retention_run_territory_id"))
        batch_op.drop_index(batch_op.f("ix_retention_run_finished_at"))

    op.drop_table("retention_run")
    with op.batch_alter_table("retention_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retention_notice_territory_id"))

    op.drop_table("retention_notice")
    op.drop_table("signing_evidence_release")
    op.drop_table("retention_pass")
    op.drop_table("reference_entry")

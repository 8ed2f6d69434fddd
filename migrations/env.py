"""How Alembic meets the application. Migrations are numbered by hand: 0001_initial, 0002_…"""

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db
options = current_app.extensions["migrate"].configure_args


def run() -> None:
    if context.is_offline_mode():
        url = db.engine.url.render_as_string(hide_password=False)
        context.configure(url=url, target_metadata=db.metadata, literal_binds=True, **options)
        with context.begin_transaction():
            context.run_migrations()
        return
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection if db.engine.dialect.name == "sqlite" else None
        if driver is not None:  # a batch rebuilds its table, which other rows point at; refused inside a transaction
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()
        if driver is not None and (lost := driver.execute("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"the migration would leave rows that point nowhere: {lost[:5]}")
        connection.commit()
        if driver is not None:
            driver.execute("PRAGMA foreign_keys=ON")


run()

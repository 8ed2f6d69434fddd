"""What gunicorn serves: `gunicorn app.wsgi:application`."""

import gc

from app import create_app
from app.wishes import gateway

application = create_app()
gateway.load()
# All this lives as long as the process: without this, each full collection walks it while a page waits (0.2 s).
gc.collect()
gc.freeze()

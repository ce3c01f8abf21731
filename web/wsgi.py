"""The service as servers look for it: `gunicorn web.wsgi:app`, `flask --app web.wsgi run`."""

import sys

from search import UserError
from web import create_app

# What gunicorn takes for an app that cannot be loaded: it ends instead of trying again and again.
CANNOT_BE_LOADED = 4

try:
    app = create_app()
except UserError as error:
    print(f"arkhiv: {error}", file=sys.stderr)  # noqa: T201  # one line for the journal, and no traceback
    sys.exit(CANNOT_BE_LOADED)

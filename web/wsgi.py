"""The service as servers look for it: `gunicorn web.wsgi:app`, `flask --app web.wsgi run`."""

from web import create_app

app = create_app()

"""Read by gunicorn when it is started in this folder: what stands in `web.server`."""

from web.server import *  # noqa: F403

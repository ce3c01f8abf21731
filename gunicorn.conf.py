"""How gunicorn serves `web.wsgi:app`: read when it is started in this folder; its command line goes before.

It imports nothing of the service: what the first process has loaded, a HUP does not load again.
"""

import os

# Not to the world: a proxy that speaks TLS stands before it.
bind = "127.0.0.1:8000"

# A process per core that is to answer. All of them read the index through the same pages of memory.
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)

# A client that sends half a request, or reads slowly, holds a thread. Few work together: see `web.serving.throttle`.
threads = 100

# A Cyrillic letter has six characters in an address, so that a query of 1,000 has 6,000; gunicorn's default is 4,094.
limit_request_line = 8190

# Every worker loads the code itself, so that a HUP is enough for a new release of it.
preload_app = False

# Newer releases open a socket for gunicornc in the home directory, which a service may not have.
control_socket_disable = True

"""Serves the app with gunicorn: processes with threads, the snapshot opened once in each."""

import os
from collections import Counter
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.http import wsgi as gunicorn_wsgi  # type: ignore[import-untyped]

from dashboard.app import create_app
from dashboard.entry_proxy import identity_headers
from dashboard.options import Options, secrets_for
from dashboard.viewer import RuleBook
from queries.dashboard_settings import Proxy
from queries.reader import Reader
from queries.warehouse import Warehouse

THREADS = 4


def wsgi(options: Options) -> Any:
    """The WSGI application for these options."""
    app = create_app(options, Reader(Warehouse(options.folder)))
    app.boards.warm.start(app.boards.usual_views)
    return app.server


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn told by Options instead of a command line."""

    def __init__(self, options: Options) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn needs to know."""
        told = {
            "bind": f"{self.options.host}:{self.options.port}",
            "workers": self.options.workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": 30,
            "timeout": 60,
            "umask": 0o077,  # what is written is for this user alone
            "limit_request_line": 4094,
            "limit_request_fields": 60,
            "limit_request_field_size": 8190,
            "header_map": "drop",  # a header with an underscore would look like another one with a dash
            "forwarded_allow_ips": "",  # who asks, and how, is read by the gate alone
            "forwarder_headers": "",
            "control_socket_disable": True,  # nobody steers a running server from outside
        }
        if self.options.auth == "proxy":
            told["pre_request"] = without_doubles(self.options)
        for key, value in told.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """Called in each worker: connections are never shared between processes."""
        return wsgi(self.options)


def without_doubles(options: Options) -> Any:
    """A hook that takes away a header that says who asks when it was sent twice: then nobody signed in."""
    names = identity_headers(options.proxy or Proxy())

    def look(_worker: Any, request: Any) -> None:
        often = {name for name, times in Counter(name for name, _value in request.headers).items() if times > 1}
        if often & names:
            request.headers = [(name, value) for name, value in request.headers if name not in names]

    return look


def serve(options: Options) -> None:
    """Serves until stopped. Raises OptionsError or RightsError before anything is listened on."""
    secrets_for(options)
    RuleBook(options)
    os.umask(0o077)
    gunicorn_wsgi.SERVER = "server"  # what serves is nobody's business
    Server(options).run()

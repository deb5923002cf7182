"""Serves the app with gunicorn: processes with threads, the snapshot opened once in each."""

from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from dashboard.app import create_app
from dashboard.options import Options
from queries.reader import Reader
from queries.warehouse import Warehouse

THREADS = 4


def wsgi(options: Options) -> Any:
    """The WSGI application for these options."""
    return create_app(options, Reader(Warehouse(options.folder))).server


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
            "limit_request_line": 4094,
            "control_socket_disable": True,  # nobody steers a running server from outside
        }
        for key, value in told.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """Called in each worker: connections are never shared between processes."""
        return wsgi(self.options)


def serve(options: Options) -> None:
    """Serves until stopped."""
    Server(options).run()

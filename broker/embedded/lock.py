"""The pinned jars of Kafka: `kafka.lock.toml`, with the sha256 of each.

`python -m broker.embedded.lock` resolves them anew and rewrites the file.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory

KAFKA_VERSION = "4.3.1"
LOCK_FILE = Path(__file__).with_name("kafka.lock.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedJar:
    """One jar by its Maven coordinates. sha256: lower-case hexadecimal; size_bytes: of the whole file."""

    group: str
    artifact: str
    version: str
    size_bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


@cache
def locked_jars(file: Path = LOCK_FILE) -> tuple[LockedJar, ...]:
    return tuple(LockedJar(**jar) for jar in tomllib.loads(file.read_text())["jar"])


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def resolve() -> tuple[LockedJar, ...]:
    """Resolve the jars in the Maven repository, anew. Needs the network."""
    # Only who changes the version needs the resolver, and it is slow to import.
    from jgo.maven import Dependency, MavenContext  # noqa: PLC0415

    with TemporaryDirectory() as directory:
        maven = MavenContext(repo_cache=Path(directory), local_repos=[])
        kafka = maven.project("org.apache.kafka", "kafka_2.13").at_version(KAFKA_VERSION).artifact()
        inputs, transitive = maven.resolver.resolve([Dependency(kafka)])
        artifacts = [dependency.artifact for dependency in (*inputs, *transitive)]
        # Kafka leaves the choice of a logger open. Ours is resolved by itself, because its own parent would bring
        # other versions of what Kafka pins.
        log4j_version = next(artifact.version for artifact in artifacts if artifact.artifactId == "log4j-core")
        binding = maven.project("org.apache.logging.log4j", "log4j-slf4j-impl").at_version(log4j_version)
        return tuple(
            LockedJar(
                group=artifact.groupId,
                artifact=artifact.artifactId,
                version=artifact.version,
                size_bytes=artifact.resolve().stat().st_size,
                sha256=sha256_of(artifact.resolve()),
            )
            for artifact in sorted((*artifacts, binding.artifact()), key=lambda each: (each.groupId, each.artifactId))
        )


def write_lock(jars: tuple[LockedJar, ...]) -> None:
    lines = ["# Written by `python -m broker.embedded.lock`.\n"]
    lines += [
        f'\n[[jar]]\ngroup = "{jar.group}"\nartifact = "{jar.artifact}"\nversion = "{jar.version}"\n'
        f'size_bytes = {jar.size_bytes}\nsha256 = "{jar.sha256}"\n'
        for jar in jars
    ]
    LOCK_FILE.write_text("".join(lines))


if __name__ == "__main__":
    write_lock(resolve())

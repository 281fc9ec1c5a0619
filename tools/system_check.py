"""Find what a wheel cannot bring before anything else fails.

Standard library only: it runs before the environment exists.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

MINIMUM_PYTHON = (3, 11)

# Shared libraries that libmediapipe.so links against, and the package that brings each, by package manager.
LIBRARIES = {
    "libEGL.so.1": {
        "apt-get": "libegl1",
        "dnf": "mesa-libEGL",
        "pacman": "libglvnd",
        "zypper": "libEGL1",
        "apk": "mesa-egl",
    },
    "libGLESv2.so.2": {
        "apt-get": "libgles2",
        "dnf": "mesa-libGLES",
        "pacman": "libglvnd",
        "zypper": "libGLESv2-2",
        "apk": "mesa-gles",
    },
}

INSTALL = {
    "apt-get": ["apt-get", "install", "-y", "--no-install-recommends"],
    "dnf": ["dnf", "install", "-y"],
    "pacman": ["pacman", "-S", "--noconfirm"],
    "zypper": ["zypper", "install", "-y"],
    "apk": ["apk", "add"],
}


def missing_libraries() -> list[str]:
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    for library in LIBRARIES:
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(library)
    return missing


def missing_packages() -> list[str]:
    """Names of packages to install, in the spelling of this machine's package manager."""
    manager = package_manager()
    packages = [LIBRARIES[library].get(manager, library) for library in missing_libraries()]
    # Debian splits these off into a package of their own.
    if not all(importlib.util.find_spec(module) for module in ("ensurepip", "venv")):
        packages.append(f"python3.{sys.version_info.minor}-venv" if manager == "apt-get" else "python3 with venv")
    return list(dict.fromkeys(packages))


def package_manager() -> str:
    return next((name for name in INSTALL if shutil.which(name)), "apt-get")


def without_asking() -> list[str] | None:
    """The prefix that gives us the right to install without a question, or None where there is none."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def main() -> int:
    if sys.version_info < MINIMUM_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        print(
            f"handstream needs Python 3.11 or newer; {sys.executable} is {found}.\n"
            "Name another one: make PYTHON=python3.12 demo",
            file=sys.stderr,
        )
        return 1
    packages = missing_packages()
    if not packages:
        return 0
    manager = package_manager()
    command = [*INSTALL[manager], *packages]
    prefix = without_asking()
    if prefix is not None and shutil.which(manager):
        print(f"Installing what no Python package can bring: {' '.join(packages)}")
        if manager == "apt-get":
            subprocess.run([*prefix, "apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
        subprocess.run([*prefix, *command], check=False, stdout=subprocess.DEVNULL)
    still_missing = missing_packages()
    if still_missing:
        print(
            f"Missing on this machine: {', '.join([*missing_libraries(), *still_missing])}\n"
            f"Install with:  sudo {' '.join([*INSTALL[manager], *still_missing])}",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

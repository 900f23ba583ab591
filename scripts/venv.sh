#!/bin/sh
# A virtual environment in .venv with hpcctl in it, made with the newest Python from 3.10 to 3.13 on PATH ($PYTHON wins).
set -eu

usable() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

find_python() {
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.10; do
    if usable "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  echo "hpcctl needs Python 3.10 to 3.13, and none is on PATH. On Debian and Ubuntu: apt-get install python3 python3-venv" >&2
  exit 1
}

# Debian's Python comes without venv; it is the one package that is needed before hpcctl itself can install the rest.
ensure_venv() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null && return
  package=python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
  if ! command -v apt-get >/dev/null; then
    echo "the modules venv and ensurepip of $1 are missing: install them with your system's package tool" >&2
    exit 1
  fi
  root=
  if [ "$(id -u)" != 0 ]; then
    root=sudo
    echo "with sudo: apt-get install $package" >&2
  fi
  $root apt-get update -qq
  $root apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}

python=$(find_python)
ensure_venv "$python"
if ! usable .venv/bin/python; then
  echo "==> .venv with $("$python" --version)" >&2
  rm -rf .venv
  "$python" -m venv .venv
fi
echo "==> hpcctl and what it needs, into .venv" >&2
if ! .venv/bin/pip install -q --disable-pip-version-check --use-pep517 -e '.[sandbox,dev]'; then
  echo "pip could not install the dependencies (see above). Without a network, put their wheels into a folder and set" >&2
  echo "PIP_FIND_LINKS to it; pyproject.toml names them." >&2
  exit 1
fi
touch .venv/ready

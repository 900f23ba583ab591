#!/bin/sh
# checkov in .checkov: in a virtual environment of its own, because it pins many packages that hpcctl uses, too.
set -eu

version=3.3.30
python=${HPCCTL_PYTHON:-.venv/bin/python}

[ "$(cat .checkov/version 2>/dev/null)" = "$version" ] && exit
echo "==> checkov $version, into .checkov" >&2
rm -rf .checkov
"$python" -m venv .checkov
if ! .checkov/bin/pip install -q --disable-pip-version-check "checkov==$version"; then
  rm -rf .checkov
  echo "pip could not install checkov (see above), so the Terraform modules cannot be checked. Without a network, put its" >&2
  echo "wheels into a folder and set PIP_FIND_LINKS to it." >&2
  exit 1
fi
echo "$version" >.checkov/version

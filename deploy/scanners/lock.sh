#!/bin/sh
# Writes each <name>.txt anew from <name>.in: every package by version and by the hashes of its wheels. Needs uv on PATH.
set -eu
cd "$(dirname "$0")"
for wanted in *.in; do
  name=${wanted%.in}
  uv pip compile --quiet --universal --generate-hashes --only-binary :all: --python-version 3.12 \
    --no-header --no-annotate "$wanted" --output-file "$name.new"
  { echo "# Made from $wanted, for the image: deploy/scanners/lock.sh"; cat "$name.new"; } >"$name.txt"
  rm "$name.new"
done

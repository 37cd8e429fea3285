# shellcheck shell=sh
# Shared by the steps. What others wrote never reaches the log at the start of a line, where `::` is a command of the runner.

# How `securescan` runs: binary or image, which image, and where results go. Set by the steps.
run=binary
image=
out=

# One line of a message, fit for a workflow command.
escaped() {
  printf '%s' "$1" | tr -d '\r' | tr '\n' ' ' | sed 's/%/%25/g'
}

say() {
  printf 'securescan: %s\n' "$(escaped "$1")"
}

warn() {
  printf '::warning title=SecureScan::%s\n' "$(escaped "$1")"
}

fail() {
  printf '::error title=SecureScan::%s\n' "$(escaped "$1")"
  exit 2
}

output() {
  printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# A field of the event, empty when there is none.
event() {
  if [ -r "${GITHUB_EVENT_PATH:-}" ]; then
    jq -r "$1 // empty" "$GITHUB_EVENT_PATH" 2>/dev/null || true
  fi
}

# Keeps lines of a program from being taken for commands.
quoted() {
  sed 's/^::/ ::/; s/##\[/# #[/g'
}

# Runs the program, installed or from its image. The repository is mounted as it is and only read; results have a folder of their own.
securescan() {
  if [ "$run" = binary ]; then
    "${SECURESCAN_BIN:-securescan}" "$@"
    return
  fi
  docker run --rm --user "$(id -u):$(id -g)" \
    --volume "$GITHUB_WORKSPACE:$GITHUB_WORKSPACE:ro" --volume "$out:$out" --workdir "$GITHUB_WORKSPACE" \
    ${GITHUB_EVENT_PATH:+--volume "$GITHUB_EVENT_PATH:$GITHUB_EVENT_PATH:ro"} \
    --env HOME=/tmp --env CI=true --env GITHUB_TOKEN --env GITHUB_REPOSITORY --env GITHUB_API_URL --env GITHUB_EVENT_PATH \
    --env GITHUB_SHA --env GITHUB_REF \
    --env GIT_CONFIG_COUNT=1 --env GIT_CONFIG_KEY_0=safe.directory --env "GIT_CONFIG_VALUE_0=$GITHUB_WORKSPACE" \
    "$image" "$@"
}

#!/bin/sh
# Publishes what the scan wrote. What cannot be published is a warning and a line in the job summary, never a failed job.
set -eu
# shellcheck source=action/common.sh
. "$(dirname "$0")/common.sh"

out=$SECURESCAN_OUT
run=$SECURESCAN_RUN
image=$SECURESCAN_IMAGE
mode=$(printf '%s' "${INPUT_PR_MODE:-summary}" | tr '[:upper:]' '[:lower:]')
pull=$(event .pull_request.number)

publish() {
  what=$1
  shift
  if ! securescan publish github --soft --sha "$SECURESCAN_HEAD" "$@" >"$out/publish.log" 2>&1; then
    warn "$what: the publisher did not run"
  fi
  quoted <"$out/publish.log"
  if grep -q '^warning: ' "$out/publish.log"; then
    warn "$what: $(sed -n 's/^warning: //p' "$out/publish.log" | head -n 1)"
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
      printf '\nSecureScan could not publish the %s; see the log of this step.\n' "$what" >>"$GITHUB_STEP_SUMMARY"
    fi
  fi
}

# One after the other, so that a missing permission for one does not keep the others away.
if [ -n "$pull" ]; then
  if [ "$mode" != inline ] && [ "${INPUT_COMMENT_ON_PR:-true}" = true ] && [ -s "$out/diff.md" ]; then
    publish 'summary comment' --pr "$pull" --comment "$out/diff.md"
  fi
  if [ -s "$out/review.json" ]; then
    publish review --pr "$pull" --review "$out/review.json"
  fi
elif [ -s "$out/review.json" ]; then
  warn 'comments at lines need a pull request'
fi
if [ "${INPUT_UPLOAD_SARIF:-true}" = true ] && [ -s "$out/diff.sarif" ]; then
  if [ -n "$pull" ]; then
    publish 'SARIF file' --pr "$pull" --sarif "$out/diff.sarif"
  else
    publish 'SARIF file' --ref "${GITHUB_REF:-}" --sarif "$out/diff.sarif"
  fi
fi

#!/bin/sh
# One scan of both sides, every format from it. Nothing is written below the checkout.
set -eu
# shellcheck source=action/common.sh
. "$(dirname "$0")/common.sh"

lower() {
  printf '%s' "$1" | tr '[:upper:]' '[:lower:]'
}

base=${INPUT_BASE_REF:-}
head=${INPUT_HEAD_REF:-}
# On pull requests GITHUB_SHA is a merge commit that is no part of them.
[ -n "$base" ] || base=$(event .pull_request.base.sha)
[ -n "$head" ] || head=$(event .pull_request.head.sha)
[ -n "$base" ] || base=$(event .before)
[ -n "$head" ] || head=${GITHUB_SHA:-}
case $base in
  '' | 0000000000000000000000000000000000000000) fail 'there is nothing to compare with: set base-ref' ;;
  -*) fail 'base-ref is not a ref' ;;
esac
case $head in
  '') fail 'there is no head to look at: set head-ref' ;;
  -*) fail 'head-ref is not a ref' ;;
esac

out=$(mktemp -d "${RUNNER_TEMP:?}/securescan.XXXXXX")
version=${ACTION_REF:-}
image=${INPUT_IMAGE:-ghcr.io/securescan/securescan}:${INPUT_IMAGE_TAG:-${version:-v0.1.0}}
run=binary
if [ "${INPUT_PREFER_IMAGE:-false}" = true ] || ! "${SECURESCAN_BIN:-securescan}" --version >/dev/null 2>&1; then
  run=image
fi
say "runs from the $run"

# A full commit id for links and the review; the ref itself when the checkout is too shallow to say, which the scan then explains.
head_sha=$(git -C "$GITHUB_WORKSPACE" rev-parse --verify --quiet --end-of-options "$head^{commit}" || printf '%s' "$head")

set -- diff "$GITHUB_WORKSPACE" --base-ref "$base" --head-ref "$head" \
  --output "sarif=$out/diff.sarif" --output "github-pr-comment=$out/diff.md"
old_ifs=$IFS
IFS=,
for type in ${INPUT_SCAN_TYPES:-code}; do
  type=$(printf '%s' "$type" | tr -d '[:space:]')
  [ -z "$type" ] || set -- "$@" --type "$type"
done
IFS=$old_ifs
case $(lower "${INPUT_FAIL_ON_SEVERITY:-none}") in
  '' | none) ;;
  *) set -- "$@" --fail-on-severity "$(lower "$INPUT_FAIL_ON_SEVERITY")" ;;
esac
if [ -n "${INPUT_BASELINE:-}" ]; then
  case $INPUT_BASELINE in
    /*) set -- "$@" --baseline "$INPUT_BASELINE" ;;
    *) set -- "$@" --baseline "$GITHUB_WORKSPACE/$INPUT_BASELINE" ;;
  esac
fi
[ -z "${GITHUB_REPOSITORY:-}" ] || set -- "$@" --repo "$GITHUB_REPOSITORY"
set -- "$@" --sha "$head_sha"
case $(lower "${INPUT_PR_MODE:-summary}") in
  inline | both)
    set -- "$@" --output "github-review=$out/review.json" \
      --review-event "$(printf '%s' "${INPUT_REVIEW_EVENT:-COMMENT}" | tr '[:lower:]' '[:upper:]')"
    [ "${INPUT_INLINE_SUGGESTIONS:-true}" = true ] || set -- "$@" --no-suggestions
    ;;
  summary) ;;
  *) warn 'pr-mode is none of summary, inline, both: taken as summary' ;;
esac

code=0
securescan "$@" >"$out/log" 2>&1 || code=$?
quoted <"$out/log"
output exit-code "$code"
output sarif-file "$out/diff.sarif"
output out "$out"
output head "$head_sha"
output run "$run"
output image "$image"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -s "$out/diff.md" ]; then
  cat "$out/diff.md" >>"$GITHUB_STEP_SUMMARY"
fi

# What the two checks of a running service share. Sourced, not run.
# shellcheck shell=bash

body=$(mktemp)
trap 'rm -f "$body"' EXIT
passed=0 failed=0 skipped=0 status=000

pass() { printf 'pass: %s\n' "$1"; passed=$((passed + 1)); }
fail() { printf 'FAIL: %s: %s\n' "$1" "$2"; failed=$((failed + 1)); }
skip() { printf 'skip: %s: %s\n' "$1" "$2"; skipped=$((skipped + 1)); }

# request KEY METHOD PATH [curl arguments]: sets `status`, fills `body`. The key goes in by standard input, so that no list of
# processes shows it. No redirect is followed: what a proxy says in its stead is not the service's answer.
request() {
  local key=$1 method=$2 path=$3 config=
  shift 3
  [[ -z $key ]] || config="header = \"X-API-Key: $key\""
  : >"$body"
  status=$(curl --config - --silent --show-error --max-time 20 --request "$method" --output "$body" \
    --write-out '%{http_code}' "$@" "$base$path" <<<"$config") || status=000
}

# The body in one line, cut.
said() { tr -d '\n\r' <"$body" | cut -c1-160; }

# expect NAME STATUS [TEXT]: the last answer has this status, and a body that contains the text, space apart.
expect() {
  local name=$1 wanted=$2 text=${3-}
  if [[ $status == 000 ]]; then
    fail "$name" 'no answer'
  elif [[ $status != "$wanted" ]]; then
    fail "$name" "status $status instead of $wanted: $(said)"
  elif [[ -n $text ]] && ! tr -d ' \n\r\t' <"$body" | grep -qF -- "${text// /}"; then
    fail "$name" "\`$text\` is not in the answer: $(said)"
  else
    pass "$name"
  fi
}

# field PROGRAM-OF-JQ: out of the body; nothing when it is not there or not JSON.
field() { jq -r "$1 // empty" "$body" 2>/dev/null || true; }

# setup USAGE [ARGUMENTS]: the one argument as `base`, without its last slash; ends with 2 when it is none, or a program is missing.
setup() {
  local usage=$1
  shift
  if [[ $# -ne 1 || ! $1 =~ ^https?://[^/] ]]; then
    printf '%s\n' "$usage" >&2
    exit 2
  fi
  base=${1%/}
  local program key
  for program in curl jq; do
    command -v "$program" >/dev/null || { printf 'error: %s is not installed\n' "$program" >&2; exit 2; }
  done
  for key in "${ADMIN_KEY-}" "${WRITE_KEY-}" "${READ_KEY-}"; do
    if [[ $key == *[^A-Za-z0-9._~+/=-]* ]]; then
      printf 'error: a key has characters that no key has\n' >&2
      exit 2
    fi
  done
}

# mint SCOPES: prints `id secret` of a new key, made with ADMIN_KEY; nothing when it is refused.
mint() {
  request "$ADMIN_KEY" POST /api/v1/keys --header 'Content-Type: application/json' \
    --data "{\"name\":\"deployment-check\",\"scopes\":$1}"
  [[ $status == 201 ]] || return 0
  field '"\(.id) \(.key)"'
}

# Makes READ_KEY and WRITE_KEY where they are missing and ADMIN_KEY is there; `unmint` revokes what was made.
minted=()
keys() {
  local id secret
  [[ -n ${ADMIN_KEY-} ]] || return 0
  if [[ -z ${READ_KEY-} ]]; then
    read -r id secret < <(mint '["read"]') && { READ_KEY=$secret minted+=("$id"); }
  fi
  if [[ -z ${WRITE_KEY-} && ${1-} == write ]]; then
    read -r id secret < <(mint '["read","write"]') && { WRITE_KEY=$secret minted+=("$id"); }
  fi
  return 0
}
unmint() {
  local id
  for id in "${minted[@]+"${minted[@]}"}"; do
    request "$ADMIN_KEY" DELETE "/api/v1/keys/$id"
    [[ $status == 204 ]] || printf 'warning: key %s, made for this check, was not revoked: status %s\n' "$id" "$status" >&2
  done
}

# Ends with 0 when everything passed, 1 when something failed, 3 when nothing failed and something was skipped.
finish() {
  unmint
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  if ((failed > 0)); then exit 1; elif ((skipped > 0)); then exit 3; else exit 0; fi
}

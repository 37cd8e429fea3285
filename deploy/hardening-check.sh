#!/usr/bin/env bash
# Whether a running service lets in whom it should and nobody else: the six requests of the documentation's page on
# authentication in production.
set -uo pipefail

usage='usage: hardening-check.sh BASE_URL
  keys come from the environment: READ_KEY, WRITE_KEY, ADMIN_KEY; with ADMIN_KEY the other two are made and revoked again
  ONLY_ADMIN=<id>: also try to revoke the last admin key, which must be refused. With a key in SECURESCAN_API_KEY of the
  service it is NOT refused, and that key is gone: leave it out then
exit: 0 all passed, 1 some failed, 2 cannot start, 3 none failed and some were skipped'

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=check-lib.sh
. "$here/check-lib.sh"
setup "$usage" "$@"

request '' GET /api/v1/scans
expect '1 authentication is required' 401 '"detail":"X-API-Key header required"'

request nope GET /api/v1/scans
expect '2 a wrong key is refused' 401 '"detail":"Invalid API key"'

# Only where nobody gets in without a key: elsewhere the next requests would start scans and make keys.
closed=$((failed == 0))
if ((! closed)); then
  for name in '3 a read key starts no scan' '4 a write key sees no webhooks'; do skip "$name" 'keys are not asked for'; done
else
  keys write
  if [[ -n ${READ_KEY-} ]]; then
    # The scope comes before the body: no content type, and still 403.
    request "$READ_KEY" POST /api/v1/scans --data '{"target_path":"/tmp","scan_types":["code"]}'
    expect '3 a read key starts no scan' 403 '"detail":"Requires scope: write"'
  else
    skip '3 a read key starts no scan' 'neither READ_KEY nor an ADMIN_KEY that makes one'
  fi
  if [[ -n ${WRITE_KEY-} ]]; then
    request "$WRITE_KEY" GET /api/v1/webhooks
    expect '4 a write key sees no webhooks' 403 '"detail":"Requires scope: admin"'
  else
    skip '4 a write key sees no webhooks' 'neither WRITE_KEY nor an ADMIN_KEY that makes one'
  fi
fi

request '' GET /health
if [[ $status == 200 ]]; then
  expect '5 probes are public' 200 '{"status":"ok"}'
else
  expect '5 probes are public' 200
fi

name='6 the last admin key stays'
if ((! closed)); then
  skip "$name" 'keys are not asked for'
elif [[ -z ${ONLY_ADMIN-} || -z ${ADMIN_KEY-} ]]; then
  skip "$name" 'needs ADMIN_KEY and its id in ONLY_ADMIN'
else
  # Nothing is revoked that is not the one key that must not be.
  request "$ADMIN_KEY" GET /api/v1/keys
  admins=$(field '[(.items? // .)[] | select(.revoked_at == null and (.scopes | index("admin"))) | .id] | join(" ")')
  if [[ $status != 200 || $admins != "$ONLY_ADMIN" ]]; then
    skip "$name" "ONLY_ADMIN is not the only admin key: ${admins:-none seen, status $status}"
  else
    request "$ADMIN_KEY" DELETE "/api/v1/keys/$ONLY_ADMIN"
    expect "$name" 409 '"detail":"Cannot revoke last admin key without an env-var fallback"'
  fi
fi

finish

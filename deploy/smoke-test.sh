#!/usr/bin/env bash
# Whether a service that was just put up is safe to take traffic: the five requests of the documentation's production checklist.
set -uo pipefail

usage='usage: smoke-test.sh BASE_URL
  READ_KEY from the environment; with ADMIN_KEY one is made and revoked again
exit: 0 all passed, 1 some failed, 2 cannot start, 3 none failed and some were skipped'

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=check-lib.sh
. "$here/check-lib.sh"
setup "$usage" "$@"

request '' GET /health
expect '1 alive' 200 '{"status":"ok"}'
request '' GET /ready
expect '1 ready' 200 '"status":"ready"'

request '' GET /api/v1/scans
expect '2 authentication is required' 401

request nope GET /api/v1/scans
expect '3 a wrong key is refused' 401

# Where anybody gets in, the next request would start a scan.
if [[ $status != 401 ]]; then
  skip '4 a read key starts no scan' 'keys are not asked for'
else
  keys
  if [[ -n ${READ_KEY-} ]]; then
    request "$READ_KEY" POST /api/v1/scans --data '{"target_path":"/tmp","scan_types":["code"]}'
    expect '4 a read key starts no scan' 403
  else
    skip '4 a read key starts no scan' 'neither READ_KEY nor an ADMIN_KEY that makes one'
  fi
fi

request '' GET /openapi.json
title=$(field .info.title)
if [[ $status == 200 && $title == SecureScan ]]; then
  pass '5 the API describes itself'
else
  fail '5 the API describes itself' "status $status, title \`${title:-none}\` instead of \`SecureScan\`"
fi

finish

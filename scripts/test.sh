#!/usr/bin/env bash
# Sets everything up and runs every check: lint, types, unit, integration and browser tests.
set -euo pipefail
# shellcheck source=scripts/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

usage() {
  cat <<'EOF'
Usage: scripts/test.sh [--help]

Sets up (scripts/setup.sh --for-tests), then lints, checks types and runs all tests: unit, integration with the real
broker, SQLite, ffmpeg and RTSP server, and end to end in Chromium. The last line is "N passed, N failed, N skipped".
EOF
}

case ${1:-} in
  '') ;;
  --help | -h) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac

cd "$root"
"$root/scripts/setup.sh" --for-tests

failed=no
check() {
  local what=$1 started=$SECONDS
  shift
  printf '\n== %s\n' "$what"
  if "$@"; then
    printf '== %s: ok (%s s)\n' "$what" "$((SECONDS - started))"
  else
    printf '== %s: FAILED (%s s)\n' "$what" "$((SECONDS - started))"
    failed=yes
  fi
}

check "shell scripts" shellcheck -x scripts/*.sh scripts/lib/*.sh systemd/*.sh deploy/debian/{postinst,prerm,postrm} .ci/run
check "types" npm run --silent typecheck
check "lint, format, dead code" npm run --silent lint
report=$cache/test-report.json
rm -f "$report"
check "tests" npm test --silent -- --reporter=default --reporter=json --outputFile.json="$report"

if ! node scripts/lib/summarize-tests.js "$report"; then exit 1; fi
[ "$failed" = no ]

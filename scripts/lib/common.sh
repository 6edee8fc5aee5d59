# shellcheck shell=bash
# Sourced by the scripts: where things are, and how steps are reported.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$root/.cache
log=$cache/setup.log

say() { printf '%s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# step "what it does" command…: one line with its time; the output goes to the log and is shown when it fails.
step() {
  local what=$1 started=$SECONDS
  shift
  printf '  %-52s' "$what"
  printf '\n== %s\n' "$what" >>"$log"
  if "$@" >>"$log" 2>&1; then
    printf 'ok (%s s)\n' "$((SECONDS - started))"
  else
    printf 'FAILED\n'
    tail -n 40 "$log" >&2
    die "$what failed; the whole log is $log"
  fi
}

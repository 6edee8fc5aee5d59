#!/usr/bin/env bash
# Sets everything up and counts people on a real clip over real RTSP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

usage() {
  cat <<'EOF'
Usage: scripts/demo.sh [--for <time>] [--clip <file>] [--fleet <n>] [--unplug]

Sets up, then starts a collector, an RTSP camera that plays a clip in a loop, and an agent that counts it; prints the
addresses of the console and the status page and what is counted. Ctrl-C stops everything.

  --for <time>    stop after this time from the first counted frame, for example 60s or 2m; exits 0 only if counts
                  arrived at the collector
  --clip <file>   another video file than the one that the set-up fetches
  --fleet <n>     fill the console with simulated gateways beside the real one, 1 to 500, with a week of counts
  --unplug        unplug the camera after a while and show what follows: alert, incident, pages to whoever is on duty, by
                  a mail server and a chat that the demo brings along; open the mail's link to acknowledge
  --help          show this text
EOF
}

for_time='' clip='' fleet=0 unplug=''
while [ $# -gt 0 ]; do
  case $1 in
    --for) for_time=${2:-} && shift ;;
    --clip) clip=${2:-} && shift ;;
    --fleet) fleet=${2:-} && shift ;;
    --unplug) unplug=1 ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
if [ -n "$for_time" ] && ! [[ $for_time =~ ^[1-9][0-9]*[sm]$ ]]; then
  printf 'demo.sh: --for %s: write a number with s or m, for example 60s\n' "$for_time" >&2
  exit 2
fi
if ! [[ $fleet =~ ^[0-9]{1,3}$ ]] || [ "$fleet" -gt 500 ]; then
  printf 'demo.sh: --fleet %s: write a number from 1 to 500\n' "$fleet" >&2
  exit 2
fi
if [ -n "$clip" ] && ! [ -f "$clip" ]; then
  printf 'demo.sh: --clip %s: there is no such file\n' "$clip" >&2
  exit 2
fi

"$here/setup.sh"
clip=$(realpath "${clip:-$here/../.cache/vtest.avi}")
cd "$here/.."
exec node --conditions headcount-source --import tsx scripts/demo.ts --clip "$clip" --fleet "$fleet" ${for_time:+--for "$for_time"} ${unplug:+--unplug}

#!/bin/sh
# The command headcount-agent. Started by root it goes on as the agent's user, so that what it writes belongs to the
# service, and nothing runs with more rights than it needs. Only the update needs root.
set -eu

home=/usr/lib/headcount
if [ "$(id -u)" = 0 ] && [ "${1:-}" != apply-update ] && getent passwd headcount >/dev/null; then
  exec setpriv --reuid=headcount --regid=headcount --init-groups \
    "$home/bin/node" "$home/agent/dist/main.js" "$@"
fi
exec "$home/bin/node" "$home/agent/dist/main.js" "$@"

#!/usr/bin/env bash
# Runs a command as if this machine were a freshly set up one without the agent: what an installer writes to goes into
# memory and is gone afterwards. Usage: unshare --mount scripts/lib/in-private-system.sh COMMAND…
set -euo pipefail

mount --make-rprivate /
for folder in /etc /usr/local/bin; do
  copy=$(mktemp -d)
  mount -t tmpfs -o mode=755 tmpfs "$copy"
  cp -a "$folder/." "$copy/"
  mount --move "$copy" "$folder"
  rmdir "$copy"
done
for folder in /opt /var/lib /run; do
  mount -t tmpfs -o mode=755 tmpfs "$folder"
done
exec "$@"

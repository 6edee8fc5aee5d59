#!/usr/bin/env bash
# Makes .cache/package-root: a minimal Debian 12 with what the package depends on, for scripts/e2e/package.test.ts.
set -euo pipefail
# shellcheck source=scripts/lib/common.sh
. "$(dirname "$0")/common.sh"

target=$cache/package-root
[ -e "$target/lib/systemd/systemd" ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! unshare --mount true 2>/dev/null; then
  echo "needs root and namespaces; the package test will be skipped"
  exit 0
fi
rm -rf "$target" "$target.new"
mmdebstrap --mode=root --variant=essential --include=ffmpeg,systemd,init-system-helpers,passwd bookworm "$target.new"
mv "$target.new" "$target"

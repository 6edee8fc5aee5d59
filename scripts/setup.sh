#!/usr/bin/env bash
# Sets everything up: Debian packages, npm packages, build, model, clip. Safe to run again.
set -euo pipefail
# shellcheck source=scripts/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

usage() {
  cat <<'EOF'
Usage: scripts/setup.sh [--for-tests]

Installs what Headcount needs on Debian or Ubuntu and builds it; does only what is still to be done.
  - Debian packages: ffmpeg, a GStreamer RTSP server for the demo camera, compilers for better-sqlite3, a font
  - npm packages by the lock file, the build, the person-detection model, the demo clip (Debian's opencv-doc)

  --for-tests   also what only tests and benchmarks need: Chromium, shellcheck, OpenCV, PostgreSQL, Redis,
                Mosquitto, Prometheus, HAProxy and a minimal Debian 12 (.cache/package-root, 0.6 GB)
                in which the package is tried out
  --help        show this text

Needs root or sudo for Debian packages that are missing. The log is .cache/setup.log.
EOF
}

for_tests=no
while [ $# -gt 0 ]; do
  case $1 in
    --for-tests) for_tests=yes ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

# better-sqlite3 is compiled where no ready file can be fetched, hence python3, make and g++.
packages=(
  ca-certificates ffmpeg fonts-dejavu-core python3 make g++ python3-gi gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
  gstreamer1.0-libav gstreamer1.0-rtsp
)
[ "$for_tests" = yes ] && packages+=(
  chromium shellcheck python3-opencv openssl procps binutils dpkg-dev mmdebstrap debian-archive-keyring systemd
  postgresql redis-server mosquitto mosquitto-clients prometheus haproxy
)
clip_sha256=45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf

check_machine() {
  command -v apt-get >/dev/null || die "this needs Debian or Ubuntu (apt-get is missing)"
  command -v node >/dev/null || die "Node.js is missing; install version 20.19 or newer from nodejs.org or your distribution"
  node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a===20&&b>=19)?0:1)' ||
    die "Node.js $(node --version) is too old; install version 20.19 or newer"
}

missing_packages() {
  local name
  for name in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo --non-interactive "$@"; fi
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} -eq 0 ]; then
    say "  Debian packages: all there"
    return
  fi
  if [ "$(id -u)" -ne 0 ] && ! sudo --non-interactive true 2>/dev/null; then
    die "needs root or sudo to install: ${missing[*]}"
  fi
  say "  Debian packages to install: ${missing[*]}"
  step "apt-get update" as_root apt-get update -q
  step "apt-get install" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}

install_npm() {
  local stamp=$root/node_modules/.headcount-lock
  if cmp -s "$root/package-lock.json" "$stamp"; then
    say "  npm packages: as in the lock file"
    return
  fi
  # The variable keeps onnxruntime-node from downloading CUDA files that a CPU gateway never uses.
  step "npm ci" env ONNXRUNTIME_NODE_INSTALL=skip npm ci --no-fund --no-audit
  cp "$root/package-lock.json" "$stamp"
}

fetch_clip() {
  local folder
  if printf '%s  %s\n' "$clip_sha256" "$cache/vtest.avi" | sha256sum --check --status 2>/dev/null; then return; fi
  folder=$(mktemp -d)
  # Taken out of the package by hand, because images without documentation drop it when the package is installed.
  (cd "$folder" && (apt-get download opencv-doc || (as_root apt-get update -q && apt-get download opencv-doc)))
  dpkg -x "$folder"/opencv-doc_*.deb "$folder/content"
  cp "$folder/content/usr/share/doc/opencv-doc/examples/data/vtest.avi" "$cache/vtest.avi"
  rm -rf "$folder"
  printf '%s  %s\n' "$clip_sha256" "$cache/vtest.avi" | sha256sum --check --quiet
}

main() {
  mkdir -p "$cache"
  exec 9>"$cache/setup.lock"
  flock --nonblock 9 || { say "another set-up is running; waiting for it" && flock 9; }
  : >"$log"
  cd "$root"
  say "Setting up Headcount"
  check_machine
  install_packages
  install_npm
  step "build" npm run build
  step "person-detection model" npm run model
  step "demo clip" fetch_clip
  step "int8 copy of the model" npm run quantize -- --clip "$cache/vtest.avi"
  [ "$for_tests" = no ] || step "minimal Debian for the package test" scripts/lib/make-package-root.sh
  say "Set-up done in $SECONDS s"
}

main

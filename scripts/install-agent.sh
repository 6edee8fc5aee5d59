#!/usr/bin/env bash
# Installs the agent on a box that does not use the Debian package.
set -euo pipefail
# shellcheck source=scripts/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=scripts/lib/stage-agent.sh
. "$root/scripts/lib/stage-agent.sh"

usage() {
  cat <<'EOT'
Usage: scripts/install-agent.sh [--uninstall [--purge]]

Copies the agent that scripts/setup.sh has built to /opt/headcount, makes its user, PIN, certificate and systemd unit,
and starts it when /etc/headcount/agent.yaml is there and right. Safe to run again: it updates what is installed and
keeps configuration and counts. Needs root and systemd 252 or newer.

  --uninstall  stops and removes the agent; configuration and counts stay
  --purge      with --uninstall: these too, and the user
  --help       show this text

Exit codes: 0 done, 1 failed, 2 wrong usage.
EOT
}

action=install purge=no
while [ $# -gt 0 ]; do
  case $1 in
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
[ "$action" = uninstall ] || [ "$purge" = no ] || { usage >&2 && exit 2; }

home=/opt/headcount
unit=headcount-agent.service
command=/usr/local/bin/headcount-agent

running() { [ -d /run/systemd/system ]; }

# place FILE TARGET [MODE]: as in the package, but below /opt.
place() {
  sed "s#/usr/lib/headcount#$home#g" "$1" >"$2.new"
  chmod "${3:-644}" "$2.new"
  mv "$2.new" "$2"
}

install_agent() {
  command -v ffmpeg >/dev/null || die "ffmpeg is missing; install it first (apt-get install ffmpeg)"
  [ ! -e /usr/bin/headcount-agent ] || die "the Debian package is installed here; update that, or remove it first"
  check_built
  # Beside the running one, then swapped: an interrupted copy leaves the old agent whole.
  rm -rf "$home.new" "$home.old"
  stage_agent "$home.new"
  if [ -e "$home" ]; then mv "$home" "$home.old"; fi
  mv "$home.new" "$home"
  rm -rf "$home.old"
  mkdir -p /etc/sysusers.d /etc/tmpfiles.d /usr/local/bin
  place "$root/systemd/headcount-agent.sh" "$command" 755
  place "$root/systemd/headcount-agent.sysusers" /etc/sysusers.d/headcount-agent.conf
  place "$root/systemd/headcount-agent.tmpfiles" /etc/tmpfiles.d/headcount-agent.conf
  place "$root/systemd/headcount-agent.service" "/etc/systemd/system/$unit"
  "$home/bin/prepare-gateway" "$command"
  start_agent
}

start_agent() {
  systemctl enable --quiet "$unit"
  if ! running; then return; fi
  systemctl daemon-reload
  if [ ! -e /etc/headcount/agent.yaml ]; then return; fi
  if "$command" check-config; then
    systemctl restart "$unit"
  else
    die "the configuration above must be mended, then: systemctl restart headcount-agent"
  fi
}

uninstall_agent() {
  if running && [ -e "/etc/systemd/system/$unit" ]; then systemctl stop "$unit"; fi
  if [ -e "/etc/systemd/system/$unit" ]; then systemctl disable --quiet "$unit"; fi
  rm -rf "$home" "$command" "/etc/systemd/system/$unit" /etc/sysusers.d/headcount-agent.conf \
    /etc/tmpfiles.d/headcount-agent.conf
  if running; then systemctl daemon-reload; fi
  if [ "$purge" = yes ]; then
    rm -rf /etc/headcount /var/lib/headcount
    if getent passwd headcount >/dev/null; then userdel headcount; fi
  fi
}

[ "$(id -u)" -eq 0 ] || die "needs root"
mkdir -p "$cache"
"${action}_agent"
say "$action: done"

#!/bin/sh
# Makes what an installed agent needs beside its files; keeps everything that is there already. Run as root by the
# package's postinst and by scripts/install-agent.sh.
set -eu

config=/etc/headcount
agent=$1 # the headcount-agent command

systemd-sysusers headcount-agent.conf
systemd-tmpfiles --create headcount-agent.conf

# secret FILE: standard input goes into a file that only the agent's user can read.
secret() {
  (umask 077 && cat >"$1.new")
  chown headcount:headcount "$1.new"
  mv "$1.new" "$1"
}

if [ ! -e "$config/status.pin" ]; then
  # Eight digits from 64 random bits; the remainder favours no digit by more than one in 10^11.
  od -An -N8 -tu8 /dev/urandom | tr -d ' \n' | sed 's/.*\(........\)$/\1\n/' | secret "$config/status.pin"
fi
"$agent" make-certificate --dir "$config"

if [ ! -e "$config/agent.yaml" ]; then
  cat <<TEXT
The agent is installed, but has no configuration yet. Next:
  1. sudo -u headcount cp ${0%/bin/*}/agent.example.yaml $config/agent.yaml
     and edit it: the cameras (docs: install.md, step 3)
  2. sudo headcount-agent enroll https://<collector>:8443   with a code of "headcount-collector gateway enroll-code"
  3. sudo headcount-agent check-config
  4. sudo systemctl start headcount-agent
  5. sudo headcount-agent label --html > label.html   and put the label on the box
The PIN of the status page: sudo cat $config/status.pin
TEXT
fi

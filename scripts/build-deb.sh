#!/usr/bin/env bash
# Makes the Debian package of the agent from a built tree.
set -euo pipefail
# shellcheck source=scripts/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=scripts/lib/stage-agent.sh
. "$root/scripts/lib/stage-agent.sh"

usage() {
  cat <<'EOT'
Usage: scripts/build-deb.sh [--out FOLDER] [--version VERSION]

Makes headcount-agent_VERSION_ARCH.deb for the architecture of this machine, from what scripts/setup.sh has built: the
program, its npm packages, both models and this machine's node. Run it on an arm64 machine for an arm64 package.

  --out FOLDER       where the package goes (default: .cache/deb)
  --version VERSION  instead of the one in agent/package.json

The same sources give the same package: times are those of the last commit, or SOURCE_DATE_EPOCH.
Exit codes: 0 made, 1 failed, 2 wrong usage. The last line is the package's path.
EOT
}

out=$cache/deb
version=$(node -p "require('$root/agent/package.json').version")
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?--out needs a folder} && shift ;;
    --version) version=${2:?--version needs a version} && shift ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([~+.-][0-9A-Za-z.~+-]+)?$ ]] || die "--version must look like 1.2.3, not $version"

stage=
trap 'rm -rf "$stage"' EXIT

stage_system() {
  local doc=$stage/usr/share/doc/headcount-agent
  install -Dm 755 "$root/systemd/headcount-agent.sh" "$stage/usr/bin/headcount-agent"
  install -Dm 644 -t "$stage/usr/lib/systemd/system" "$root"/systemd/headcount-agent{,-update}.service \
    "$root/systemd/headcount-agent-update.path"
  install -Dm 644 "$root/systemd/headcount-agent.sysusers" "$stage/usr/lib/sysusers.d/headcount-agent.conf"
  install -Dm 644 "$root/systemd/headcount-agent.tmpfiles" "$stage/usr/lib/tmpfiles.d/headcount-agent.conf"
  install -Dm 644 "$root/docs/install.md" "$doc/install.md"
  install -Dm 644 "$root/docs/install.vi.md" "$doc/install.vi.md"
  gzip -9nc "$root/CHANGELOG.md" >"$doc/changelog.gz"
  node_license >"$doc/node.LICENSE"
  copyright >"$doc/copyright"
}

# Beside the binary where Node.js was unpacked by hand, in the documentation where a package brought it.
node_license() {
  local file binary
  binary=$(node -p process.execPath)
  for file in "${binary%/bin/node}/LICENSE" "${binary%/bin/node}/share/doc/nodejs/LICENSE" /usr/share/doc/nodejs/copyright; do
    if [ -e "$file" ]; then cat "$file" && return; fi
  done
  die "the licence of Node.js is not beside ${binary}; it must go into the package"
}

copyright() {
  local line packages=
  while IFS= read -r line; do packages+=" $line"$'\n'; done < <(
    find "$stage/usr/lib/headcount/node_modules" -regextype posix-extended \
      -regex '.*/node_modules/(@[^/]+/)?[^/]+/package.json' -print0 |
      sort -z | xargs -0 node "$root/scripts/lib/list-licenses.js"
  )
  awk -v packages="${packages%$'\n'}" '{ if ($0 == "@packages@") print packages; else print }' "$root/deploy/debian/copyright.in"
}

# Debian packages of the libraries that the binaries inside need, with the versions that they were linked against.
libraries() {
  local work binaries
  work=$(mktemp -d)
  mkdir "$work/debian"
  printf 'Source: headcount\n\nPackage: headcount-agent\nArchitecture: any\n' >"$work/debian/control"
  mapfile -t binaries < <(find "$stage" -type f \( -name node -o -name '*.node' -o -name '*.so.*' \) | grep -v musl)
  (cd "$work" && dpkg-shlibdeps -O --ignore-missing-info "${private_libraries[@]}" "${binaries[@]}" 2>>"$log") |
    sed -n 's/^shlibs:Depends=//p'
  rm -rf "$work"
}

control() {
  local size needs
  size=$(du -sk --exclude=DEBIAN "$stage" | cut -f1)
  mapfile -t private_libraries < <(find "$stage" -type f -name '*.so*' -printf '-l%h\n' | sort -u)
  needs=$(libraries)
  [ -n "$needs" ] || die "dpkg-shlibdeps found no libraries; see $log"
  mkdir -p "$stage/DEBIAN"
  sed -e "s/@version@/$version/" -e "s/@arch@/$arch/" -e "s/@size@/$size/" -e "s/@libraries@/$needs/" \
    "$root/deploy/debian/control.in" >"$stage/DEBIAN/control"
  install -m 755 "$root"/deploy/debian/{postinst,prerm,postrm} "$stage/DEBIAN/"
  (cd "$stage" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
}

main() {
  local package
  command -v dpkg-deb dpkg-shlibdeps strip >/dev/null || die "install dpkg-dev and binutils first"
  mkdir -p "$cache" "$out"
  check_built
  arch=$(dpkg --print-architecture)
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/package-lock.json")}
  export SOURCE_DATE_EPOCH
  stage=$(mktemp -d)
  chmod 755 "$stage"
  stage_agent "$stage/usr/lib/headcount"
  sed -i "s/^\(  \"version\": \).*/\1\"$version\",/" "$stage/usr/lib/headcount/agent/package.json"
  stage_system
  control
  find "$stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  package=$out/headcount-agent_${version}_$arch.deb
  dpkg-deb --root-owner-group -Zzstd -z3 --build "$stage" "$package" >>"$log"
  say "$(du -sm --exclude=DEBIAN "$stage" | cut -f1) MB installed, $(du -m "$package" | cut -f1) MB packed"
  say "$package"
}

main

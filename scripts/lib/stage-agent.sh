# shellcheck shell=bash
# Sourced by build-deb.sh and install-agent.sh after common.sh: the files of an installed agent, the same for both.
# shellcheck disable=SC2154 # root and log come from common.sh

# check_built: everything that is copied must be there; the build belongs to scripts/setup.sh.
check_built() {
  local file
  for file in agent/dist/main.js agent/dist/web/index.html shared/dist/index.js agent/models/person-detector.onnx \
    node_modules/better-sqlite3/build/Release/better_sqlite3.node; do
    [ -e "$root/$file" ] || die "$file is missing; run scripts/setup.sh first"
  done
}

# stage_agent FOLDER: program, its npm packages, models and the node binary that they were built for.
stage_agent() {
  local to=$1 node
  node=$(node -p process.execPath)
  mkdir -p "$to/bin" "$to/agent" "$to/shared"
  # The binary, not Debian's package: better-sqlite3 is built for this version, and Debian 12 has an older one.
  install -m 755 "$node" "$to/bin/node"
  strip --strip-unneeded "$to/bin/node"
  cp -r "$root/agent/dist" "$root/agent/package.json" "$root/agent/models" "$to/agent/"
  cp -r "$root/shared/dist" "$root/shared/package.json" "$to/shared/"
  find "$to/agent/dist" "$to/shared/dist" \( -name '*.map' -o -name '*.d.ts' \) -delete
  stage_packages "$to"
  mkdir -p "$to/node_modules/@headcount"
  ln -s ../../shared "$to/node_modules/@headcount/shared"
  install -m 755 "$root/systemd/prepare-gateway.sh" "$to/bin/prepare-gateway"
  install -m 644 "$root/deploy/agent.example.yaml" "$to/agent.example.yaml"
  find "$to" -type d -exec chmod 755 {} +
  find "$to" -type f ! -perm -u+x -exec chmod 644 {} +
}

# What `npm ls` calls a dependency of the agent at run time; tools that only install others stay behind.
stage_packages() {
  local to=$1 path
  (cd "$root" && npm ls --parseable --all --omit=dev --workspace agent --workspace shared 2>>"$log") >"$to/.packages" ||
    die "npm ls found a broken installation; run scripts/setup.sh"
  while IFS= read -r path; do
    case ${path#"$root"} in
      '' | /node_modules/@headcount/* | /node_modules/@types/*) ;;
      /node_modules/prebuild-install | /node_modules/adm-zip | /node_modules/global-agent) ;;
      *) copy_package "$path" "$to/${path#"$root"/}" ;;
    esac
  done <"$to/.packages"
  rm "$to/.packages"
  trim_packages "$to/node_modules"
}

# Nested packages have lines of their own in the list. ./prebuilds holds addons for Bare, another JavaScript runtime.
copy_package() {
  local folder excluded=(--exclude ./node_modules)
  for folder in test tests __tests__ doc docs example examples benchmark benchmarks coverage .github deps src/cpp \
    build/Release/obj build/Release/obj.target build/Release/.deps prebuilds; do
    excluded+=(--exclude "./$folder")
  done
  mkdir -p "$2"
  tar -C "$1" "${excluded[@]}" -cf - . | tar -C "$2" -xf -
}

# Leaves out what no running program reads: types, maps, other systems' binaries, compiler input and output.
trim_packages() {
  local packages=$1 arch
  arch=$(node -p process.arch)
  find "$packages/onnxruntime-node/bin" -mindepth 2 -maxdepth 3 -type d \
    ! -path "*/linux" ! -path "*/linux/$arch" -prune -exec rm -rf {} +
  find "$packages/better-sqlite3" -type f \( -name '*.[ach]' -o -name '*.[ch]pp' -o -name 'test_extension.node' \
    -o -name '*.mk' -o -name '*akefile' \) -delete
  find "$packages" -type f \( -name '*.map' -o -name '*.[cm]ts' -o -name '*.ts' -o -iname 'readme*' -o -iname 'changelog*' \
    -o -iname 'history.md' -o -name 'tsconfig*.json' -o -name '.*' \) -delete
  find "$packages" -depth -type d -empty -delete
}

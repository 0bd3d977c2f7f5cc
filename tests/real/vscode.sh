# The extension for VS Code is packed, and the package holds what the manifest names.
source "$(dirname "$0")/lib.bash"
command -v npm >/dev/null || skip npm
command -v python3 >/dev/null || skip python3
[ -f "$ROOT/editors/vscode/package.json" ] || skip editors/vscode
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

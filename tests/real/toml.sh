# Emitted TOML and JSON, read by somebody else's parsers; rows of CSV all of one length.
source "$(dirname "$0")/lib.bash"
command -v python3 >/dev/null || skip python3
python3 -c 'import tomllib' 2>/dev/null || skip "python3 3.11 (tomllib)"
python3 - "$EMITTED" <<'P'
import csv, json, pathlib, sys, tomllib

def pairs(found):
    keys = [key for key, _ in found]
    assert len(keys) == len(set(keys)), f"a key stands twice among {keys}"
    return dict(found)

count, bad = 0, 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*/out/**/*")):
    if not path.is_file():
        continue
    try:
        if path.suffix == ".toml":
            tomllib.loads(path.read_text())
        elif path.suffix == ".json":
            json.loads(path.read_text(), object_pairs_hook=pairs)
        else:
            continue
        count += 1
    except Exception as error:
        bad += 1
        print(f"{path}: {error}")
print(f"{count} files")
sys.exit(bad > 0)
P

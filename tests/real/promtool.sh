# The rules inside of emitted PrometheusRules, by Prometheus' own checker.
source "$(dirname "$0")/lib.bash"
need promtool prometheus
command -v python3 >/dev/null || skip python3
if ! python3 -c 'import yaml' 2>/dev/null; then
    install python3-yaml
    python3 -c 'import yaml' 2>/dev/null || skip python3-yaml
fi

printf 'groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: rate(x[5m\n' >"$SCRATCH/bad.yaml"
if promtool check rules "$SCRATCH/bad.yaml" >/dev/null 2>&1; then echo "promtool accepts what is wrong"; exit 1; fi

python3 - "$EMITTED" "$SCRATCH" <<'P'
import pathlib, sys, yaml
emitted, scratch = map(pathlib.Path, sys.argv[1:])
count = 0
for path in sorted(emitted.glob("*/out/**/*.yaml")):
    if "kubernetes" not in path.parts:
        continue
    for document in yaml.safe_load_all(path.read_text()):
        if isinstance(document, dict) and document.get("kind") == "PrometheusRule":
            count += 1
            name = f"{count:03}-{document['metadata']['name']}.rules"
            (scratch / name).write_text(yaml.safe_dump({"groups": document["spec"]["groups"]}))
P
shopt -s nullglob
rules=("$SCRATCH"/*.rules)
[ "${#rules[@]}" -gt 0 ] || skip "an emitted PrometheusRule"
said=$(promtool check rules "${rules[@]}" 2>&1) || { echo "$said"; exit 1; }
if grep -qi 'FAILED\|error\|warning' <<<"$said"; then echo "$said"; exit 1; fi
echo "${#rules[@]} PrometheusRules"

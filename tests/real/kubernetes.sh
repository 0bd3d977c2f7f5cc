# Every emitted object against a real API server with the real definitions, strictly (a dry run on the server).
#
# The server is built from its Go module: 10 minutes of CPU. It is built where PURLIN_REAL=1, and kept in $CACHE.
source "$(dirname "$0")/lib.bash"
command -v kubectl >/dev/null || skip kubectl
command -v python3 >/dev/null || skip python3
engines=$ROOT/../shared/real/kubernetes
schemas=$ROOT/../shared/schemas
[ -d "$engines" ] || skip "../shared/real/kubernetes"
find_emitted roots 'kustomization.yaml'

key=$(cat "$engines"/cluster/go.sum "$engines"/cluster/main.go | sha256sum | cut -c1-16)
bin=$CACHE/kubernetes-$key
if [ ! -x "$bin/kube-apiserver" ]; then
    [ "${PURLIN_REAL:-}" = 1 ] || skip "PURLIN_REAL=1, or a Kubernetes API server in $CACHE"
    command -v go >/dev/null || skip go
    mkdir -p "$CACHE"
    cp -R "$engines/cluster" "$SCRATCH/cluster"
    chmod -R u+w "$SCRATCH/cluster"
    sh "$SCRATCH/cluster/build.sh" "$bin.part" >"$SCRATCH/build.log" 2>&1 || { tail -n 30 "$SCRATCH/build.log"; exit 1; }
    mv "$bin.part" "$bin"
fi

export KUBE_BIN=$bin KUBE_RUN="" PATH=$bin:$PATH
port=$((20000 + RANDOM % 20000))
trap 'sh "$engines/down.sh" "$SCRATCH/server" >/dev/null 2>&1 || true' EXIT
eval "$(sh "$engines/up.sh" "$SCRATCH/server" "$port")"

# Only the definitions that are used: three hundred of them cost minutes.
projects=$(find "$EMITTED" -path '*/kubernetes/*' -name '*.yaml' -exec grep -h '^apiVersion: ' {} + |
    sed 's/^apiVersion: *//; s/"//g' | sort -u | python3 -c '
import re, sys
wanted = {line.strip() for line in sys.stdin}
project, found = None, set()
for text in open(sys.argv[1]):
    if text.startswith("## "):
        project = re.sub(r"-(v?\d[\w.]*|main)$", "", text[3:].strip())
    match = re.match(r"- (\S+/v\w+) ", text)
    if match and match.group(1) in wanted:
        found.add(project)
print(*sorted(found))' "$schemas/kubernetes-INDEX.md")
# shellcheck disable=SC2086
python3 "$engines/crds-from-schemas.py" "$schemas/kubernetes-INDEX.md" "$schemas/kubernetes" $projects |
    kubectl apply --server-side -f - >"$SCRATCH/crds.log" 2>&1 || { cat "$SCRATCH/crds.log"; exit 1; }
kubectl wait --for=condition=Established crd --all --timeout=120s >/dev/null
sleep 2 # discovery comes a moment later

printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: default}\ndate: {}\n' >"$SCRATCH/bad.yaml"
if sh "$engines/apply.sh" --dry-run=server "$SCRATCH/bad.yaml" >/dev/null; then echo "the server accepts what is wrong"; exit 1; fi

bad=0 files=0
for root in "${roots[@]}"; do
    mapfile -t manifests < <(find "$(dirname "$root")" -name '*.yaml' ! -name kustomization.yaml | sort)
    said=$(sh "$engines/apply.sh" --dry-run=server "${manifests[@]}") || { bad=1; grep -v '^ok' <<<"$said"; }
    files=$((files + ${#manifests[@]}))
done
[ "$bad" = 0 ]
echo "$files files"

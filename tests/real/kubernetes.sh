# Every emitted object, applied strictly to a real API server that has the projects' own definitions: one server for
# each emitted cluster, as `kubectl apply -k` would send them. What the server says is read: warnings count.
#
# The server is built from its Go module, some 8 minutes of CPU. It is built where PURLIN_REAL=1, and kept in $CACHE.
source "$(dirname "$0")/lib.bash"
for program in openssl curl python3; do need "$program"; done
need go golang-go
find_emitted roots 'kustomization.yaml'
engine=${ROOT:?}/tests/real/kubernetes

bin=$(kubernetes_kept)
if [ ! -x "$bin/kubectl" ]; then
    [ "${PURLIN_REAL:-}" = 1 ] || skip "PURLIN_REAL=1, or a Kubernetes API server in $CACHE"
    # Since 1.21 a Go fetches the newer one that a module asks for.
    go env GOTOOLCHAIN | grep -q . || skip "go 1.21 or newer"
    (cd "$engine" && go mod download) >"$SCRATCH/download.log" 2>&1 || skip "a Go module proxy: $(tail -n 1 "$SCRATCH/download.log")"
    version=$(cd "$engine" && go list -m -f '{{.Version}}' k8s.io/kubernetes)
    fields=k8s.io/component-base/version
    rm -rf "$bin" && mkdir -p "$bin"
    (cd "$engine" && CGO_ENABLED=0 go build -trimpath -o "$bin/kube" \
        -ldflags "-s -w -X $fields.gitVersion=$version -X $fields.gitMajor=1 -X $fields.gitMinor=${version:3:2} -X $fields.gitTreeState=clean" .) \
        >"$SCRATCH/build.log" 2>&1 || { tail -n 30 "$SCRATCH/build.log"; exit 1; }
    for name in etcd kube-apiserver kubectl; do ln -sf kube "$bin/$name"; done
fi
PATH=$bin:$PATH

# The definitions, out of the modules of their projects.
while read -r module folder; do
    case $module in '#'* | '') continue ;; esac
    told=$(cd / && go mod download -json "$module" 2>/dev/null) || { echo "not to be had: $module" >&2; continue; }
    echo "$(sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p' <<<"$told")/$folder"
done <"$engine/crds.txt" >"$SCRATCH/folders"
mkdir "$SCRATCH/crds"
unknown=$(python3 "$engine/definitions.py" "$SCRATCH/crds" "$ROOT/../shared/schemas/kubernetes" "$EMITTED" <"$SCRATCH/folders")
[ -z "$unknown" ] || unjudged "objects without a definition (../shared/schemas/kubernetes has it): ${unknown//$'\n'/, }"

# start FOLDER: an etcd and an API server of their own, on loopback; sets KUBECONFIG.
start() {
    local port=$((20000 + RANDOM % 20000)) state=$1
    mkdir -p "$state"
    openssl genrsa -out "$state/account.key" 2048 2>/dev/null
    echo "check,check,check,system:masters" >"$state/tokens.csv"
    etcd --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn \
        --listen-client-urls "http://127.0.0.1:$((port + 1))" --advertise-client-urls "http://127.0.0.1:$((port + 1))" \
        --listen-peer-urls "http://127.0.0.1:$((port + 2))" --initial-advertise-peer-urls "http://127.0.0.1:$((port + 2))" \
        --initial-cluster "default=http://127.0.0.1:$((port + 2))" >"$state/etcd.log" 2>&1 &
    pids=($!)
    kube-apiserver --etcd-servers "http://127.0.0.1:$((port + 1))" --bind-address 127.0.0.1 --secure-port "$port" \
        --cert-dir "$state" --endpoint-reconciler-type none --service-cluster-ip-range 10.96.0.0/16 \
        --token-auth-file "$state/tokens.csv" --authorization-mode RBAC --allow-privileged \
        --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$state/account.key" \
        --service-account-signing-key-file "$state/account.key" >"$state/apiserver.log" 2>&1 &
    pids+=($!)
    cat >"$state/kubeconfig" <<K
{"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
 "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:$port", "insecure-skip-tls-verify": true}}],
 "users": [{"name": "u", "user": {"token": "check"}}]}
K
    export KUBECONFIG=$state/kubeconfig HOME=$state # kubectl keeps what it discovered below HOME
    local tries=0
    until curl -skf -H 'Authorization: Bearer check' "https://127.0.0.1:$port/readyz" >/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 600 ] || ! kill -0 "${pids[1]}" 2>/dev/null; then
            echo "the API server does not come up:"
            tail -n 15 "$state"/*.log
            exit 1
        fi
        sleep 0.2
    done
}

stop() {
    [ "${#pids[@]}" = 0 ] || kill -9 "${pids[@]}" 2>/dev/null # what they hold is thrown away
    wait 2>/dev/null
    pids=()
}
pids=()
trap 'stop || true' EXIT

# define: all definitions, and discovery knows them.
define() {
    kubectl apply --server-side -f "$SCRATCH/crds" >"$SCRATCH/said" 2>&1 || { cat "$SCRATCH/said"; exit 1; }
    kubectl wait --for=condition=Established crd --all --timeout=120s >"$SCRATCH/said" 2>&1 || { cat "$SCRATCH/said"; exit 1; }
    # Discovery comes a moment later than that.
    local tries wanted
    wanted=$(kubectl get crd -o jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}' | sort)
    for ((tries = 0; tries < 100; tries++)); do
        [ -n "$(comm -23 <(echo "$wanted") <(kubectl api-resources --no-headers -o name | sort))" ] || return 0
        sleep 0.2
    done
    echo "the API server does not serve all definitions"
    exit 1
}

# foreign FOLDER: namespaces that objects name and no file makes. Argo CD and the operators bring their own.
foreign() {
    comm -23 <(grep -rhoP '^  namespace: "?\K[a-z0-9-]+' "$1" --include='*.yaml' | sort -u) \
        <(grep -rhPA3 '^kind: Namespace$' "$1" --include='*.yaml' | grep -oP '^  name: "?\K[a-z0-9-]+' | sort -u)
}

# expected: answers that are no fault. Whether an image runs as root is the image's own; the namespaces enforce
# `baseline` for that reason, and `restricted` warns. Images that Purlin chooses by their version have no digest that it
# knows; the policy warns of them.
expected() {
    local lines=(-e ' serverside-applied$' -e '^Warning: would violate PodSecurity "restricted:latest": runAsNonRoot != true ([^,]*)$'
        -e "^Warning: .*'purlin-images-pinned': images without a digest: \(ghcr.io/mlflow/mlflow\|nvcr.io/nvidia/tritonserver\):[^, ]*$")
    local version kind
    while read -r version kind; do
        [ -z "$kind" ] || lines+=(-e "no matches for kind \"$kind\" in version \"$version\"\$" -e '^ensure CRDs are installed first$')
    done <<<"$unknown"
    grep -v "${lines[@]}" "$1" || true
}

# admit: the pods that controllers would make, past admission: pod security, limit ranges, quotas. No controller runs here,
# so what one would add to a namespace is added first: its service account, and how much of a quota is used.
admit() {
    local namespace quota hard
    for namespace in $(kubectl get namespaces -o jsonpath='{.items[*].metadata.name}'); do
        kubectl -n "$namespace" create serviceaccount default >/dev/null 2>&1 || true
        for quota in $(kubectl -n "$namespace" get resourcequotas -o name); do
            hard=$(kubectl -n "$namespace" get "$quota" -o jsonpath='{.spec.hard}')
            kubectl -n "$namespace" patch "$quota" --subresource=status --type=merge \
                -p "{\"status\": {\"hard\": $hard, \"used\": $(sed -E 's/:"[^"]*"/:"0"/g' <<<"$hard")}}" >/dev/null
        done
    done
    kubectl get "$(kubectl api-resources --namespaced --verbs=list -o name | grep -v -e '^events' -e '^pods' -e '^endpoints$' | paste -sd,)" -A -o json |
        python3 "$engine/pods.py" >"$SCRATCH/pods.json"
    kubectl create --dry-run=server --validate=strict -f "$SCRATCH/pods.json" 2>&1
}

strictly() { kubectl apply --server-side --validate=strict "$@" 2>&1; }

# A server that lets pass what is wrong would judge nothing: an unknown field, and a custom kind's wrong type.
refuses() {
    local said
    said=$(strictly --dry-run=server -f - <<<"$2") && { echo "the server accepts what is wrong: $2"; exit 1; }
    grep -q "$1" <<<"$said" || { echo "another answer was expected: $said"; exit 1; }
}

bad=0 objects=0 pods=0 judged=0
for root in "${roots[@]}"; do
    folder=$(dirname "$root")
    start "$SCRATCH/server-$judged"
    define
    if [ "$judged" = 0 ]; then
        refuses 'field not declared in schema' '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}, "date": {}}'
        refuses 'field not declared in schema' '{"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "LocalQueue", "metadata": {"name": "q", "namespace": "default"}, "spec": {"clusterQueues": "c"}}'
    fi
    for namespace in $(foreign "$folder"); do kubectl create namespace "$namespace" >/dev/null; done
    ended=0
    strictly -k "$folder" >"$SCRATCH/answers" || ended=$?
    said=$(expected "$SCRATCH/answers")
    if [ -n "$said" ] || { [ "$ended" != 0 ] && [ -z "$unknown" ]; }; then
        bad=1
        echo "$(short "$folder"): ended with $ended"
        echo "$said"
    fi
    admit >"$SCRATCH/admitted" || true
    said=$(grep -v ' created (server dry run)$' "$SCRATCH/admitted" | expected /dev/stdin)
    [ -z "$said" ] || { bad=1; echo "$(short "$folder"), its pods:"; echo "$said"; }
    if [ "$judged" = 0 ]; then
        namespace=$(kubectl get namespaces -l app.kubernetes.io/managed-by=purlin -o jsonpath='{.items[0].metadata.name}')
        refuses 'violates PodSecurity "baseline' '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "'"$namespace"'"},
            "spec": {"containers": [{"name": "c", "image": "i@sha256:0", "securityContext": {"privileged": true}}]}}'
    fi
    pods=$((pods + $(grep -c ' created (server dry run)$' "$SCRATCH/admitted" || true)))
    objects=$((objects + $(grep -c ' serverside-applied$' "$SCRATCH/answers"))) judged=$((judged + 1))
    stop
done
[ "$bad" = 0 ]
echo "$objects objects and $pods pods in $judged clusters, $(find "$SCRATCH/crds" -type f | wc -l) definitions"

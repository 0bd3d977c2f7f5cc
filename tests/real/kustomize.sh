# `kubectl kustomize` builds every cluster's folder: all files are listed, all patches find their object.
source "$(dirname "$0")/lib.bash"
PATH=$PATH:$(kubernetes_kept)
command -v kubectl >/dev/null || skip "kubectl (PURLIN_REAL=1 builds one)"
find_emitted roots 'kustomization.yaml'

mkdir -p "$SCRATCH/bad"
printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [absent.yaml]\n' >"$SCRATCH/bad/kustomization.yaml"
if kubectl kustomize "$SCRATCH/bad" >/dev/null 2>&1; then echo "kustomize accepts what is wrong"; exit 1; fi

objects=0 bad=0
for root in "${roots[@]}"; do
    if ! kubectl kustomize "$(dirname "$root")" >"$SCRATCH/built.yaml" 2>"$SCRATCH/said"; then
        bad=1; echo "$(short "$root"):"; cat "$SCRATCH/said"; continue
    fi
    if [ -s "$SCRATCH/said" ]; then bad=1; echo "$(short "$root"):"; cat "$SCRATCH/said"; fi
    # Nothing is lost or doubled on the way.
    listed=$(cd "$(dirname "$root")" && find . -name '*.yaml' ! -name kustomization.yaml -exec grep -h '^kind: ' {} + | wc -l)
    built=$(grep -c '^kind: ' "$SCRATCH/built.yaml")
    [ "$listed" = "$built" ] || { bad=1; echo "$(short "$root"): $listed objects are written, $built are built"; }
    objects=$((objects + built))
done
[ "$bad" = 0 ]
echo "$objects objects in ${#roots[@]} clusters"

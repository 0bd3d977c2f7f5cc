# Emitted cloud-config against cloud-init's own schema. Old versions let unknown top-level keys pass, so those are
# compared with the modules that the schema names.
source "$(dirname "$0")/lib.bash"
need cloud-init
find_emitted configs 'cloud-init.yaml'

check() { cloud-init schema --config-file "$1" 2>&1 || true; }

printf '#cloud-config\npackages: 7\n' >"$SCRATCH/bad.yaml"
check "$SCRATCH/bad.yaml" | grep -qi 'error\|invalid' || { echo "cloud-init accepts what is wrong"; exit 1; }

bad=0
for config in "${configs[@]}"; do
    said=$(check "$config")
    if ! grep -q '^Valid \(cloud-config\|schema\)' <<<"$said" || grep -qi 'deprecat\|error\|warning' <<<"$said"; then
        bad=1
        echo "$(short "$config"):"
        echo "$said"
    fi
done
[ "$bad" = 0 ]
echo "${#configs[@]} cloud-configs"

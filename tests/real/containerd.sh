# Emitted containerd configuration, loaded by containerd. It tells unknown keys as warnings and ends with 0.
source "$(dirname "$0")/lib.bash"
find_emitted configs 'containerd*.toml'
command -v containerd >/dev/null || skip containerd

dump() { containerd --config "$1" config dump 2>&1 >/dev/null || true; }
printf 'version = 2\nunknown_key = 1\n[plugins\n' >"$SCRATCH/bad.toml"
[ -n "$(dump "$SCRATCH/bad.toml")" ] || { echo "containerd accepts what is wrong"; exit 1; }

bad=0
for config in "${configs[@]}"; do
    said=$(dump "$config" | grep -i 'warn\|error\|unknown\|invalid\|fail' || true)
    [ -z "$said" ] || { bad=1; echo "$(short "$config"):"; echo "$said"; }
done
[ "$bad" = 0 ]
echo "${#configs[@]} configurations"

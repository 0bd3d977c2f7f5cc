# Emitted containerd configuration, loaded by containerd. It tells unknown keys as warnings and ends with 0.
#
# Nothing is emitted today: on nodes of a cloud the image brings it (an EKS node's is written by nodeadm), on own machines
# the GPU operator's container toolkit adds its runtime. A file of Purlin's would be overwritten, or be read by nobody.
source "$(dirname "$0")/lib.bash"
find_emitted configs 'containerd*.toml'
need containerd

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

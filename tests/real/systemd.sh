# Emitted units. systemd-analyze tells faults and ends with 0: its text is what counts.
source "$(dirname "$0")/lib.bash"
need systemd-analyze systemd
find_emitted units '*.service' '*.timer' '*.mount' '*.path'

# Programs of a GPU node are not on this machine: that they are absent is no fault of a unit.
verify() {
    systemd-analyze verify --man=no --recursive-errors=no "$@" 2>&1 |
        grep -v -e 'is not executable: No such file or directory' -e '^Cannot add dependency job' \
            -e 'Failed to prepare filename .*: No such file' -e '^/lib/systemd' -e '^/usr/lib/systemd' || true
}

printf '[Service]\nExecStart=/bin/true\nRestrat=always\n' >"$SCRATCH/bad.service"
verify "$SCRATCH/bad.service" | grep -q Restrat || { echo "systemd-analyze accepts what is wrong"; exit 1; }

bad=0
for unit in "${units[@]}"; do
    said=$(verify "$unit")
    [ -z "$said" ] || { bad=1; echo "$(short "$unit"):"; echo "$said"; }
done
[ "$bad" = 0 ]
echo "${#units[@]} units"

# Emitted scripts: the shell parses them, and shellcheck finds nothing in them.
source "$(dirname "$0")/lib.bash"
need shellcheck
find_emitted scripts '*.sh'

# A checker that finds nothing in what is wrong would judge nothing.
printf '#!/bin/bash\nx=$1\nrm $x\n' >"$SCRATCH/bad.sh"
(shellcheck "$SCRATCH/bad.sh" || true) | grep -q SC2086 || { echo "shellcheck accepts what is wrong"; exit 1; }

bad=0
for script in "${scripts[@]}"; do
    said=$(bash -n "$script" 2>&1 && shellcheck --severity=style "$script" 2>&1) || true
    [ -z "$said" ] || { bad=1; echo "$(short "$script"):"; echo "$said"; }
done
[ "$bad" = 0 ]
echo "${#scripts[@]} scripts"

# Sourced by the scripts beside this file.
set -euo pipefail

# skip WHAT…: the script cannot judge here.
skip() { echo "skipped: needs $*"; exit 77; }

# need PROGRAM [PACKAGE]: a program, installed from the distribution where that is possible.
need() {
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get install -y -qq --no-install-recommends "${2:-$1}" >/dev/null 2>&1 ||
            { apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends "${2:-$1}" >/dev/null 2>&1; } || true
        hash -r
    fi
    command -v "$1" >/dev/null || skip "$1"
}

# find_emitted VARIABLE NAME…: files of these names (patterns) of all examples, into an array; skips where there is none.
find_emitted() {
    local -n _found=$1
    shift
    local patterns=()
    for name in "$@"; do patterns+=(-o -name "$name"); done
    mapfile -t _found < <(find "$EMITTED" -path '*/out/*' -type f \( "${patterns[@]:1}" \) | sort)
    [ "${#_found[@]}" -gt 0 ] || skip "an emitted file named $*"
}

# short PATH: a path as it is shown.
short() { echo "${1#"$EMITTED"/}"; }

# Sourced by the scripts beside this file.
set -euo pipefail

# skip WHAT…: the script cannot judge here.
skip() { echo "skipped: needs $*"; exit 77; }

# unjudged WHAT…: one part of the script cannot judge here; `run` shows the line.
unjudged() { echo "skipped: $*"; }

# install PACKAGE: from the distribution, where that is possible.
install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    local get=(apt-get -o DPkg::Lock::Timeout=300)
    "${get[@]}" install -y -qq --no-install-recommends "$1" >/dev/null 2>&1 ||
        { "${get[@]}" update -qq >/dev/null 2>&1 && "${get[@]}" install -y -qq --no-install-recommends "$1" >/dev/null 2>&1; } || true
    hash -r
}

# need PROGRAM [PACKAGE]: a program, installed where it is absent.
need() {
    command -v "$1" >/dev/null && return
    install "${2:-$1}"
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

# key FILE…: what a cached engine is named after: it is built again when one of them changes.
key() { cat "$@" | sha256sum | cut -c1-16; }

# Where the API server of kubernetes.sh is kept, and a kubectl with it.
kubernetes_kept() {
    local engine=$ROOT/tests/real/kubernetes
    echo "$CACHE/kubernetes-$(key "$engine/go.mod" "$engine/go.sum" "$engine/main.go")"
}

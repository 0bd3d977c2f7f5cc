# A secret in a spec is told, with its place, and shown nowhere: not in the message, not in the quoted line, not in JSON.
source "$(dirname "$0")/lib.bash"
canary="hf""_CaNaRyCaNaRyCaNaRyCaNaRyCaNaRy0123"
cat >"$SCRATCH/purlin.kdl" <<K
platform shop { owner ml }
team ml { contact "ml@shop.example" }
model seed { format safetensors }
training-job tune { model seed; env HF_TOKEN="$canary" }
K
cd "$SCRATCH"
said=$("$PURLIN" check --as-of 2026-11-21 2>&1) && { echo "a secret is accepted"; exit 1; }
grep -q 'security.secret-in-spec' <<<"$said" || { echo "the secret is not found:"; echo "$said"; exit 1; }
for command in "check" "check --format json" "plan" "plan --format json" "plan --format markdown" "build" "cost" "graph"; do
    # shellcheck disable=SC2086
    said=$("$PURLIN" $command --as-of 2026-11-21 2>&1 || true)
    if grep -q CaNaRy <<<"$said"; then echo "purlin $command repeats it:"; echo "$said"; exit 1; fi
done
if grep -rq CaNaRy out 2>/dev/null; then echo "it is in the output folder"; exit 1; fi
echo "8 commands"

#!/usr/bin/env bash
# Compiles native programs into a folder (deploy/native.sh), and sees that a whole cluster comes up by them, runs a Pod and ends.
#   tests/native.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
out=${1:?name the folder for the programs}
sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
if ! command -v clang >/dev/null && ! command -v gcc >/dev/null; then
  { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends gcc libc6-dev zlib1g-dev; } >/dev/null
fi
"$here/deploy/native.sh" "$out" >/dev/null
kubectl=$here/.work/tools/kubernetes-client/usr/bin/kubectl; [ -x "$kubectl" ] || kubectl=kubectl
work=$(mktemp -d); up=
stop() {
  if [ -n "$up" ]; then kill "$up" 2>/dev/null || true; wait "$up" || true; fi
  rm -rf "$work"
}
trap stop EXIT
port=$((20000 + RANDOM % 20000))
"$out/kubelite" up --data-dir "$work/data" --port "$port" >"$work/up.log" 2>&1 & up=$!
for _ in $(seq 300); do
  grep -q "is ready at" "$work/up.log" && break
  kill -0 "$up" 2>/dev/null || { cat "$work/up.log" >&2; exit 1; }
  sleep 0.1
done
export KUBECONFIG=$work/data/admin.kubeconfig
[ "$($kubectl get nodes --no-headers | grep -cw Ready)" = 3 ] || { $kubectl get nodes >&2; exit 1; }
$kubectl create deployment web --image=nginx --replicas=3
$kubectl rollout status deployment/web --timeout=60s
"$out/kubelite" get pods --data-dir "$work/data"
kill "$up"; wait "$up" || { echo "native.sh: up ended with exit code $?" >&2; up=; exit 1; }
up=

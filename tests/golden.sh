#!/usr/bin/env bash
# Replays recorded Kubernetes conversations against fresh servers from this checkout.
#   tests/golden.sh [--datastore memory|sqlite|etcd] [--passed-file FILE] FILE.jsonl...
# KUBELITE_PROGRAMS names a folder of native programs (deploy/native.sh), which are started rather than this checkout's.
# Files named controllers or scheduler come last, with a scheduler and a controller manager; the others meet an API server alone.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
datastore=memory passed= files=() show=20
while [ $# -gt 0 ]; do
  case $1 in
    --datastore) datastore=$2; shift 2 ;;
    --passed-file) passed=$2; shift 2 ;;
    --show) show=$2; shift 2 ;;
    -*) echo "golden.sh: unknown flag $1" >&2; exit 2 ;;
    *) files+=("$1"); shift ;;
  esac
done
[ ${#files[@]} -gt 0 ] || { echo "golden.sh: name at least one FILE.jsonl" >&2; exit 2; }
config=${KUBELITE_CONFIGURATION:-Debug}
if [ -z "${KUBELITE_NO_BUILD:-}" ]; then
  for p in src/KubeLite.ApiServer src/KubeLite.Scheduler src/KubeLite.ControllerManager tests/KubeLite.Golden; do
    dotnet build "$here/$p" -c "$config" -v quiet --nologo >/dev/null || { echo "golden.sh: $p does not build" >&2; exit 1; }
  done
fi
work=$(mktemp -d); pids=()
stop() {
  for ((i=${#pids[@]}-1; i>=0; i--)); do kill "${pids[$i]}" 2>/dev/null || true; done
  for pid in "${pids[@]:-}"; do [ -n "$pid" ] && wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() { local p; while :; do p=$((20000 + RANDOM)); taken "$p" || { echo "$p"; return; }; done; }
program() { # project, program: how it is started, into the array run
  if [ -n "${KUBELITE_PROGRAMS:-}" ]; then run=("$KUBELITE_PROGRAMS/$2"); else run=(dotnet "$here/src/$1/bin/$config/net10.0/$2.dll"); fi
}
# The recordings were made at this port, which the kubernetes Service shows.
port=16443; taken $port && port=$(free_port)
token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
printf '%s,golden-admin,1,"system:masters"\n' "$token" >"$work/tokens.csv"
store=(--datastore "$datastore")
case $datastore in
  sqlite) store+=(--sqlite-file "$work/golden.db") ;;
  etcd)
    client=$(free_port) peer=$(free_port)
    etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
      --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
      --initial-cluster "default=http://127.0.0.1:$peer" >"$work/etcd.log" 2>&1 &
    pids+=($!)
    for _ in $(seq 100); do taken "$client" && break; sleep 0.1; done
    store+=(--etcd-servers "http://127.0.0.1:$client") ;;
esac
# --streaming-lists=false: the recorded server stood on an etcd that reports no progress.
program KubeLite.ApiServer kubelite-apiserver
"${run[@]}" --secure-port "$port" --bind-address 127.0.0.1 --token-auth-file "$work/tokens.csv" \
  --service-cluster-ip-range 10.0.0.0/24 --authorization-mode Node,RBAC --streaming-lists=false "${store[@]}" >"$work/apiserver.log" 2>&1 &
pids+=($!)
for i in $(seq 300); do
  [ "$(curl -sk "https://127.0.0.1:$port/readyz" 2>/dev/null)" = ok ] && break
  kill -0 "${pids[-1]}" 2>/dev/null || { cat "$work/apiserver.log" >&2; exit 1; }
  [ "$i" = 300 ] && { echo "golden.sh: the API server did not become ready" >&2; exit 1; }
  sleep 0.1
done
alone=() whole=()
for f in "${files[@]}"; do
  case ${f##*/} in controllers*|scheduler*) whole+=("$f") ;; *) alone+=("$f") ;; esac
done
replay() {
  dotnet "$here/tests/KubeLite.Golden/bin/$config/net10.0/kubelite-golden.dll" --server "https://127.0.0.1:$port" --token "$token" --show "$show" \
    ${passed:+--passed-file "$passed"} "$@" >"$work/replay" || differed=1
  sed '$d' "$work/replay"
  read -r p f < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed.*/\1 \2/p' "$work/replay" | tail -1)
  total=$((total + p)) failures=$((failures + f))
}
total=0 failures=0 differed=0
[ ${#alone[@]} -eq 0 ] || replay "${alone[@]}"
if [ ${#whole[@]} -gt 0 ]; then
  cat >"$work/kubeconfig" <<K
apiVersion: v1
kind: Config
clusters: [{name: golden, cluster: {server: "https://127.0.0.1:$port", insecure-skip-tls-verify: true}}]
users: [{name: golden, user: {token: "$token"}}]
contexts: [{name: golden, context: {cluster: golden, user: golden}}]
current-context: golden
K
  program KubeLite.ControllerManager kubelite-controller-manager
  "${run[@]}" --kubeconfig "$work/kubeconfig" --leader-elect=false --secure-port 0 >"$work/controllers.log" 2>&1 &
  pids+=($!)
  program KubeLite.Scheduler kubelite-scheduler
  "${run[@]}" --kubeconfig "$work/kubeconfig" --leader-elect=false --secure-port 0 >"$work/scheduler.log" 2>&1 &
  pids+=($!)
  replay "${whole[@]}"
fi
echo "$total passed, $failures failed"
[ $differed -eq 0 ]

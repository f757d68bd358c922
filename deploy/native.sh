#!/usr/bin/env bash
# Compiles KubeLite to machine code: .work/native/kubelite, which is the whole cluster as `deploy/kubelite.sh` runs it, and
# .work/native/kubelite-apiserver, which takes the flags of docs/separate-processes.md; the other servers are links to the first.
# They start in a fraction of the time, need half the memory and are as fast with their first request as with their last.
# Beside the .NET SDK this needs a C compiler for the last step, 3 GB of memory and some minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
command -v dotnet >/dev/null || { echo "native.sh: the .NET 10 SDK is needed: dotnet is not on PATH" >&2; exit 1; }
command -v clang >/dev/null || command -v gcc >/dev/null || { echo "native.sh: clang or gcc is needed (apt install gcc)" >&2; exit 1; }
case $(uname -m) in aarch64 | arm64) rid=linux-arm64 ;; *) rid=linux-x64 ;; esac
out=${1:-$here/.work/native}
mkdir -p "$here/.work"
log=$(mktemp "$here/.work/build.XXXXXX"); trap 'rm -f "$log"' EXIT
# The API server last: publishing the whole leaves settings for the runtime beside its parts, which a native program has no use for.
for project in KubeLite.Cli KubeLite.ApiServer; do
  # Its own artifacts folder: a build for one platform must not disturb the tests' build for any.
  dotnet publish "$here/src/$project" -c Release -r "$rid" -p:PublishAot=true -p:DebugType=none -p:StripSymbols=true \
    --artifacts-path "$here/.work/artifacts-native" -o "$out" -v quiet --nologo >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  rm -f "$out"/*.dbg "$out"/*.runtimeconfig.json
done
for server in scheduler controller-manager kubelet; do
  ln -sf kubelite "$out/kubelite-$server"
done
printf '%s\n' "$out/kubelite" "$out/kubelite-apiserver"

#!/usr/bin/env bash
# Builds KubeLite where needed and runs its command line: deploy/kubelite.sh up
# The programs are compiled ahead of time (ReadyToRun), which halves the time to a running cluster; where deploy/native.sh has made
# native ones from the same sources, these are run.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
command -v dotnet >/dev/null || { echo "kubelite.sh: the .NET 10 SDK is needed: dotnet is not on PATH" >&2; exit 1; }
out=$here/.work/kubelite stamp=$here/.work/kubelite/.built native=$here/.work/native/kubelite
current() { # file: is it there, and newer than all that it is made of
  [ -e "$1" ] && [ -z "$(find "$here/src" "$here/Directory.Build.props" -newer "$1" \( -name '*.cs' -o -name '*.csproj' -o -name '*.facts' -o -name '*.props' -o -name '*.json' \) -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)" ]
}
current "$native" && exec "$native" "$@"
if ! current "$stamp"; then
  [ -t 2 ] && echo "building KubeLite, once…" >&2
  case $(uname -m) in aarch64 | arm64) rid=linux-arm64 ;; *) rid=linux-x64 ;; esac
  mkdir -p "$here/.work"
  log=$(mktemp "$here/.work/build.XXXXXX")
  # Its own artifacts folder: a build for one platform must not disturb the tests' build for any.
  dotnet publish "$here/src/KubeLite.Cli" -c Release -r "$rid" --no-self-contained -p:PublishReadyToRun=true \
    --artifacts-path "$here/.work/artifacts" -o "$out" -v quiet --nologo >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; exit 1; }
  rm -f "$log"
  touch "$stamp"
fi
exec dotnet "$out/kubelite.dll" "$@"

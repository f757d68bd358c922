#!/usr/bin/env bash
# Builds KubeLite where needed and runs its command line: deploy/kubelite.sh up
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
command -v dotnet >/dev/null || { echo "kubelite.sh: the .NET 10 SDK is needed: dotnet is not on PATH" >&2; exit 1; }
out=$here/src/KubeLite.Cli/bin/Release/net10.0
stamp=$out/.built
if [ ! -e "$stamp" ] || [ -n "$(find "$here/src" -newer "$stamp" \( -name '*.cs' -o -name '*.csproj' -o -name '*.facts' -o -name '*.props' -o -name '*.json' \) -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)" ]; then
  [ -t 2 ] && echo "building KubeLite, once…" >&2
  dotnet build "$here/src/KubeLite.Cli" -c Release -v quiet --nologo >"${TMPDIR:-/tmp}/kubelite-build.$$" 2>&1 || { cat "${TMPDIR:-/tmp}/kubelite-build.$$" >&2; exit 1; }
  rm -f "${TMPDIR:-/tmp}/kubelite-build.$$"
  touch "$stamp"
fi
exec dotnet "$out/kubelite.dll" "$@"

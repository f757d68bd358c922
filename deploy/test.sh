#!/usr/bin/env bash
# Passes all the tests: installs what they need from Debian's packages, builds, runs every test project.
# Prints a summary; ends with "N passed, N failed". Exit code 0 only if nothing failed.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here" || exit 1
log=$(mktemp -d); trap 'rm -rf "$log"' EXIT
sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
tools=$here/.work/tools; mkdir -p "$tools"

need=()
command -v etcd >/dev/null || need+=(etcd-server)
command -v etcdctl >/dev/null || need+=(etcd-client)
python3 -c 'import kubernetes' 2>/dev/null || /usr/bin/python3 -c 'import kubernetes' 2>/dev/null || need+=(python3-kubernetes)
command -v curl >/dev/null || need+=(curl)
if [ ${#need[@]} -gt 0 ]; then
  echo "installing ${need[*]}"
  { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${need[@]}"; } >"$log/apt" 2>&1 ||
    { tail -5 "$log/apt"; echo "test.sh: could not install ${need[*]}; install them and run this again" >&2; exit 1; }
fi
# Debian's kubectl beside whatever kubectl the machine has: unpacked, not installed, since the two would be one file.
if [ ! -x "$tools/kubernetes-client/usr/bin/kubectl" ]; then
  (cd "$tools" && { apt-get download kubernetes-client || { $sudo apt-get update -qq && apt-get download kubernetes-client; }; }) >"$log/kubectl" 2>&1 &&
    dpkg-deb -x "$tools"/kubernetes-client_*.deb "$tools/kubernetes-client" && rm -f "$tools"/kubernetes-client_*.deb
  [ -x "$tools/kubernetes-client/usr/bin/kubectl" ] || { tail -3 "$log/kubectl"; echo "test.sh: could not fetch Debian's kubernetes-client" >&2; exit 1; }
fi
export KUBELITE_TEST_TOOLS=$tools
# The JavaScript client, for the test that drives it: 1.x, since 2.x needs a newer Node.js than Debian's.
client=@kubernetes/client-node@1.4.0
if command -v npm >/dev/null && [ "$(cat "$tools/node/client" 2>/dev/null)" != "$client" ]; then
  rm -rf "$tools/node" && mkdir -p "$tools/node" && (cd "$tools/node" && npm init -y && npm install --no-audit --no-fund "$client") >"$log/npm" 2>&1 ||
    { tail -3 "$log/npm"; echo "test.sh: could not install $client" >&2; exit 1; }
  echo "$client" >"$tools/node/client"
fi

dotnet build KubeLite.sln -v quiet --nologo >"$log/build" 2>&1 || { grep -E 'error' "$log/build" | sort -u | head -20; echo "test.sh: the build fails" >&2; exit 1; }
passed=0 failed=0
for project in tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  dotnet test "$project" --no-build --nologo -v quiet --logger "console;verbosity=minimal" >"$log/$name" 2>&1; code=$?
  line=$(grep -E '^(Passed|Failed|Skipped)! +-' "$log/$name" | tail -1)
  p=$(sed -nE 's/.*Passed: +([0-9]+).*/\1/p' <<<"$line"); f=$(sed -nE 's/.*Failed: +([0-9]+).*/\1/p' <<<"$line"); s=$(sed -nE 's/.*Skipped: +([0-9]+).*/\1/p' <<<"$line")
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
  echo "$name: ${p:-0} passed, ${f:-0} failed${s:+, $s skipped}"
  if [ $code -ne 0 ]; then
    [ "${f:-0}" = 0 ] && failed=$((failed + 1))
    grep -vE '^\s*$|^Test run|^Starting|A total of' "$log/$name" | head -60
  fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

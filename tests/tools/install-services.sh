#!/usr/bin/env bash
# Installs the real services that the tests compare against (promtool, amtool) and break (the parts of the shipped
# stack: nginx, PostgreSQL, Redis, exporters), and the libraries that PDF files are made with.  As root it uses apt with the packages' automatic start blocked, so
# nothing runs afterwards that did not run before.  Without root it only says what is missing; the tests then skip.
set -u

declare -A package_of=(
  [promtool]=prometheus
  [amtool]=prometheus-alertmanager
  [prometheus-alertmanager]=prometheus-alertmanager
  [prometheus-postgres-exporter]=prometheus-postgres-exporter
  [prometheus-redis-exporter]=prometheus-redis-exporter
  [prometheus-nginx-exporter]=prometheus-nginx-exporter
  [prometheus-blackbox-exporter]=prometheus-blackbox-exporter
  [nginx]=nginx-light
  [redis-server]=redis-server
  [/usr/lib/postgresql/*/bin/postgres]=postgresql
  [ip]=iproute2
  [openssl]=openssl
)
PATH=$PATH:/usr/sbin:/sbin

missing=()
for command in "${!package_of[@]}"; do
  # shellcheck disable=SC2086  # PostgreSQL's programs lie in a folder of their version: the name is a pattern
  command -v $command >/dev/null 2>&1 || missing+=("${package_of[$command]}")
done
# What PDF files are made with has no command: libraries and a font.
for library in libpango-1.0 libpangoft2-1.0 libharfbuzz-subset; do
  ldconfig -p 2>/dev/null | grep -q "$library\.so" || missing+=("${library/subset/subset0}")
done
[ -e "$(echo /usr/lib/*/faketime/libfaketime.so.1)" ] || missing+=(libfaketime)
fc-list 2>/dev/null | grep -qi dejavu || missing+=(fonts-dejavu-core fontconfig)
missing=("${missing[@]/%libpango-1.0/libpango-1.0-0}")
missing=("${missing[@]/%libpangoft2-1.0/libpangoft2-1.0-0}")
[ ${#missing[@]} -eq 0 ] && exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Not installed: ${missing[*]}. Tests that compare with them will be skipped." >&2
  echo "To install them on Debian or Ubuntu: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 0
fi

# invoke-rc.d asks policy-rc.d before it starts anything; 101 means "not allowed".
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
echo "Installing ${missing[*]} (automatic start blocked)" >&2
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

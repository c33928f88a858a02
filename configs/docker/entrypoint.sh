#!/bin/sh
# Runs a command with the secrets of /run/secrets in its environment, each under the name of its
# file. `scheduled HH:MM COMMAND…` runs a command on every weekday at that time, until it is stopped;
# `scheduled "HH:MM HH:MM" COMMAND…` at each of these times.
set -eu

for file in "${SECRETS:-/run/secrets}"/*; do
  [ -f "$file" ] || continue
  value=$(cat "$file")
  export "$(basename "$file")=$value"
done

[ "${1:-}" = scheduled ] || exec "$@"

times=$2
shift 2
trap 'exit 0' TERM INT
while :; do
  now=$(date +%s)
  next=
  for at in $times; do
    start=$(date -d "today $at" +%s)
    [ "$start" -gt "$now" ] || start=$(date -d "tomorrow $at" +%s)
    [ -n "$next" ] && [ "$next" -le "$start" ] || next=$start
  done
  sleep $((next - now)) &
  wait $!
  [ "$(date +%u)" -le 5 ] || continue
  "$@" || echo "ended with code $?" >&2
done

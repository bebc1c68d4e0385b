#!/bin/sh
# Makes the namespace with its retention and search attributes. May run again.
# Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RETENTION, SEARCH_ATTRIBUTES (Name=Type ...)
set -eu
tries=60
until temporal operator cluster health > /dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "Temporal at $TEMPORAL_ADDRESS does not become healthy." >&2; exit 1; }
  sleep 1
done

if temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; then
  temporal operator namespace update -n "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
else
  temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi

set --
for attribute in $SEARCH_ATTRIBUTES; do
  set -- "$@" --name "${attribute%%=*}" --type "${attribute#*=}"
done
# Right after its creation a namespace is not known everywhere yet.
until temporal operator search-attribute create "$@"; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 1
done

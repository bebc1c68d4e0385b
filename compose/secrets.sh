#!/bin/sh
# Writes a random password into each folder named on the command line that has none. May run again.
set -eu
for folder in "$@"; do
  [ ! -s "$folder/password" ] || continue
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$folder/password.new"
  # Who may read it is settled by who mounts the volume; the readers run as different users.
  chmod 444 "$folder/password.new"
  mv "$folder/password.new" "$folder/password"
  echo "$folder: new password"
done

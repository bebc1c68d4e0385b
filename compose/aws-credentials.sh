#!/bin/sh
# Makes up the key of the local S3 server once, in the two forms that its readers want. May run again.
set -eu
folder=$1
[ ! -s "$folder/credentials" ] || exit 0
sh /compose/secrets.sh "$folder"
printf '[default]\naws_access_key_id = local\naws_secret_access_key = %s\n' "$(cat "$folder/password")" > "$folder/credentials.new"
chmod 444 "$folder/credentials.new"
mv "$folder/credentials.new" "$folder/credentials"

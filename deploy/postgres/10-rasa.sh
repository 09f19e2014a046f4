#!/bin/sh
# Run once by the postgres image, when its volume is empty: Rasa gets a database and a role of its own, so that Rasa's
# side, which runs on old libraries, can read neither the staff's accounts nor the app's conversations.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set=password="$RASA_POSTGRES_PASSWORD" --set=ours="$POSTGRES_DB" <<'SQL'
CREATE ROLE rasa LOGIN PASSWORD :'password';
CREATE DATABASE rasa OWNER rasa;
REVOKE CONNECT, TEMPORARY ON DATABASE rasa FROM PUBLIC;
REVOKE CONNECT, TEMPORARY ON DATABASE :"ours" FROM PUBLIC;
SQL

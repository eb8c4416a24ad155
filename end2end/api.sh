#!/usr/bin/env bash
# The lines that people know from the documents of other systems, as they would type them.
# Needs DOORWARD_URL, and the admin `root` (root@example.com) with the password in DOORWARD_PASSWORD.
set -euo pipefail

api="$DOORWARD_URL/api/v1"
json() { curl -fsS -H 'Content-Type: application/json' "$@"; }
# The field of a JSON object on standard input, and of objects inside by dots.
field() { python3 -c 'import functools, json, sys; print(functools.reduce(lambda v, k: v[k], sys.argv[1].split("."), json.load(sys.stdin)))' "$1"; }
same() { [ "$1" = "$2" ] || { echo "$3: $1, not $2" >&2; exit 1; }; }

curl -fsS "$api/capabilities" | field authRequired >/dev/null
json "$api/auth/login" -d "{\"email\":\"root@example.com\",\"password\":\"$DOORWARD_PASSWORD\"}" | field token >/dev/null
token=$(json "$api/auth/login" -d "{\"username\":\"root\",\"password\":\"$DOORWARD_PASSWORD\"}" | field token)
as_root=(-H "Authorization: Bearer $token")
same "$(curl -fsS "${as_root[@]}" "$api/auth/me" | field user.username)" root me
curl -fsS "${as_root[@]}" "$api/auth/validate" | field user.username >/dev/null
curl -fsS "${as_root[@]}" "$api/users" | field items >/dev/null

id=$(json "${as_root[@]}" "$api/users" -d '{"username":"elif","password":"a lantern by the tide","role":"viewer"}' | field id)
same "$(json "${as_root[@]}" -X PUT "$api/users/$id" -d '{"role":"manager"}' | field role)" manager role
json "${as_root[@]}" -X PUT "$api/users/$id/password" -d '{"newPassword":"another lantern, another tide"}' >/dev/null
theirs=$(json "$api/auth/login" -d '{"username":"elif","password":"another lantern, another tide"}' | field token)
json -H "Authorization: Bearer $theirs" "$api/auth/change-password" \
  -d '{"currentPassword":"another lantern, another tide","newPassword":"the third lantern of the bay"}' >/dev/null

key=$(json "${as_root[@]}" "$api/api-keys" -d '{"name":"deploy","role":"operator"}' | field key)
curl -fsS -H "Authorization: Bearer $key" "$api/auth/me" >/dev/null
same "$(curl -fsS -H "X-API-Key: $key" "$api/auth/me" | field apiKey.name)" deploy "the key"
same "$(curl -s -o /dev/null -w '%{http_code}' -H "X-API-Key: $key" "$api/users")" 403 "a key without the right"

same "$(json "${as_root[@]}" -X PATCH "$api/users/$id" -d '{"isDisabled":true}' | field isDisabled)" True disabled
same "$(json -s -o /dev/null -w '%{http_code}' "$api/auth/login" -d '{"username":"elif","password":"the third lantern of the bay"}' || true)" 401 "signing in"
curl -fsS "${as_root[@]}" -X DELETE "$api/users/$id"
echo "every line works"

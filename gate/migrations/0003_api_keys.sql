-- API keys. A revoked key stays, so that the log's keys can be looked up.
CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name as it is compared, in hex: digits and letters sort the same in every language of a
    -- database, so a prefix is a range and the order is one on both engines.
    name_key TEXT NOT NULL,
    description TEXT,
    prefix TEXT NOT NULL,
    -- SHA-256 of the secret, and of the one before while its grace lasts.
    secret_hash TEXT NOT NULL,
    old_secret_hash TEXT,
    old_secret_until BIGINT NOT NULL DEFAULT 0,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    -- No reference: the key stays when its owner is deleted.
    owner_id TEXT,
    workspace TEXT,
    environment TEXT,
    -- Lists in JSON; absent is any.
    apps TEXT,
    allowed_ips TEXT,
    created_by_kind TEXT NOT NULL,
    created_by_id TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- 9223372036854775807 is never, so that a page can begin after it.
    expires_at BIGINT NOT NULL,
    -- 0 is never.
    last_used_at BIGINT NOT NULL DEFAULT 0,
    last_used_ip TEXT,
    use_count BIGINT NOT NULL DEFAULT 0,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX api_keys_prefix ON api_keys (prefix);
-- The orders of the list.
CREATE INDEX api_keys_by_name ON api_keys (name_key, id);
CREATE INDEX api_keys_by_created ON api_keys (created_at, id);
CREATE INDEX api_keys_by_used ON api_keys (last_used_at, id);
CREATE INDEX api_keys_by_expiry ON api_keys (expires_at, id);
-- What is somebody's own.
CREATE INDEX api_keys_owner ON api_keys (owner_id) WHERE owner_id IS NOT NULL;

-- Columns are TEXT and BIGINT only, so that one text serves SQLite and PostgreSQL.
-- Times are milliseconds since 1970; a flag is 0 or 1, or the time since when.

-- Who changes what counts rows ("the last admin") updates a line here first, and so waits its turn.
CREATE TABLE turns (
    name TEXT NOT NULL PRIMARY KEY,
    taken BIGINT NOT NULL
);
INSERT INTO turns (name, taken) VALUES ('people', 0), ('setup', 0), ('bus', 0);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    -- The username and the address as they are compared: normalised, case folded.
    username_key TEXT NOT NULL,
    email TEXT,
    email_key TEXT,
    display_name TEXT,
    display_key TEXT,
    role TEXT NOT NULL,
    source TEXT NOT NULL,
    password_hash TEXT,
    must_change_password BIGINT NOT NULL DEFAULT 0,
    is_disabled BIGINT NOT NULL DEFAULT 0,
    -- All that lists are filtered by, in one word: `viewer local active`.
    facet TEXT NOT NULL,
    -- Rises with everything that must end the tokens minted before.
    security_version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- 0 is never, so that a page can begin after it.
    last_login_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX users_username_key ON users (username_key);
CREATE UNIQUE INDEX users_email_key ON users (email_key);
CREATE INDEX users_display_key ON users (display_key);
-- The orders of the list, besides that of the usernames.
CREATE INDEX users_by_created ON users (created_at, id);
CREATE INDEX users_by_login ON users (last_login_at, id);
-- The same orders below each facet: a filtered page is merged from the beginnings of a few.
CREATE INDEX users_facet_username ON users (facet, username_key, id);
CREATE INDEX users_facet_created ON users (facet, created_at, id);
CREATE INDEX users_facet_login ON users (facet, last_login_at, id);
-- Who administers.
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
-- Counted on Home.
CREATE INDEX users_disabled ON users (id) WHERE is_disabled = 1;

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- SHA-256 of the cookie's constant part; absent in token sessions.
    binding_hash TEXT,
    remembered BIGINT NOT NULL,
    device TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- When the password was last given again, as proof.
    confirmed_at BIGINT,
    ended_at BIGINT,
    ended_by TEXT
);
CREATE INDEX sessions_user ON sessions (user_id, last_seen_at, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_seen ON sessions (last_seen_at, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Each refresh secret that was ever given out in a session that still stands, as SHA-256.
CREATE TABLE refresh_secrets (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at BIGINT NOT NULL,
    spent_at BIGINT
);
CREATE INDEX refresh_secrets_session ON refresh_secrets (session_id);

CREATE TABLE tickets (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX tickets_session ON tickets (session_id);
CREATE INDEX tickets_expiry ON tickets (expires_at);

CREATE TABLE links (
    hash TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX links_user ON links (user_id);
CREATE INDEX links_expiry ON links (expires_at);

CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    target_kind TEXT,
    target_id TEXT,
    target_name TEXT,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    request_id TEXT NOT NULL,
    session_id TEXT,
    detail TEXT NOT NULL
);
CREATE INDEX events_at ON events (at, id);
CREATE INDEX events_action ON events (action, at, id);

-- What other processes must hear: seq is given out under a lock held to the end of the
-- transaction, so it has no gaps and rises in the order of the commits.
CREATE TABLE bus (
    seq BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- Answers to requests that carried an Idempotency-Key, sealed, for a day.
CREATE TABLE idempotency (
    key_hash TEXT NOT NULL PRIMARY KEY,
    request_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_age ON idempotency (created_at);

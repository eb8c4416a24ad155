-- Codes that take a session from the dashboard to the host of an app, once, within seconds.
CREATE TABLE handovers (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    app TEXT NOT NULL,
    -- SHA-256 of what the browser that began it keeps for the app's host.
    browser TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX handovers_session ON handovers (session_id);
CREATE INDEX handovers_expiry ON handovers (expires_at);

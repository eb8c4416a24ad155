-- Whom other parties know an account as: exactly this issuer and this subject, byte by byte.
CREATE TABLE identities (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    -- The provider, issuer or directory by its id in the settings; no reference, since most are in the
    -- configuration and an identity outlives them.
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- The address that the issuer vouched for when it was last used.
    email TEXT,
    linked_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX identities_issuer_subject ON identities (issuer, subject);
CREATE INDEX identities_user ON identities (user_id, linked_at);
-- How many people a provider has, and which admins have signed in by it.
CREATE INDEX identities_provider ON identities (provider, user_id);
-- Whom `auth.admins` means.
CREATE INDEX identities_subject ON identities (subject);
CREATE INDEX identities_email ON identities (lower(email));

-- No mapping ever takes the role of such an account away.
ALTER TABLE users ADD COLUMN is_break_glass BIGINT NOT NULL DEFAULT 0;

-- Whether the owner wrote the address: what nobody vouched for is no reason to link an identity.
ALTER TABLE users ADD COLUMN email_by_owner BIGINT NOT NULL DEFAULT 0;

-- By what a session began, where it was no password.
CREATE TABLE session_identities (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    identity_id TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
    -- The session's name at the provider, for its sign-out.
    sid TEXT,
    -- What the provider said of the person at sign-in, sealed: it is shown to it again at sign-out.
    id_token_sealed TEXT
);
CREATE INDEX session_identities_identity ON session_identities (identity_id, sid);

-- Providers of the dashboard; those of the configuration are not here.
CREATE TABLE providers (
    id TEXT NOT NULL PRIMARY KEY,
    -- All but the secret, in JSON; it is only ever read whole.
    settings TEXT NOT NULL,
    -- Sealed for this provider and this issuer.
    secret_sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What is known of a provider from sign-ins, of those in the configuration too.
CREATE TABLE provider_notes (
    provider TEXT NOT NULL PRIMARY KEY,
    -- Of the settings with which a test sign-in went well; other settings are untested.
    tested_print TEXT,
    tested_at BIGINT,
    test_problem TEXT,
    -- The claims of the last sign-in, sealed, for a day.
    claims_sealed TEXT,
    claims_of TEXT,
    claims_at BIGINT
);

-- What is good once: the state of a sign-in that came back, the id of a provider's sign-out.
CREATE TABLE spent (
    hash TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_expiry ON spent (expires_at);

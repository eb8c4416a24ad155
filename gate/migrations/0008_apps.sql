-- What Doorward guards; apps of the configuration are not here.
CREATE TABLE apps (
    slug TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- No cascade: a workspace goes once nothing is in it that people open.
    workspace TEXT NOT NULL REFERENCES workspaces (slug),
    upstream TEXT NOT NULL,
    listen TEXT,
    mount TEXT,
    is_trusted BIGINT NOT NULL,
    preset TEXT,
    -- A list in JSON; it is only ever read whole.
    rules TEXT NOT NULL,
    identity_headers TEXT NOT NULL,
    health_path TEXT NOT NULL,
    health_every TEXT NOT NULL,
    -- How Doorward signs in to the upstream; the secret is sealed for this app and this upstream.
    auth_kind TEXT,
    auth_name TEXT,
    auth_sealed TEXT,
    is_enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX apps_listen ON apps (listen);
CREATE UNIQUE INDEX apps_mount ON apps (mount);
-- What keeps a workspace from going.
CREATE INDEX apps_workspace ON apps (workspace);

CREATE TABLE app_hosts (
    host TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL REFERENCES apps (slug) ON DELETE CASCADE,
    -- Their order.
    place BIGINT NOT NULL
);
CREATE INDEX app_hosts_app ON app_hosts (app, place);

-- How many requests passed in a minute; kept for a day. No reference: apps of the configuration
-- have traffic too.
CREATE TABLE app_traffic (
    app TEXT NOT NULL,
    -- When it began.
    minute BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    unauthenticated BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    client_errors BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    PRIMARY KEY (app, minute)
);
-- The last hour of all apps, and what is to go.
CREATE INDEX app_traffic_minute ON app_traffic (minute);

-- Which keys are good for some apps alone.
CREATE INDEX api_keys_apps ON api_keys (id) WHERE apps IS NOT NULL;

-- What belongs together. `default` with its environment `default` is always there.
CREATE TABLE workspaces (
    slug TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    is_private BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- A page of those that are open to all; somebody's own are found by their grants.
CREATE INDEX workspaces_open ON workspaces (slug) WHERE is_private = 0;
INSERT INTO workspaces (slug, name, is_private, created_at, updated_at) VALUES ('default', 'Default', 0, 0, 0);

CREATE TABLE environments (
    workspace TEXT NOT NULL REFERENCES workspaces (slug) ON DELETE CASCADE,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace, slug)
);
INSERT INTO environments (workspace, slug, name, created_at) VALUES ('default', 'default', 'Default', 0);

-- Whose role is another one there.
CREATE TABLE grants (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    workspace TEXT NOT NULL REFERENCES workspaces (slug) ON DELETE CASCADE,
    -- Empty for the whole workspace.
    environment TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, workspace, environment)
);
-- Who is a member.
CREATE INDEX grants_members ON grants (workspace, user_id, environment);
-- Who has a role that is to go.
CREATE INDEX grants_role ON grants (role);

-- Which keys are good there alone, and go with it.
CREATE INDEX api_keys_workspace ON api_keys (workspace) WHERE workspace IS NOT NULL;

-- The roles that were made here; the built-in ones are in the program.
CREATE TABLE roles (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    -- The permissions' names, with spaces between them.
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- Who has a role that is to go; users are found by their facet.
CREATE INDEX api_keys_role ON api_keys (role);

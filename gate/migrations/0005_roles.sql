-- The roles that were made here; the built-in ones are in the program.
CREATE TABLE roles (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    -- The permissions' names, with spaces between them.
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

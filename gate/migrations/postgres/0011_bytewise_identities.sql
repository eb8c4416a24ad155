-- Identities compare byte by byte, as SQLite compares all text: somebody is exactly one subject.
ALTER TABLE identities
    ALTER COLUMN issuer TYPE TEXT COLLATE "C",
    ALTER COLUMN subject TYPE TEXT COLLATE "C",
    ALTER COLUMN provider TYPE TEXT COLLATE "C";

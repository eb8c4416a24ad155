-- Slugs compare byte by byte, as SQLite compares all text: a prefix is a range of the index then.
ALTER TABLE workspaces ALTER COLUMN slug TYPE TEXT COLLATE "C";
ALTER TABLE environments
    ALTER COLUMN workspace TYPE TEXT COLLATE "C",
    ALTER COLUMN slug TYPE TEXT COLLATE "C";
ALTER TABLE grants
    ALTER COLUMN workspace TYPE TEXT COLLATE "C",
    ALTER COLUMN environment TYPE TEXT COLLATE "C";

-- Keys compare byte by byte, as SQLite compares all text, whatever the language of the database is:
-- only then is a prefix a range of an index, and the order of a list the same on both.
ALTER TABLE users
    ALTER COLUMN username_key TYPE TEXT COLLATE "C",
    ALTER COLUMN email_key TYPE TEXT COLLATE "C",
    ALTER COLUMN display_key TYPE TEXT COLLATE "C",
    ALTER COLUMN facet TYPE TEXT COLLATE "C";

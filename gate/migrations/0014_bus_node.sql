-- Which node wrote a line: it has heard it already. What an older Doorward writes has no name, and is heard by all.
ALTER TABLE bus ADD COLUMN node TEXT NOT NULL DEFAULT '';

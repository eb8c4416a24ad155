-- What the audit log needs to be read, chained and shipped.

-- Where it happened, in a workspace or in none.
ALTER TABLE events ADD COLUMN workspace TEXT;
ALTER TABLE events ADD COLUMN environment TEXT;
-- The place in the chain, and the hash over this event and the hash before. Absent until chained.
ALTER TABLE events ADD COLUMN seq BIGINT;
ALTER TABLE events ADD COLUMN hash TEXT;

-- A page is a range of one of these, whatever the filter.
CREATE INDEX events_actor ON events (actor_id, at, id);
CREATE INDEX events_target ON events (target_id, at, id);
CREATE INDEX events_outcome ON events (outcome, at, id);
CREATE INDEX events_ip ON events (ip, at, id);

-- The chain, and what waits to be chained.
CREATE UNIQUE INDEX events_seq ON events (seq) WHERE seq IS NOT NULL;
CREATE INDEX events_unchained ON events (at, id) WHERE seq IS NULL;

-- Who chains, trims.
INSERT INTO turns (name, taken) VALUES ('audit', 0);

-- The ends of the chain: `tail` is the last event that was trimmed, `head` the last that was chained.
-- The mac is made with the key of the signing secret that kid names; nobody else can move an end.
CREATE TABLE audit_chain (
    name TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    kid TEXT NOT NULL,
    mac TEXT NOT NULL
);
INSERT INTO audit_chain (name, seq, hash, kid, mac) VALUES ('head', 0, '', '', ''), ('tail', 0, '', '', '');

-- How far each sink has come, and which process feeds it until when.
CREATE TABLE audit_sinks (
    name TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    holder TEXT NOT NULL,
    held_until BIGINT NOT NULL
);

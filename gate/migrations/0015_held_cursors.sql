-- How far each sink of the audit log and each relay of live channels has come, and which node feeds it until
-- when: one table for both.
CREATE TABLE held_cursors (
    name TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    holder TEXT NOT NULL,
    held_until BIGINT NOT NULL
);
INSERT INTO held_cursors (name, seq, holder, held_until) SELECT 'audit:' || name, seq, holder, held_until FROM audit_sinks;
INSERT INTO held_cursors (name, seq, holder, held_until) SELECT 'live:' || name, seq, holder, held_until FROM live_relays;
DROP TABLE audit_sinks;
DROP TABLE live_relays;

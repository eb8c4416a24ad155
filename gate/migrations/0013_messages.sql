-- Messages of live channels, for as long as they can be resumed. The ids rise in the order of the
-- commits, with no gaps: what is removed is removed from the beginning.
INSERT INTO turns (name, taken) VALUES ('messages', 0), ('message_bytes', 0);

CREATE TABLE messages (
    id BIGINT NOT NULL PRIMARY KEY,
    namespace TEXT NOT NULL,
    channel TEXT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- JSON.
    data TEXT NOT NULL,
    -- The bytes of all messages up to this one, those that are gone too.
    total BIGINT NOT NULL
);
-- What is resumed: of a channel, or of all channels of a namespace.
CREATE INDEX messages_channel ON messages (channel, id);
CREATE INDEX messages_namespace ON messages (namespace, id);

-- How far messages have been handed on to another engine, and which node does it until when.
CREATE TABLE live_relays (
    name TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    holder TEXT NOT NULL,
    held_until BIGINT NOT NULL
);

-- 0002_relay.sql - the state of relays, and who switched them.

ALTER TABLE meter_now ADD COLUMN relay INTEGER;
ALTER TABLE meter_now ADD COLUMN relay_ms INTEGER;

-- A row is written, and synced, before the coil is; done_ms and what follows it when the outcome is known. A command
-- is known by its meter, where it came from, and the id its sender gave it; it is carried out once, for ever. token
-- tells a row from one that another command with the same id made. wanted and state: 0 open, 1 closed.
CREATE TABLE audit_data (
    id INTEGER PRIMARY KEY,
    ts_ms INTEGER NOT NULL,
    meter TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('control', 'mqtt')),
    who TEXT NOT NULL,
    command TEXT NOT NULL,
    token INTEGER NOT NULL,
    wanted INTEGER NOT NULL,
    expires_ms INTEGER,
    done_ms INTEGER,
    ok INTEGER,
    state INTEGER,
    error TEXT,
    detail TEXT,
    UNIQUE (meter, source, command)
) STRICT;
CREATE INDEX audit_open ON audit_data (ts_ms) WHERE done_ms IS NULL;

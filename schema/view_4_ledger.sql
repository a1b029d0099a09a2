-- view_4_ledger.sql - what was published and what was found (INTERFACES 4 and 5).

-- The topic is written as it was published: below the root (prefix/gateway) that was in force at its number.
CREATE VIEW ledger AS
SELECT l.id AS ledger, e.seq AS seq, 'energy' AS kind, m.name AS meter,
       (SELECT root FROM ledger_root r WHERE r.ledger = e.ledger AND r.from_seq <= e.seq ORDER BY r.from_seq DESC LIMIT 1)
           || '/meter/' || m.name || '/energy' AS topic,
       NULL AS payload
FROM energy_data e JOIN ledger_data l ON l.no = e.ledger JOIN meter_data m ON m.id = e.meter
UNION ALL
SELECT l.id, g.seq, g.kind, m.name,
       (SELECT root FROM ledger_root r WHERE r.ledger = g.ledger AND r.from_seq <= g.seq ORDER BY r.from_seq DESC LIMIT 1)
           || '/' || g.topic,
       g.payload
FROM ledger_message g JOIN ledger_data l ON l.no = g.ledger LEFT JOIN meter_data m ON m.id = g.meter;

CREATE VIEW finding AS
SELECT f.id AS id, m.name AS meter, f.rule AS rule, f.severity AS severity,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.opened_ms / 1000.0, 'unixepoch') AS opened,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.closed_ms / 1000.0, 'unixepoch') AS closed,
       f.summary AS summary, f.evidence AS evidence, l.id AS ledger, f.seq AS seq
FROM finding_data f JOIN meter_data m ON m.id = f.meter JOIN ledger_data l ON l.no = f.ledger;

CREATE VIEW verification AS
SELECT m.name AS meter, v.tariff AS tariff, v.verdict AS verdict,
       strftime('%Y-%m-%dT%H:%M:%fZ', v.since_ms / 1000.0, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%fZ', v.checked_until_ms / 1000.0, 'unixepoch') AS checked_until,
       v.skew_lo_ms / 1000.0 AS skew_lo_s, v.skew_hi_ms / 1000.0 AS skew_hi_s,
       v.coverage_time / 10000.0 AS coverage_time, v.coverage_energy / 10000.0 AS coverage_energy,
       l.id AS ledger, v.seq AS seq
FROM verification_data v JOIN meter_data m ON m.id = v.meter JOIN ledger_data l ON l.no = v.ledger;

CREATE VIEW coverage AS
SELECT m.name AS meter, c.day AS day, c.expected AS expected, c.got AS got, c.longest_gap_ms / 1000.0 AS longest_gap_s
FROM coverage_data c JOIN meter_data m ON m.id = c.meter;

CREATE VIEW event AS
SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS ts, subject, kind, detail FROM event_data;

-- Relay commands: the row is there before the coil is written, done and what follows it after.
CREATE VIEW audit AS
SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS ts, meter, source, who, command AS id,
       CASE wanted WHEN 1 THEN 'closed' ELSE 'open' END AS wanted,
       strftime('%Y-%m-%dT%H:%M:%fZ', expires_ms / 1000.0, 'unixepoch') AS expires,
       strftime('%Y-%m-%dT%H:%M:%fZ', done_ms / 1000.0, 'unixepoch') AS done, ok,
       CASE state WHEN 1 THEN 'closed' WHEN 0 THEN 'open' END AS state, error, detail
FROM audit_data;

CREATE VIEW bus_stats AS
SELECT name AS bus, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS ts,
       strftime('%Y-%m-%dT%H:%M:%fZ', since_ms / 1000.0, 'unixepoch') AS since, ok, timeout, crc, short, foreign_frame AS "foreign",
       exception, late, retried, missed, rtt_p50_ms, rtt_p99_ms, wire_share_ppm / 1000000.0 AS wire_share
FROM wire_stats WHERE about = 'bus';

CREATE VIEW meter_stats AS
SELECT name AS meter, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS ts,
       strftime('%Y-%m-%dT%H:%M:%fZ', since_ms / 1000.0, 'unixepoch') AS since, ok, timeout, crc, short, foreign_frame AS "foreign",
       exception, late, retried, missed, rtt_p50_ms, rtt_p99_ms, wire_share_ppm / 1000000.0 AS wire_share
FROM wire_stats WHERE about = 'meter';

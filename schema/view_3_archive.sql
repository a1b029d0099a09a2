-- view_3_archive.sql - what is kept for ever: intervals, sweeps, settlements, tariffs (INTERFACES 4).

CREATE VIEW interval AS
SELECT m.name AS meter, strftime('%Y-%m-%dT%H:%M:%fZ', i.start_ms / 1000.0, 'unixepoch') AS start, i.start_ms AS start_ms,
       15 AS minutes, i.active_import / 1000000.0 AS active_import_kwh, i.active_export / 1000000.0 AS active_export_kwh,
       i.active_total / 1000000.0 AS active_total_kwh, i.reactive_total / 1000000.0 AS reactive_total_kvarh,
       i.sharp / 1000000.0 AS sharp_kwh, i.peak / 1000000.0 AS peak_kwh, i.flat / 1000000.0 AS flat_kwh,
       i.valley / 1000000.0 AS valley_kwh, i.power_avg / 100.0 AS power_avg_w, i.power_max / 100.0 AS power_max_w,
       i.voltage_min / 1000.0 AS voltage_min_v, i.voltage_max / 1000.0 AS voltage_max_v,
       CASE i.quality WHEN 0 THEN 'ok' WHEN 1 THEN 'suspect' ELSE 'estimated' END AS quality
FROM interval_data i JOIN meter_data m ON m.id = i.meter;

CREATE VIEW sweep AS
WITH s AS (
    SELECT m.name AS meter, strftime('%Y-%m-%dT%H:%M:%fZ', w.ts_ms / 1000.0, 'unixepoch') AS ts, w.ts_ms AS ts_ms,
           w.window_ms AS window_ms, q.quantity AS quantity, q.rate AS rate, q.unit AS unit, f.*
    FROM sweep_data w JOIN meter_data m ON m.id = w.meter JOIN sweep_family f ON f.sweep = w.id
    JOIN family q ON q.id = f.family
)
SELECT meter, ts, ts_ms, window_ms, quantity, rate, 0 AS slot, slot0 / 1000000.0 AS value, unit FROM s WHERE slot0 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 1, slot1 / 1000000.0, unit FROM s WHERE slot1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 2, slot2 / 1000000.0, unit FROM s WHERE slot2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 3, slot3 / 1000000.0, unit FROM s WHERE slot3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 4, slot4 / 1000000.0, unit FROM s WHERE slot4 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 5, slot5 / 1000000.0, unit FROM s WHERE slot5 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 6, slot6 / 1000000.0, unit FROM s WHERE slot6 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 7, slot7 / 1000000.0, unit FROM s WHERE slot7 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 8, slot8 / 1000000.0, unit FROM s WHERE slot8 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 9, slot9 / 1000000.0, unit FROM s WHERE slot9 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 10, slot10 / 1000000.0, unit FROM s WHERE slot10 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 11, slot11 / 1000000.0, unit FROM s WHERE slot11 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, window_ms, quantity, rate, 12, slot12 / 1000000.0, unit FROM s WHERE slot12 IS NOT NULL;

CREATE VIEW settlement AS
WITH s AS (
    SELECT m.name AS meter, p.period_end AS period_end, p.meaning AS meaning, p.origin AS origin, p.status AS status,
           strftime('%Y-%m-%dT%H:%M:%fZ', p.seen_ms / 1000.0, 'unixepoch') AS seen_ts, l.id AS ledger, p.seq AS seq, p.family0,
           p.family1, p.family2, p.family3, p.family4, p.family5, p.family6, p.family7, p.family8, p.family9
    FROM settlement_data p JOIN meter_data m ON m.id = p.meter LEFT JOIN ledger_data l ON l.no = p.ledger
)
SELECT meter, period_end, 'active_energy' AS quantity, 'combined' AS rate, family0 / 1000000.0 AS value, 'kWh' AS unit,
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family0 IS NOT NULL
UNION ALL SELECT meter, period_end, 'reactive_energy', 'combined', family1 / 1000000.0, 'kvarh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family1 IS NOT NULL
UNION ALL SELECT meter, period_end, 'active_energy', 'sharp', family2 / 1000000.0, 'kWh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family2 IS NOT NULL
UNION ALL SELECT meter, period_end, 'reactive_energy', 'sharp', family3 / 1000000.0, 'kvarh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family3 IS NOT NULL
UNION ALL SELECT meter, period_end, 'active_energy', 'peak', family4 / 1000000.0, 'kWh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family4 IS NOT NULL
UNION ALL SELECT meter, period_end, 'reactive_energy', 'peak', family5 / 1000000.0, 'kvarh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family5 IS NOT NULL
UNION ALL SELECT meter, period_end, 'active_energy', 'flat', family6 / 1000000.0, 'kWh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family6 IS NOT NULL
UNION ALL SELECT meter, period_end, 'reactive_energy', 'flat', family7 / 1000000.0, 'kvarh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family7 IS NOT NULL
UNION ALL SELECT meter, period_end, 'active_energy', 'valley', family8 / 1000000.0, 'kWh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family8 IS NOT NULL
UNION ALL SELECT meter, period_end, 'reactive_energy', 'valley', family9 / 1000000.0, 'kvarh',
       meaning, origin, status, seen_ts, ledger, seq FROM s WHERE family9 IS NOT NULL;

CREATE VIEW tariff AS
SELECT tariff, strftime('%Y-%m-%dT%H:%M:%fZ', since_ms / 1000.0, 'unixepoch') AS since, text FROM tariff_data;

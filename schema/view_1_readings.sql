-- view_1_readings.sql - the meters and what they said: part of the contract (INTERFACES 4).
--
-- A scaled integer below 2^53 divided by an exact power of ten is correctly rounded: the REAL is the one nearest to
-- the decimal.

CREATE VIEW meter AS
SELECT m.name AS meter, m.label AS label, m.bus AS bus, m.address AS address, m.model AS model, m.serial AS serial,
       nullif(m.tariff, '') AS tariff,
       strftime('%Y-%m-%dT%H:%M:%fZ', n.first_seen_ms / 1000.0, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%fZ', n.last_seen_ms / 1000.0, 'unixepoch') AS last_seen,
       CASE WHEN m.removed THEN 'removed' ELSE coalesce(n.status, 'unknown') END AS status
FROM meter_data m LEFT JOIN meter_now n ON n.meter = m.id;

CREATE VIEW live AS
SELECT m.name AS meter, strftime('%Y-%m-%dT%H:%M:%fZ', r.ts_ms / 1000.0, 'unixepoch') AS ts, r.ts_ms AS ts_ms,
    r.window_ms AS window_ms, CASE r.quality WHEN 0 THEN 'ok' WHEN 1 THEN 'suspect' ELSE 'estimated' END AS quality,
    r.voltage / 1000.0 AS voltage, r.current / 1000.0 AS current,
    r.active_power / 100.0 AS active_power, r.reactive_power / 100.0 AS reactive_power,
    r.apparent_power / 100.0 AS apparent_power, r.power_factor / 10000.0 AS power_factor,
    r.frequency / 10000.0 AS frequency, p.voltage_l1 / 1000.0 AS voltage_l1,
    p.voltage_l2 / 1000.0 AS voltage_l2, p.voltage_l3 / 1000.0 AS voltage_l3,
    p.current_l1 / 1000.0 AS current_l1, p.current_l2 / 1000.0 AS current_l2,
    p.current_l3 / 1000.0 AS current_l3, p.voltage_l12 / 1000.0 AS voltage_l12,
    p.voltage_l23 / 1000.0 AS voltage_l23, p.voltage_l31 / 1000.0 AS voltage_l31,
    p.active_power_l1 / 100.0 AS active_power_l1, p.active_power_l2 / 100.0 AS active_power_l2,
    p.active_power_l3 / 100.0 AS active_power_l3, p.reactive_power_l1 / 100.0 AS reactive_power_l1,
    p.reactive_power_l2 / 100.0 AS reactive_power_l2, p.reactive_power_l3 / 100.0 AS reactive_power_l3,
    p.apparent_power_l1 / 100.0 AS apparent_power_l1, p.apparent_power_l2 / 100.0 AS apparent_power_l2,
    p.apparent_power_l3 / 100.0 AS apparent_power_l3, p.power_factor_l1 / 10000.0 AS power_factor_l1,
    p.power_factor_l2 / 10000.0 AS power_factor_l2, p.power_factor_l3 / 10000.0 AS power_factor_l3,
    r.apparent_demand / 100.0 AS apparent_demand, p.apparent_demand_l1 / 100.0 AS apparent_demand_l1,
    p.apparent_demand_l2 / 100.0 AS apparent_demand_l2, p.apparent_demand_l3 / 100.0 AS apparent_demand_l3
FROM live_data r JOIN meter_data m ON m.id = r.meter
LEFT JOIN live_phase p ON p.ts_ms = r.ts_ms AND p.meter = r.meter;

CREATE VIEW energy AS
SELECT m.name AS meter, strftime('%Y-%m-%dT%H:%M:%fZ', r.ts_ms / 1000.0, 'unixepoch') AS ts, r.ts_ms AS ts_ms,
    r.window_ms AS window_ms, l.id AS ledger, r.seq AS seq, CASE r.source WHEN 0 THEN 'rs485' END AS source,
    CASE r.quality WHEN 0 THEN 'ok' WHEN 1 THEN 'suspect' ELSE 'estimated' END AS quality,
    r.active_energy_total / 1000000.0 AS active_energy_total, r.active_energy_import / 1000000.0 AS active_energy_import,
    r.active_energy_export / 1000000.0 AS active_energy_export, r.reactive_energy_total / 1000000.0 AS reactive_energy_total,
    r.reactive_energy_import / 1000000.0 AS reactive_energy_import, r.reactive_energy_export / 1000000.0 AS reactive_energy_export,
    r.active_energy_sharp / 1000000.0 AS active_energy_sharp, r.active_energy_peak / 1000000.0 AS active_energy_peak,
    r.active_energy_flat / 1000000.0 AS active_energy_flat, r.active_energy_valley / 1000000.0 AS active_energy_valley,
    r.reactive_energy_sharp / 1000000.0 AS reactive_energy_sharp, r.reactive_energy_peak / 1000000.0 AS reactive_energy_peak,
    r.reactive_energy_flat / 1000000.0 AS reactive_energy_flat, r.reactive_energy_valley / 1000000.0 AS reactive_energy_valley,
    p.active_energy_import_l1 / 1000000.0 AS active_energy_import_l1, p.active_energy_import_l2 / 1000000.0 AS active_energy_import_l2,
    p.active_energy_import_l3 / 1000000.0 AS active_energy_import_l3, p.active_energy_export_l1 / 1000000.0 AS active_energy_export_l1,
    p.active_energy_export_l2 / 1000000.0 AS active_energy_export_l2, p.active_energy_export_l3 / 1000000.0 AS active_energy_export_l3,
    p.reactive_energy_import_l1 / 1000000.0 AS reactive_energy_import_l1, p.reactive_energy_import_l2 / 1000000.0 AS reactive_energy_import_l2,
    p.reactive_energy_import_l3 / 1000000.0 AS reactive_energy_import_l3, p.reactive_energy_export_l1 / 1000000.0 AS reactive_energy_export_l1,
    p.reactive_energy_export_l2 / 1000000.0 AS reactive_energy_export_l2, p.reactive_energy_export_l3 / 1000000.0 AS reactive_energy_export_l3
FROM energy_data r JOIN ledger_data l ON l.no = r.ledger JOIN meter_data m ON m.id = r.meter
LEFT JOIN energy_phase p ON p.ledger = r.ledger AND p.seq = r.seq;

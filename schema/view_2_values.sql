-- view_2_values.sql - a row per value: all of them, and the newest of each meter (INTERFACES 4).

CREATE VIEW reading AS
SELECT meter, ts, ts_ms, 'voltage' AS quantity, voltage AS value, 'V' AS unit, quality FROM live WHERE voltage IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'current', current, 'A', quality FROM live WHERE current IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_power', active_power, 'W', quality FROM live WHERE active_power IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_power', reactive_power, 'var', quality FROM live WHERE reactive_power IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'apparent_power', apparent_power, 'VA', quality FROM live WHERE apparent_power IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'power_factor', power_factor, '1', quality FROM live WHERE power_factor IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'frequency', frequency, 'Hz', quality FROM live WHERE frequency IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'voltage_l1', voltage_l1, 'V', quality FROM live WHERE voltage_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'voltage_l2', voltage_l2, 'V', quality FROM live WHERE voltage_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'voltage_l3', voltage_l3, 'V', quality FROM live WHERE voltage_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'current_l1', current_l1, 'A', quality FROM live WHERE current_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'current_l2', current_l2, 'A', quality FROM live WHERE current_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'current_l3', current_l3, 'A', quality FROM live WHERE current_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'voltage_l12', voltage_l12, 'V', quality FROM live WHERE voltage_l12 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'voltage_l23', voltage_l23, 'V', quality FROM live WHERE voltage_l23 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'voltage_l31', voltage_l31, 'V', quality FROM live WHERE voltage_l31 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_power_l1', active_power_l1, 'W', quality FROM live WHERE active_power_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_power_l2', active_power_l2, 'W', quality FROM live WHERE active_power_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_power_l3', active_power_l3, 'W', quality FROM live WHERE active_power_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_power_l1', reactive_power_l1, 'var', quality FROM live WHERE reactive_power_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_power_l2', reactive_power_l2, 'var', quality FROM live WHERE reactive_power_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_power_l3', reactive_power_l3, 'var', quality FROM live WHERE reactive_power_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'apparent_power_l1', apparent_power_l1, 'VA', quality FROM live WHERE apparent_power_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'apparent_power_l2', apparent_power_l2, 'VA', quality FROM live WHERE apparent_power_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'apparent_power_l3', apparent_power_l3, 'VA', quality FROM live WHERE apparent_power_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'power_factor_l1', power_factor_l1, '1', quality FROM live WHERE power_factor_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'power_factor_l2', power_factor_l2, '1', quality FROM live WHERE power_factor_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'power_factor_l3', power_factor_l3, '1', quality FROM live WHERE power_factor_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'apparent_demand', apparent_demand, 'VA', quality FROM live WHERE apparent_demand IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'apparent_demand_l1', apparent_demand_l1, 'VA', quality FROM live WHERE apparent_demand_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'apparent_demand_l2', apparent_demand_l2, 'VA', quality FROM live WHERE apparent_demand_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'apparent_demand_l3', apparent_demand_l3, 'VA', quality FROM live WHERE apparent_demand_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_total', active_energy_total, 'kWh', quality FROM energy WHERE active_energy_total IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_import', active_energy_import, 'kWh', quality FROM energy WHERE active_energy_import IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_export', active_energy_export, 'kWh', quality FROM energy WHERE active_energy_export IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_total', reactive_energy_total, 'kvarh', quality FROM energy WHERE reactive_energy_total IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_import', reactive_energy_import, 'kvarh', quality FROM energy WHERE reactive_energy_import IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_export', reactive_energy_export, 'kvarh', quality FROM energy WHERE reactive_energy_export IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_sharp', active_energy_sharp, 'kWh', quality FROM energy WHERE active_energy_sharp IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_peak', active_energy_peak, 'kWh', quality FROM energy WHERE active_energy_peak IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_flat', active_energy_flat, 'kWh', quality FROM energy WHERE active_energy_flat IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_valley', active_energy_valley, 'kWh', quality FROM energy WHERE active_energy_valley IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_sharp', reactive_energy_sharp, 'kvarh', quality FROM energy WHERE reactive_energy_sharp IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_peak', reactive_energy_peak, 'kvarh', quality FROM energy WHERE reactive_energy_peak IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_flat', reactive_energy_flat, 'kvarh', quality FROM energy WHERE reactive_energy_flat IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_valley', reactive_energy_valley, 'kvarh', quality FROM energy WHERE reactive_energy_valley IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_import_l1', active_energy_import_l1, 'kWh', quality FROM energy WHERE active_energy_import_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_import_l2', active_energy_import_l2, 'kWh', quality FROM energy WHERE active_energy_import_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_import_l3', active_energy_import_l3, 'kWh', quality FROM energy WHERE active_energy_import_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_export_l1', active_energy_export_l1, 'kWh', quality FROM energy WHERE active_energy_export_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_export_l2', active_energy_export_l2, 'kWh', quality FROM energy WHERE active_energy_export_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'active_energy_export_l3', active_energy_export_l3, 'kWh', quality FROM energy WHERE active_energy_export_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_import_l1', reactive_energy_import_l1, 'kvarh', quality FROM energy WHERE reactive_energy_import_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_import_l2', reactive_energy_import_l2, 'kvarh', quality FROM energy WHERE reactive_energy_import_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_import_l3', reactive_energy_import_l3, 'kvarh', quality FROM energy WHERE reactive_energy_import_l3 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_export_l1', reactive_energy_export_l1, 'kvarh', quality FROM energy WHERE reactive_energy_export_l1 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_export_l2', reactive_energy_export_l2, 'kvarh', quality FROM energy WHERE reactive_energy_export_l2 IS NOT NULL
UNION ALL SELECT meter, ts, ts_ms, 'reactive_energy_export_l3', reactive_energy_export_l3, 'kvarh', quality FROM energy WHERE reactive_energy_export_l3 IS NOT NULL;

CREATE VIEW latest AS
WITH l AS (
    SELECT m.name AS meter, strftime('%Y-%m-%dT%H:%M:%fZ', r.ts_ms / 1000.0, 'unixepoch') AS ts,
           CASE r.quality WHEN 0 THEN 'ok' WHEN 1 THEN 'suspect' ELSE 'estimated' END AS quality, r.*, p.*
    FROM meter_now n JOIN meter_data m ON m.id = n.meter
    JOIN live_data r ON r.ts_ms = n.live_ms AND r.meter = n.meter
    LEFT JOIN live_phase p ON p.ts_ms = r.ts_ms AND p.meter = r.meter
), d AS (
    SELECT m.name AS meter, strftime('%Y-%m-%dT%H:%M:%fZ', r.ts_ms / 1000.0, 'unixepoch') AS ts,
           CASE r.quality WHEN 0 THEN 'ok' WHEN 1 THEN 'suspect' ELSE 'estimated' END AS quality, r.*, p.*
    FROM meter_now n JOIN meter_data m ON m.id = n.meter
    JOIN live_data r ON r.ts_ms = n.demand_ms AND r.meter = n.meter
    LEFT JOIN live_phase p ON p.ts_ms = r.ts_ms AND p.meter = r.meter
), e AS (
    SELECT m.name AS meter, strftime('%Y-%m-%dT%H:%M:%fZ', r.ts_ms / 1000.0, 'unixepoch') AS ts,
           CASE r.quality WHEN 0 THEN 'ok' WHEN 1 THEN 'suspect' ELSE 'estimated' END AS quality, r.*, p.*
    FROM meter_now n JOIN meter_data m ON m.id = n.meter
    JOIN energy_data r ON r.ledger = n.energy_ledger AND r.seq = n.energy_seq
    LEFT JOIN energy_phase p ON p.ledger = r.ledger AND p.seq = r.seq
)
SELECT meter, 'voltage' AS quantity, voltage / 1000.0 AS value, 'V' AS unit, ts, ts_ms, quality FROM l WHERE voltage IS NOT NULL
UNION ALL SELECT meter, 'current', current / 1000.0, 'A', ts, ts_ms, quality FROM l WHERE current IS NOT NULL
UNION ALL SELECT meter, 'active_power', active_power / 100.0, 'W', ts, ts_ms, quality FROM l WHERE active_power IS NOT NULL
UNION ALL SELECT meter, 'reactive_power', reactive_power / 100.0, 'var', ts, ts_ms, quality FROM l WHERE reactive_power IS NOT NULL
UNION ALL SELECT meter, 'apparent_power', apparent_power / 100.0, 'VA', ts, ts_ms, quality FROM l WHERE apparent_power IS NOT NULL
UNION ALL SELECT meter, 'power_factor', power_factor / 10000.0, '1', ts, ts_ms, quality FROM l WHERE power_factor IS NOT NULL
UNION ALL SELECT meter, 'frequency', frequency / 10000.0, 'Hz', ts, ts_ms, quality FROM l WHERE frequency IS NOT NULL
UNION ALL SELECT meter, 'voltage_l1', voltage_l1 / 1000.0, 'V', ts, ts_ms, quality FROM l WHERE voltage_l1 IS NOT NULL
UNION ALL SELECT meter, 'voltage_l2', voltage_l2 / 1000.0, 'V', ts, ts_ms, quality FROM l WHERE voltage_l2 IS NOT NULL
UNION ALL SELECT meter, 'voltage_l3', voltage_l3 / 1000.0, 'V', ts, ts_ms, quality FROM l WHERE voltage_l3 IS NOT NULL
UNION ALL SELECT meter, 'current_l1', current_l1 / 1000.0, 'A', ts, ts_ms, quality FROM l WHERE current_l1 IS NOT NULL
UNION ALL SELECT meter, 'current_l2', current_l2 / 1000.0, 'A', ts, ts_ms, quality FROM l WHERE current_l2 IS NOT NULL
UNION ALL SELECT meter, 'current_l3', current_l3 / 1000.0, 'A', ts, ts_ms, quality FROM l WHERE current_l3 IS NOT NULL
UNION ALL SELECT meter, 'voltage_l12', voltage_l12 / 1000.0, 'V', ts, ts_ms, quality FROM l WHERE voltage_l12 IS NOT NULL
UNION ALL SELECT meter, 'voltage_l23', voltage_l23 / 1000.0, 'V', ts, ts_ms, quality FROM l WHERE voltage_l23 IS NOT NULL
UNION ALL SELECT meter, 'voltage_l31', voltage_l31 / 1000.0, 'V', ts, ts_ms, quality FROM l WHERE voltage_l31 IS NOT NULL
UNION ALL SELECT meter, 'active_power_l1', active_power_l1 / 100.0, 'W', ts, ts_ms, quality FROM l WHERE active_power_l1 IS NOT NULL
UNION ALL SELECT meter, 'active_power_l2', active_power_l2 / 100.0, 'W', ts, ts_ms, quality FROM l WHERE active_power_l2 IS NOT NULL
UNION ALL SELECT meter, 'active_power_l3', active_power_l3 / 100.0, 'W', ts, ts_ms, quality FROM l WHERE active_power_l3 IS NOT NULL
UNION ALL SELECT meter, 'reactive_power_l1', reactive_power_l1 / 100.0, 'var', ts, ts_ms, quality FROM l WHERE reactive_power_l1 IS NOT NULL
UNION ALL SELECT meter, 'reactive_power_l2', reactive_power_l2 / 100.0, 'var', ts, ts_ms, quality FROM l WHERE reactive_power_l2 IS NOT NULL
UNION ALL SELECT meter, 'reactive_power_l3', reactive_power_l3 / 100.0, 'var', ts, ts_ms, quality FROM l WHERE reactive_power_l3 IS NOT NULL
UNION ALL SELECT meter, 'apparent_power_l1', apparent_power_l1 / 100.0, 'VA', ts, ts_ms, quality FROM l WHERE apparent_power_l1 IS NOT NULL
UNION ALL SELECT meter, 'apparent_power_l2', apparent_power_l2 / 100.0, 'VA', ts, ts_ms, quality FROM l WHERE apparent_power_l2 IS NOT NULL
UNION ALL SELECT meter, 'apparent_power_l3', apparent_power_l3 / 100.0, 'VA', ts, ts_ms, quality FROM l WHERE apparent_power_l3 IS NOT NULL
UNION ALL SELECT meter, 'power_factor_l1', power_factor_l1 / 10000.0, '1', ts, ts_ms, quality FROM l WHERE power_factor_l1 IS NOT NULL
UNION ALL SELECT meter, 'power_factor_l2', power_factor_l2 / 10000.0, '1', ts, ts_ms, quality FROM l WHERE power_factor_l2 IS NOT NULL
UNION ALL SELECT meter, 'power_factor_l3', power_factor_l3 / 10000.0, '1', ts, ts_ms, quality FROM l WHERE power_factor_l3 IS NOT NULL
UNION ALL SELECT meter, 'apparent_demand', apparent_demand / 100.0, 'VA', ts, ts_ms, quality FROM d WHERE apparent_demand IS NOT NULL
UNION ALL SELECT meter, 'apparent_demand_l1', apparent_demand_l1 / 100.0, 'VA', ts, ts_ms, quality FROM d WHERE apparent_demand_l1 IS NOT NULL
UNION ALL SELECT meter, 'apparent_demand_l2', apparent_demand_l2 / 100.0, 'VA', ts, ts_ms, quality FROM d WHERE apparent_demand_l2 IS NOT NULL
UNION ALL SELECT meter, 'apparent_demand_l3', apparent_demand_l3 / 100.0, 'VA', ts, ts_ms, quality FROM d WHERE apparent_demand_l3 IS NOT NULL
UNION ALL SELECT meter, 'active_energy_total', active_energy_total / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_total IS NOT NULL
UNION ALL SELECT meter, 'active_energy_import', active_energy_import / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_import IS NOT NULL
UNION ALL SELECT meter, 'active_energy_export', active_energy_export / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_export IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_total', reactive_energy_total / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_total IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_import', reactive_energy_import / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_import IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_export', reactive_energy_export / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_export IS NOT NULL
UNION ALL SELECT meter, 'active_energy_sharp', active_energy_sharp / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_sharp IS NOT NULL
UNION ALL SELECT meter, 'active_energy_peak', active_energy_peak / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_peak IS NOT NULL
UNION ALL SELECT meter, 'active_energy_flat', active_energy_flat / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_flat IS NOT NULL
UNION ALL SELECT meter, 'active_energy_valley', active_energy_valley / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_valley IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_sharp', reactive_energy_sharp / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_sharp IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_peak', reactive_energy_peak / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_peak IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_flat', reactive_energy_flat / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_flat IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_valley', reactive_energy_valley / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_valley IS NOT NULL
UNION ALL SELECT meter, 'active_energy_import_l1', active_energy_import_l1 / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_import_l1 IS NOT NULL
UNION ALL SELECT meter, 'active_energy_import_l2', active_energy_import_l2 / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_import_l2 IS NOT NULL
UNION ALL SELECT meter, 'active_energy_import_l3', active_energy_import_l3 / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_import_l3 IS NOT NULL
UNION ALL SELECT meter, 'active_energy_export_l1', active_energy_export_l1 / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_export_l1 IS NOT NULL
UNION ALL SELECT meter, 'active_energy_export_l2', active_energy_export_l2 / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_export_l2 IS NOT NULL
UNION ALL SELECT meter, 'active_energy_export_l3', active_energy_export_l3 / 1000000.0, 'kWh', ts, ts_ms, quality FROM e WHERE active_energy_export_l3 IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_import_l1', reactive_energy_import_l1 / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_import_l1 IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_import_l2', reactive_energy_import_l2 / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_import_l2 IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_import_l3', reactive_energy_import_l3 / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_import_l3 IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_export_l1', reactive_energy_export_l1 / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_export_l1 IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_export_l2', reactive_energy_export_l2 / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_export_l2 IS NOT NULL
UNION ALL SELECT meter, 'reactive_energy_export_l3', reactive_energy_export_l3 / 1000000.0, 'kvarh', ts, ts_ms, quality FROM e WHERE reactive_energy_export_l3 IS NOT NULL
UNION ALL SELECT m.name, 'relay_do1', n.relay * 1.0, '', strftime('%Y-%m-%dT%H:%M:%fZ', n.relay_ms / 1000.0, 'unixepoch'),
    n.relay_ms, 'ok' FROM meter_now n JOIN meter_data m ON m.id = n.meter WHERE n.relay IS NOT NULL;

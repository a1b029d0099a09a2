-- 0001_base.sql - the tables of the first version.
--
-- Tables are ours and may change with any version; what others read are the views (view_*.sql, made anew after the
-- last migration). Values are scaled integers with the decimals of their quantity, energies 10^-6, so that what
-- the database, the broker and the screen show has the same digits. Times are Unix milliseconds.
--
-- Rows are written in the order of time and never changed by later measurements: a flush touches the last page of a
-- table and little else, which is what makes a day of 32 meters light on flash.

-- One row: what the store must know to go on. `flush` is the number of the newest committed transaction: after a
-- COMMIT whose result is unknown it says whether that transaction is there.
CREATE TABLE store_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    flush INTEGER NOT NULL DEFAULT 0,
    ledger INTEGER NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0,
    acked TEXT NOT NULL DEFAULT '',
    newest_ms INTEGER NOT NULL DEFAULT 0,
    seen_synchronised INTEGER NOT NULL DEFAULT 0,
    test_database INTEGER NOT NULL DEFAULT 0,
    is_backup INTEGER NOT NULL DEFAULT 0,
    config_sha256 TEXT NOT NULL DEFAULT ''
) STRICT;

-- Ledgers of this file: a new one begins with a new file, a salvage, and the first start of a backup.
CREATE TABLE ledger_data (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    since_ms INTEGER NOT NULL
) STRICT;

-- Under which topic (prefix/gateway) the numbers from from_seq on were first published.
CREATE TABLE ledger_root (
    ledger INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    root TEXT NOT NULL,
    PRIMARY KEY (ledger, from_seq)
) STRICT, WITHOUT ROWID;

-- Ledger messages that are not energy readings, with the text first published. topic is what follows the root.
CREATE TABLE ledger_message (
    id INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('settlement', 'verification', 'finding', 'gap')),
    meter INTEGER,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (ledger, seq)
) STRICT;
CREATE INDEX ledger_message_topic ON ledger_message (topic, seq);

-- The spans that gap messages have named: numbers that will never be used, and why.
CREATE TABLE ledger_gap (
    ledger INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (ledger, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE quantity (
    name TEXT PRIMARY KEY,
    unit TEXT NOT NULL,
    decimals INTEGER NOT NULL,
    class TEXT NOT NULL,
    obis TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- The ten families of settlement registers, in the order of the meter's map.
CREATE TABLE family (
    id INTEGER PRIMARY KEY,
    quantity TEXT NOT NULL,
    rate TEXT NOT NULL,
    unit TEXT NOT NULL
) STRICT;
INSERT INTO family VALUES
    (0, 'active_energy', 'combined', 'kWh'), (1, 'reactive_energy', 'combined', 'kvarh'),
    (2, 'active_energy', 'sharp', 'kWh'), (3, 'reactive_energy', 'sharp', 'kvarh'),
    (4, 'active_energy', 'peak', 'kWh'), (5, 'reactive_energy', 'peak', 'kvarh'),
    (6, 'active_energy', 'flat', 'kWh'), (7, 'reactive_energy', 'flat', 'kvarh'),
    (8, 'active_energy', 'valley', 'kWh'), (9, 'reactive_energy', 'valley', 'kvarh');

-- A meter is the place the configuration names; removed = 1 when it is no longer configured.
CREATE TABLE meter_data (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    bus TEXT NOT NULL,
    address INTEGER NOT NULL,
    model TEXT NOT NULL,
    serial TEXT NOT NULL,
    tariff TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What moves with every flush, kept small and together: where each meter's newest rows are.
CREATE TABLE meter_now (
    meter INTEGER PRIMARY KEY,
    status TEXT NOT NULL DEFAULT 'unknown',
    first_seen_ms INTEGER,
    last_seen_ms INTEGER,
    energy_ledger INTEGER,
    energy_seq INTEGER,
    energy_ms INTEGER,
    live_ms INTEGER,
    demand_ms INTEGER
) STRICT;

-- A column that is NULL still costs a byte in every row, so what only three-phase meters have lies in a table of its own.
CREATE TABLE live_data (
    ts_ms INTEGER NOT NULL,
    meter INTEGER NOT NULL,
    window_ms INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    voltage INTEGER, current INTEGER, active_power INTEGER, reactive_power INTEGER,
    apparent_power INTEGER, power_factor INTEGER, frequency INTEGER, apparent_demand INTEGER,
    PRIMARY KEY (ts_ms, meter)
) STRICT, WITHOUT ROWID;
CREATE TABLE live_phase (
    ts_ms INTEGER NOT NULL,
    meter INTEGER NOT NULL,
    voltage_l1 INTEGER, voltage_l2 INTEGER, voltage_l3 INTEGER,
    current_l1 INTEGER, current_l2 INTEGER, current_l3 INTEGER,
    voltage_l12 INTEGER, voltage_l23 INTEGER, voltage_l31 INTEGER,
    active_power_l1 INTEGER, active_power_l2 INTEGER, active_power_l3 INTEGER,
    reactive_power_l1 INTEGER, reactive_power_l2 INTEGER, reactive_power_l3 INTEGER,
    apparent_power_l1 INTEGER, apparent_power_l2 INTEGER, apparent_power_l3 INTEGER,
    power_factor_l1 INTEGER, power_factor_l2 INTEGER, power_factor_l3 INTEGER,
    apparent_demand_l1 INTEGER, apparent_demand_l2 INTEGER, apparent_demand_l3 INTEGER,
    PRIMARY KEY (ts_ms, meter)
) STRICT, WITHOUT ROWID;

-- Energy readings are ledger messages: their place in the ledger is their key. source 0: rs485.
CREATE TABLE energy_data (
    ledger INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    meter INTEGER NOT NULL,
    ts_ms INTEGER NOT NULL,
    window_ms INTEGER NOT NULL,
    source INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    active_energy_total INTEGER, active_energy_import INTEGER, active_energy_export INTEGER,
    reactive_energy_total INTEGER, reactive_energy_import INTEGER, reactive_energy_export INTEGER,
    active_energy_sharp INTEGER, active_energy_peak INTEGER, active_energy_flat INTEGER,
    active_energy_valley INTEGER, reactive_energy_sharp INTEGER, reactive_energy_peak INTEGER,
    reactive_energy_flat INTEGER, reactive_energy_valley INTEGER,
    PRIMARY KEY (ledger, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE energy_phase (
    ledger INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    active_energy_import_l1 INTEGER, active_energy_import_l2 INTEGER, active_energy_import_l3 INTEGER,
    active_energy_export_l1 INTEGER, active_energy_export_l2 INTEGER, active_energy_export_l3 INTEGER,
    reactive_energy_import_l1 INTEGER, reactive_energy_import_l2 INTEGER, reactive_energy_import_l3 INTEGER,
    reactive_energy_export_l1 INTEGER, reactive_energy_export_l2 INTEGER, reactive_energy_export_l3 INTEGER,
    PRIMARY KEY (ledger, seq)
) STRICT, WITHOUT ROWID;
-- By time first: new rows all land on the last page of the index.
CREATE INDEX energy_time ON energy_data (ts_ms, meter);

-- A sweep has ten rows, one a family; slot 0 is this month, 1 to 12 the settlements before.
CREATE TABLE sweep_data (
    id INTEGER PRIMARY KEY,
    meter INTEGER NOT NULL,
    ts_ms INTEGER NOT NULL,
    window_ms INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    hash INTEGER NOT NULL
) STRICT;
CREATE INDEX sweep_time ON sweep_data (meter, ts_ms);
CREATE TABLE sweep_family (
    sweep INTEGER NOT NULL,
    family INTEGER NOT NULL,
    slot0 INTEGER, slot1 INTEGER, slot2 INTEGER, slot3 INTEGER, slot4 INTEGER, slot5 INTEGER, slot6 INTEGER,
    slot7 INTEGER, slot8 INTEGER, slot9 INTEGER, slot10 INTEGER, slot11 INTEGER, slot12 INTEGER,
    PRIMARY KEY (sweep, family)
) STRICT, WITHOUT ROWID;

-- A settlement period of a meter, keyed by its end in the meter's time. ledger and seq come when it is confirmed;
-- from then on the row never changes.
CREATE TABLE settlement_data (
    id INTEGER PRIMARY KEY,
    meter INTEGER NOT NULL,
    period_end TEXT NOT NULL,
    end_ms INTEGER NOT NULL,
    meaning TEXT NOT NULL CHECK (meaning IN ('period', 'cumulative', 'undetermined')),
    origin TEXT NOT NULL CHECK (origin IN ('observed', 'backfill')),
    status TEXT NOT NULL CHECK (status IN ('provisional', 'confirmed')),
    seen_ms INTEGER NOT NULL,
    ledger INTEGER,
    seq INTEGER,
    family0 INTEGER, family1 INTEGER, family2 INTEGER, family3 INTEGER, family4 INTEGER,
    family5 INTEGER, family6 INTEGER, family7 INTEGER, family8 INTEGER, family9 INTEGER,
    UNIQUE (meter, period_end)
) STRICT;

CREATE TABLE finding_data (
    id INTEGER PRIMARY KEY,
    meter INTEGER NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    summary TEXT NOT NULL,
    evidence TEXT NOT NULL,
    ledger INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;

CREATE TABLE verification_data (
    id INTEGER PRIMARY KEY,
    meter INTEGER NOT NULL,
    tariff TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('ok', 'violated', 'undecided')),
    since_ms INTEGER NOT NULL,
    checked_until_ms INTEGER NOT NULL,
    skew_lo_ms INTEGER,
    skew_hi_ms INTEGER,
    coverage_time INTEGER NOT NULL,
    coverage_energy INTEGER NOT NULL,
    ledger INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;

-- What the checks have learned of a meter up to a ledger number; what came after it is read again from energy_data.
CREATE TABLE check_state (
    meter INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL,
    upto_seq INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;

CREATE TABLE interval_data (
    start_ms INTEGER NOT NULL,
    meter INTEGER NOT NULL,
    active_import INTEGER, active_export INTEGER, active_total INTEGER, reactive_total INTEGER,
    sharp INTEGER, peak INTEGER, flat INTEGER, valley INTEGER,
    power_avg INTEGER, power_max INTEGER, voltage_min INTEGER, voltage_max INTEGER,
    quality INTEGER NOT NULL,
    PRIMARY KEY (start_ms, meter)
) STRICT, WITHOUT ROWID;

CREATE TABLE coverage_data (
    day TEXT NOT NULL,
    meter INTEGER NOT NULL,
    expected INTEGER NOT NULL,
    got INTEGER NOT NULL,
    longest_gap_ms INTEGER NOT NULL,
    PRIMARY KEY (day, meter)
) STRICT, WITHOUT ROWID;

CREATE TABLE tariff_data (
    id INTEGER PRIMARY KEY,
    tariff TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE event_data (
    id INTEGER PRIMARY KEY,
    ts_ms INTEGER NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- Counters since `since_ms`, a row a quarter of an hour; about is 'bus' or 'meter'.
CREATE TABLE wire_stats (
    id INTEGER PRIMARY KEY,
    about TEXT NOT NULL CHECK (about IN ('bus', 'meter')),
    name TEXT NOT NULL,
    ts_ms INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    ok INTEGER NOT NULL, timeout INTEGER NOT NULL, crc INTEGER NOT NULL, short INTEGER NOT NULL,
    foreign_frame INTEGER NOT NULL, exception INTEGER NOT NULL, late INTEGER NOT NULL, retried INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    rtt_p50_ms INTEGER, rtt_p99_ms INTEGER,
    wire_share_ppm INTEGER
) STRICT;

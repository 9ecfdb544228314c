-- The store of ctrlab: what experiments asked for, what ran, and what came of it. One file, WAL; several processes may write.
--
-- Times are UTC, ISO 8601. Durations are seconds, sizes bytes, counts examples. A digest is a SHA-256 in hex;
-- JSON is canonical (sorted keys). A value that is not finite is NULL.
--
-- To start with:  SELECT * FROM leaderboard;  SELECT * FROM trial_results;  SELECT * FROM learning_curve;
-- SELECT * FROM search_results;  views.sql has them

PRAGMA application_id = 0x6374726c; -- "ctrl": tells this file from any other SQLite database
PRAGMA user_version = 5;            -- of this schema; a higher one was written by a newer ctrlab

CREATE TABLE experiments (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,        -- as the file names it; a changed plan of the same name is a row of its own
  question    TEXT NOT NULL,        -- what the experiment is to find out
  plan        TEXT NOT NULL UNIQUE, -- digest of the name and of all trials with their labels, in order
  file        TEXT NOT NULL,        -- the experiment file, word for word
  overrides   TEXT NOT NULL,        -- JSON list of the --set arguments
  created_at  TEXT NOT NULL,        -- when this plan was first stored
  planned_at  TEXT NOT NULL,        -- when it was last asked for; reports take the latest of a name
  match       TEXT NOT NULL DEFAULT '' -- what variants were sized to have the same of: params or flops
) STRICT;
CREATE INDEX experiments_name ON experiments (name, planned_at);

CREATE TABLE datasets (
  id        TEXT PRIMARY KEY,       -- digest of all that decides the rows: contents of files, options
  source    TEXT NOT NULL,          -- row of the table of datasets: synthetic, criteo, …
  options   TEXT NOT NULL,          -- JSON, every option resolved
  schema    TEXT NOT NULL,          -- JSON: dense features, fields with their rows, range of ratings
  train     INTEGER NOT NULL,       -- examples of the split
  valid     INTEGER NOT NULL,
  test      INTEGER NOT NULL,
  bad_rows  INTEGER NOT NULL,       -- skipped because they could not be read
  warnings  TEXT NOT NULL,          -- JSON list of sentences, printed with results
  digests   TEXT NOT NULL DEFAULT '["","",""]' -- JSON list of digests of the rows of train, valid and test as the files have
                                    -- them, in order: equal ones are the same rows; empty for data that are generated
) STRICT, WITHOUT ROWID;

CREATE TABLE trials (
  id       TEXT PRIMARY KEY,        -- digest of data, dataset, model, train and seed
  variant  TEXT NOT NULL,           -- the same digest without the seed: what seeds are averaged over
  model    TEXT NOT NULL,           -- preset, or custom
  seed     INTEGER NOT NULL,        -- of initial values, data order and dropout
  dataset  TEXT NOT NULL REFERENCES datasets,
  config   TEXT NOT NULL,           -- JSON {"data", "model", "train"}, every option resolved
  state    TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done', 'failed')),
  run      INTEGER REFERENCES runs  -- whose results count: the last that was done; NULL without one
) STRICT, WITHOUT ROWID;
CREATE INDEX trials_variant ON trials (variant, seed);

CREATE TABLE experiment_trials (    -- the plan; a trial may be part of several
  experiment  INTEGER NOT NULL REFERENCES experiments,
  ordinal     INTEGER NOT NULL,     -- place in the plan, from 0
  trial       TEXT NOT NULL REFERENCES trials,
  label       TEXT NOT NULL,        -- what tables and figures of this experiment call the variant
  budget      REAL NOT NULL DEFAULT 0, -- that its model was sized to, of the experiment's match
  widths      TEXT NOT NULL DEFAULT '', -- and the sizes that it got; '' where it has nothing to size
  repeat      INTEGER NOT NULL DEFAULT 0, -- of the search that chose its configuration; 0 where nothing is tuned
  PRIMARY KEY (experiment, ordinal),
  UNIQUE (experiment, trial)
) STRICT, WITHOUT ROWID;

CREATE TABLE searches (             -- a search for the best configuration of a variant, of an experiment with [tune]
  id          INTEGER PRIMARY KEY,
  experiment  INTEGER NOT NULL REFERENCES experiments,
  ordinal     INTEGER NOT NULL,     -- place among the experiment's searches, from 0: by variant, then by repeat
  label       TEXT NOT NULL,        -- of the variant
  repeat      INTEGER NOT NULL,     -- from 1
  method      TEXT NOT NULL,        -- grid, random, sobol, tpe, halving
  metric      TEXT NOT NULL,        -- that chooses: valid.logloss, …
  trials      INTEGER NOT NULL,     -- its budget in full trainings; 0: in seconds, or none
  seconds     REAL NOT NULL,        -- its budget in seconds of training; 0: in trials, or none
  space       TEXT NOT NULL,        -- JSON, the keys with their values
  ended       INTEGER NOT NULL DEFAULT 0, -- 1: it proposes nothing more
  chosen      INTEGER,              -- ordinal of the trial that it chose; NULL before it ended, and where all failed
  UNIQUE (experiment, ordinal)
) STRICT;

CREATE TABLE search_trials (        -- what searches proposed; a trial may be part of several
  search   INTEGER NOT NULL REFERENCES searches,
  ordinal  INTEGER NOT NULL,        -- from 0, in the order of the search
  trial    TEXT NOT NULL REFERENCES trials,
  label    TEXT NOT NULL,           -- the variant's with the values
  point    TEXT NOT NULL,           -- JSON, the values by key
  share    REAL NOT NULL,           -- of a full training's steps
  PRIMARY KEY (search, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_trials_trial ON search_trials (trial);

CREATE TABLE environments (         -- a machine with a build
  id        TEXT PRIMARY KEY,       -- digest of the rest of the row
  build     TEXT NOT NULL,          -- digest of the executable
  version   TEXT NOT NULL,          -- of ctrlab, as it calls itself
  go        TEXT NOT NULL,          -- version of the compiler
  os        TEXT NOT NULL,
  arch      TEXT NOT NULL,
  cpu       TEXT NOT NULL,          -- model
  features  TEXT NOT NULL,          -- of the CPU, those that matter to kernels
  kernels   TEXT NOT NULL,          -- set in use; bits may differ between sets, never within one
  cores     INTEGER NOT NULL,       -- that the process may use
  memory    INTEGER NOT NULL        -- bytes of RAM
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (                 -- one execution of a trial
  id           INTEGER PRIMARY KEY,
  trial        TEXT NOT NULL REFERENCES trials,
  environment  TEXT NOT NULL REFERENCES environments,
  workers      INTEGER NOT NULL,    -- threads
  shared       INTEGER NOT NULL,    -- 1: other trials ran beside it, so its throughput does not count
  started_at   TEXT NOT NULL,
  ended_at     TEXT,                -- NULL while running, and for ever when lost
  state        TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'cancelled', 'lost')),
                                    -- lost: its process was killed, or did not beat for as long as a lease lasts
  error        TEXT NOT NULL DEFAULT '',
  stack        TEXT NOT NULL DEFAULT '', -- of the panic that failed it
  test_reads   INTEGER NOT NULL DEFAULT 0, -- how often it read the test split, counted before the reading
  attempt      INTEGER NOT NULL DEFAULT 1, -- 1 for the first run of its trial by its build, 2 for the next, …
  retry        INTEGER NOT NULL DEFAULT 0 CHECK (retry IN (0, 1)),
                                    -- 1: that it failed settles nothing: the machine was at fault, or a retry was asked for
  owner        TEXT NOT NULL DEFAULT '', -- the process that runs it: host, process id, and the number of its lock file
  heartbeats   INTEGER NOT NULL DEFAULT 0, -- how often the owner said that it lives; leases go by this and by no clock
  heartbeat_at TEXT,                -- when it last did, by its clock
  memory       INTEGER NOT NULL DEFAULT 0, -- bytes that it was planned to take
  log          TEXT NOT NULL DEFAULT '', -- its last lines
  resumed_from INTEGER,             -- step of the checkpoint that it went on from; NULL where it began at the beginning
  final_digest TEXT NOT NULL DEFAULT '' -- of the parameters that were kept and of their metrics, when done; '' without any
) STRICT;
CREATE INDEX runs_trial ON runs (trial, state);
CREATE INDEX runs_running ON runs (owner) WHERE state = 'running';

CREATE TABLE artifacts (            -- files that runs left, in the folder results/ctrlab.runs of a database results/ctrlab.db
  run     INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  kind    TEXT NOT NULL,            -- checkpoint, model or scores
  path    TEXT NOT NULL,            -- from that folder on
  digest  TEXT NOT NULL,            -- of the content
  bytes   INTEGER NOT NULL,
  PRIMARY KEY (run, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE unseals (              -- when test scores were allowed to be seen; of an experiment that tunes nothing, as it was planned
  experiment  INTEGER NOT NULL REFERENCES experiments,
  at          TEXT NOT NULL,
  why         TEXT NOT NULL,
  PRIMARY KEY (experiment, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE points (               -- what a run measured on its way
  run       INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  name      TEXT NOT NULL,          -- of the metric, its split before it: valid.auc
  step      INTEGER NOT NULL,       -- of the optimiser
  examples  INTEGER NOT NULL,       -- seen in training so far
  seconds   REAL NOT NULL,          -- of training so far
  value     REAL,
  PRIMARY KEY (run, name, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE results (              -- what a run that is done came to
  run    INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  name   TEXT NOT NULL,             -- of the metric: test.auc, train.examples_per_second, params …
  value  REAL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE pairs (                -- how strongly a trained model lets two fields act together
  run      INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  ordinal  INTEGER NOT NULL,        -- of the pair among those of the model's fields: (0,1), (0,2), …, (1,2), …
  first    TEXT NOT NULL,
  second   TEXT NOT NULL,
  learned  REAL,                    -- strength; what it is depends on the operator
  planted  REAL,                    -- in logits, where the truth is known
  PRIMARY KEY (run, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE sealed (               -- results on test that may not be seen yet; ctrlab unseal moves them to results
  run    INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  name   TEXT NOT NULL,
  value  REAL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
-- Views of the store. They are made anew whenever an older database is brought up to date.

-- trial_results: a row for each result of each trial of each plan; trials without results have one with name NULL.
CREATE VIEW trial_results AS
SELECT e.name AS experiment, e.id AS plan, p.ordinal, p.label, t.model, t.seed, t.state, v.name, v.value,
       r.shared, t.dataset, t.variant, t.id AS trial, t.run
FROM experiments e
JOIN experiment_trials p ON p.experiment = e.id
JOIN trials t ON t.id = p.trial
LEFT JOIN runs r ON r.id = t.run
LEFT JOIN results v ON v.run = t.run
ORDER BY e.id, p.ordinal, v.name;

-- leaderboard: a row for each variant of the latest plan of each name, best first; means over its seeds that are done.
-- A sealed test is NULL, and then valid sorts. Differences within the range of the seeds (low to high) are no differences: ctrlab report has the intervals.
CREATE VIEW leaderboard AS
SELECT experiment, label, model, count(DISTINCT trial) AS seeds,
       round(avg(value) FILTER (WHERE name = 'test.auc'), 6)      AS test_auc,
       round(min(value) FILTER (WHERE name = 'test.auc'), 6)      AS test_auc_low,
       round(max(value) FILTER (WHERE name = 'test.auc'), 6)      AS test_auc_high,
       round(avg(value) FILTER (WHERE name = 'test.logloss'), 6)  AS test_logloss,
       round(avg(value) FILTER (WHERE name = 'test.attained'), 6) AS test_attained,
       round(avg(value) FILTER (WHERE name = 'test.rmse'), 6)     AS test_rmse,
       round(avg(value) FILTER (WHERE name = 'valid.auc'), 6)     AS valid_auc,
       round(avg(value) FILTER (WHERE name = 'valid.logloss'), 6) AS valid_logloss,
       CAST(avg(value) FILTER (WHERE name = 'train.examples_per_second' AND NOT shared) AS INTEGER) AS train_examples_per_second,
       CAST(avg(value) FILTER (WHERE name = 'infer.examples_per_second' AND NOT shared) AS INTEGER) AS infer_examples_per_second,
       CAST(max(value) FILTER (WHERE name = 'params') AS INTEGER) AS params,
       dataset, CASE count(DISTINCT variant) WHEN 1 THEN max(variant) END AS variant, plan -- NULL where searches chose several
FROM trial_results
WHERE run IS NOT NULL
  AND plan = (SELECT id FROM experiments e WHERE e.name = experiment ORDER BY planned_at DESC, id DESC LIMIT 1)
GROUP BY plan, dataset, label
ORDER BY experiment, dataset, avg(value) FILTER (WHERE name = 'test.auc') DESC, avg(value) FILTER (WHERE name = 'test.rmse'),
         avg(value) FILTER (WHERE name = 'valid.auc') DESC, label;

-- learning_curve: the points of the runs whose results count.
CREATE VIEW learning_curve AS
SELECT e.name AS experiment, e.id AS plan, p.ordinal, p.label, t.seed, s.name, s.step, s.examples, s.seconds, s.value,
       t.id AS trial, s.run
FROM experiments e
JOIN experiment_trials p ON p.experiment = e.id
JOIN trials t ON t.id = p.trial
JOIN points s ON s.run = t.run
ORDER BY e.id, p.ordinal, s.name, s.step;

-- search_results: a row for each trial of each search, in order, with what it scored on valid.
CREATE VIEW search_results AS
SELECT e.name AS experiment, e.id AS plan, s.label, s.repeat, x.ordinal, x.point, x.share, t.state, s.metric, v.value,
       c.value AS seconds, x.ordinal IS s.chosen AS chosen, t.id AS trial, t.run
FROM experiments e
JOIN searches s ON s.experiment = e.id
JOIN search_trials x ON x.search = s.id
JOIN trials t ON t.id = x.trial
LEFT JOIN results v ON v.run = t.run AND v.name = s.metric
LEFT JOIN results c ON c.run = t.run AND c.name = 'train.seconds'
ORDER BY e.id, s.ordinal, x.ordinal;

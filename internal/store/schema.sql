-- The store of ctrlab: what experiments asked for, what ran, and what came of it. One file, WAL; several processes may write.
--
-- Times are UTC, ISO 8601. Durations are seconds, sizes bytes, counts examples. A digest is a SHA-256 in hex;
-- JSON is canonical (sorted keys). A value that is not finite is NULL.
--
-- To start with:  SELECT * FROM leaderboard;  SELECT * FROM trial_results;  SELECT * FROM learning_curve;
-- SELECT * FROM search_results;  views.sql has them

PRAGMA application_id = 0x6374726c; -- "ctrl": tells this file from any other SQLite database
PRAGMA user_version = 6;            -- of this schema; a higher one was written by a newer ctrlab

CREATE TABLE experiments (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,        -- as the file names it; a changed plan of the same name is a row of its own
  question    TEXT NOT NULL,        -- what the experiment is to find out
  plan        TEXT NOT NULL UNIQUE, -- digest of the name and of all trials with their labels, in order
  file        TEXT NOT NULL,        -- the experiment file, word for word
  overrides   TEXT NOT NULL,        -- JSON list of the --set arguments
  created_at  TEXT NOT NULL,        -- when this plan was first stored
  planned_at  TEXT NOT NULL,        -- when it was last asked for; reports take the latest of a name
  match       TEXT NOT NULL DEFAULT '', -- what variants were sized to have the same of: params or flops
  compare     TEXT NOT NULL DEFAULT '{}', -- JSON of [compare], every option resolved; no part of the plan
  reference   TEXT NOT NULL DEFAULT '[]'  -- JSON list of [[reference]]: results of others that it is held against; no part of the plan
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
  final_digest TEXT NOT NULL DEFAULT '', -- of the parameters that were kept and of their metrics, when done; '' without any
  examples     INTEGER NOT NULL DEFAULT 0, -- trained on by the last heartbeat
  total        INTEGER NOT NULL DEFAULT 0, -- that it will train on at most; 0: no heartbeat has said yet
  loss         REAL,                -- of training by the last heartbeat, a mean since the last evaluation
  rate         REAL NOT NULL DEFAULT 0 -- examples a second since it began or went on, evaluations included; 0: not known
) STRICT;
CREATE INDEX runs_trial ON runs (trial, state);
CREATE INDEX runs_running ON runs (owner) WHERE state = 'running';

CREATE TABLE artifacts (            -- files that runs left, in the folder results/ctrlab.runs of a database results/ctrlab.db
  run     INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  kind    TEXT NOT NULL,            -- checkpoint, model, scores or labels
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

CREATE TABLE slices (               -- how a run that is done scored parts of test; not to be seen while the run has rows in sealed
  run        INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  slice      TEXT NOT NULL,         -- what cuts test: calibration (equal counts, by prediction), time (tenths of test's order), or
                                    -- frequency of FIELD: head are the ids that make up half of train, mid up to nine tenths, tail
                                    -- the rest, cold those that train has not
  ordinal    INTEGER NOT NULL,      -- of the part, from 0
  part       TEXT NOT NULL,
  examples   INTEGER NOT NULL,
  predicted  REAL,                  -- mean prediction: probability or rating
  observed   REAL,                  -- mean label
  logloss    REAL,                  -- NULL for ratings, as auc
  auc        REAL,                  -- NULL also where all labels are equal
  PRIMARY KEY (run, slice, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE checks (               -- the history of ctrlab check
  id        INTEGER PRIMARY KEY,
  at        TEXT NOT NULL,
  revision  TEXT NOT NULL,          -- of the source that was checked
  against   TEXT NOT NULL,          -- revision of the baseline
  baseline  TEXT NOT NULL,          -- its name
  verdict   TEXT NOT NULL,
  report    TEXT NOT NULL           -- JSON
) STRICT;

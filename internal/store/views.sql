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

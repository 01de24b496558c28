-- Fills an empty, migrated console with %(comments)s comments, a tenth of them open cases and a
-- twentieth decided ones. Sample texts stand in bench_sample (see fill.py). A comment, its
-- revision, judgement and case share their number. Everything is drawn by hash: each run is alike.

CREATE UNLOGGED TABLE bench_channel AS
SELECT * FROM (VALUES
  (1, 'x', 25), (2, 'x', 10), (3, 'facebook', 20), (4, 'facebook', 10),
  (5, 'youtube', 15), (6, 'instagram', 10), (7, 'bluesky', 5), (8, 'mastodon', 5)
) AS channel(id, platform, share);

INSERT INTO platforms_channel
  (id, platform, name, account_id, account_name, base_url, options, state, trouble, created_at,
   pause_reason, findings, failed_readings)
SELECT id, platform, 'アカウント' || id, 'a' || id, '', '', '{}', 'disconnected', '', now(), '', '[]', 0
FROM bench_channel;

INSERT INTO platforms_remotepost (id, channel_id, remote_id, text, permalink, posted_at)
SELECT i, mod(i - 1, 8) + 1, 'p' || i, '緩和ケア講座のお知らせ　第' || i || '回', '',
       now() - interval '2 years'
FROM generate_series(1, 200) AS i;

INSERT INTO moderation_commenter
  (id, channel_id, key, name, handle, url, blocked, first_seen_at)
SELECT i, mod(i - 1, 8) + 1, 'u' || i, '名前' || i, 'user' || i, '', false, now()
FROM generate_series(1, %(commenters)s) AS i;

-- Which channel: by share, but 'ソ' only on channel 1 and 'エ' never on channel 5, so that there
-- are filters whose results are nearly the same, and frequent ones that have nothing in common.
CREATE UNLOGGED TABLE bench_row AS
WITH fate AS (
  SELECT i AS id,
         CASE WHEN mod(i, 10) = 3 THEN 'open' WHEN mod(i, 20) = 7 THEN 'closed' ELSE '' END AS fate,
         CASE WHEN mod(i, %(comments)s / 30) = 0 THEN 'rare'
              WHEN mod(i, 10) = 3 OR mod(i, 20) = 7 THEN 'case' ELSE 'pass' END AS kind
  FROM generate_series(1, %(comments)s) AS i
), sampled AS (
  SELECT fate.*, s.number, s.labels, abs(mod(hashint8extended(fate.id, 2), 100)) AS throw
  FROM fate JOIN (SELECT kind, count(*) AS size FROM bench_sample GROUP BY kind) k USING (kind)
  JOIN bench_sample s
    ON s.kind = fate.kind AND s.number = abs(mod(hashint8extended(fate.id, 1), k.size))
), placed AS (
  SELECT sampled.*, CASE
    WHEN 'ソ' = ANY(labels) THEN 1
    WHEN throw < 25 THEN 1 WHEN throw < 35 THEN 2 WHEN throw < 55 THEN 3 WHEN throw < 65 THEN 4
    WHEN throw < 80 THEN CASE WHEN 'エ' = ANY(labels) THEN 3 ELSE 5 END
    WHEN throw < 90 THEN 6 WHEN throw < 95 THEN 7 ELSE 8 END AS channel
  FROM sampled
)
SELECT id, fate, kind, number, channel,
       channel + 8 * abs(mod(hashint8extended(id, 3), 25)) AS post,
       -- commenter 1 writes one comment in a hundred, the others about equally many
       CASE WHEN channel = 1 AND mod(hashint8extended(id, 4), 25) = 0 THEN 1
            ELSE channel + 8 * abs(mod(hashint8extended(id, 5), %(commenters)s / 8)) END AS commenter,
       now() - interval '2 years' * (1 - id::float / %(comments)s) AS at
FROM placed;

INSERT INTO moderation_comment
  (id, channel_id, post_id, commenter_id, remote_id, parent_remote_id, permalink, text, attachments,
   revision_number, standing, route, posted_at, received_at, judged_at, bigrams, erasure)
SELECT r.id, r.channel, r.post, r.commenter, 'c' || r.id, '', '', s.text, '[]', 1,
       CASE WHEN r.fate = 'closed' AND mod(r.id, 3) > 0 THEN 'hidden' ELSE 'visible' END,
       s.route, r.at, r.at, r.at, s.bigrams, ''
FROM bench_row r JOIN bench_sample s USING (kind, number) ORDER BY r.id;

INSERT INTO moderation_commentrevision
  (id, comment_id, number, text, raw, author_name, author_handle, observed_at)
SELECT r.id, r.id, 1, s.text, s.raw, '名前' || r.commenter, 'user' || r.commenter, r.at
FROM bench_row r JOIN bench_sample s USING (kind, number) ORDER BY r.id;

INSERT INTO moderation_judgement
  (id, revision_id, ruleset_id, engine_version, model_version, context_hash, labels, signals,
   scores, evidence, problems, route, judged_at)
SELECT r.id, r.id, (SELECT max(id) FROM policy_ruleset), '1', '', md5(r.id::text), s.labels,
       s.signals, s.scores, s.evidence, '{}', s.route, r.at
FROM bench_row r JOIN bench_sample s USING (kind, number) ORDER BY r.id;

INSERT INTO moderation_case
  (id, comment_id, judgement_id, state, origin, lane, urgency, labels, signals, problems, opened_at,
   closed_at, care_notice_at)
SELECT r.id, r.id, r.id, CASE r.fate WHEN 'open' THEN 'open' ELSE 'closed' END, 'judged', s.lane,
       s.urgency, s.labels, s.signals, '{}', r.at, CASE r.fate WHEN 'closed' THEN r.at END, r.at
FROM bench_row r JOIN bench_sample s USING (kind, number) WHERE r.fate <> '' ORDER BY r.id;

INSERT INTO moderation_decision
  (id, case_id, revision_id, commenter_id, outcome, criteria, clauses, note, policy_version_id, ruleset_id,
   actor_id, state, shown_notes, decided_at, undo_until)
SELECT c.id, c.id, c.id, r.commenter, CASE WHEN mod(c.id, 3) > 0 THEN 'hide' ELSE 'keep' END, c.labels, '[]', '',
       (SELECT max(id) FROM policy_policyversion), (SELECT max(id) FROM policy_ruleset),
       (SELECT min(id) FROM accounts_user) + mod(c.id / 20, 2), 'taken', '[]', c.closed_at,
       c.closed_at + interval '15 seconds'
FROM moderation_case c JOIN bench_row r USING (id) WHERE c.state = 'closed' ORDER BY c.id;

INSERT INTO moderation_action
  (id, case_id, decision_id, channel_id, effect, wanted, achieved, state, due_at, attempts, trouble,
   created_at, settled_at, readings)
SELECT d.id, d.case_id, d.id, r.channel, 'hide', 'hide', 'applied', 'done', d.undo_until, 1, '', d.decided_at,
       d.undo_until, 0
FROM moderation_decision d JOIN bench_row r USING (id) WHERE d.outcome = 'hide' ORDER BY d.id;

INSERT INTO moderation_manualtask (id, decision_id, effect, link, state, note, opened_at, closed_at)
SELECT d.id, d.id, 'block', '', 'done', '', d.decided_at, d.undo_until
FROM moderation_decision d WHERE d.outcome = 'hide' AND mod(d.id / 20, 4) = 0 ORDER BY d.id;

INSERT INTO audit_auditevent
  (id, at, actor_id, actor_name, verb, target_type, target_id, channel, clause, policy_version,
   details, personal_digest, previous_hash, hash)
SELECT (SELECT coalesce(max(id), 0) FROM audit_auditevent) + row_number() OVER (ORDER BY d.id, verb),
       d.decided_at, d.actor_id, '高橋', verb, target, d.id::text, NULL, '', '1',
       '{"outcome": "hide"}', '', md5(d.id::text), md5(verb || d.id)
FROM moderation_decision d
CROSS JOIN (VALUES ('case.decided', 'moderation.case'), ('effect.applied', 'moderation.action'))
  AS told(verb, target);

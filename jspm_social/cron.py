"""The only list of periodic jobs, run by RQ's own cron scheduler (`manage.py rqcron`).

A job's ttl is its interval, so that none pile up while no worker runs.
"""

from rq import cron

import jspm_social.accounts.jobs
import jspm_social.platforms.connecting.jobs
import jspm_social.platforms.jobs
import moderation.jobs
import policy.jobs
import policy.rules.jobs
import posts.jobs

SWEEP, CATCH_UP, FORGET = 5, 20, 600  # seconds
A_MINUTE = 60
HOURLY = 60 * A_MINUTE
LOOK_AROUND = 5 * A_MINUTE
LOOK_AFTER = 10 * A_MINUTE
TIDY = A_MINUTE * 5

for job, queue, seconds in (
    (moderation.jobs.sweep, "act", SWEEP),
    (posts.jobs.sweep, "act", SWEEP),
    (posts.jobs.look_around, "intake", LOOK_AROUND),
    (posts.jobs.remind, "intake", HOURLY),
    (jspm_social.accounts.jobs.keep, "intake", LOOK_AFTER),
    (moderation.jobs.catch_up, "intake", CATCH_UP),
    (jspm_social.platforms.jobs.look_after_channels, "intake", LOOK_AFTER),
    (jspm_social.platforms.connecting.jobs.forget_ended, "intake", TIDY),
    (moderation.jobs.forget, "bulk", FORGET),
    (moderation.jobs.measure, "bulk", HOURLY),
    (moderation.jobs.consult, "bulk", A_MINUTE),
    (policy.rules.jobs.watch, "bulk", A_MINUTE),
    (policy.jobs.keep_versions, "intake", A_MINUTE),
):
    cron.register(
        job,
        queue_name=queue,
        interval=seconds,
        ttl=seconds,
        result_ttl=0,
        failure_ttl=A_MINUTE,
        job_timeout=A_MINUTE * 5,
    )

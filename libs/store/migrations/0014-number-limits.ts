import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Caps and cooldowns per number, what rotates retries, since when a rule holds a call, and what the api tells of pace. */
export class NumberLimits1764001400000 implements MigrationInterface {
  name = 'NumberLimits1764001400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE environments
     ADD COLUMN max_attempts_per_number_day integer CHECK (max_attempts_per_number_day BETWEEN 1 AND 100),
     ADD COLUMN max_attempts_per_number_week integer CHECK (max_attempts_per_number_week BETWEEN 1 AND 100),
     ADD COLUMN min_attempt_gap_minutes integer CHECK (min_attempt_gap_minutes BETWEEN 1 AND 43200),
     ADD COLUMN success_cooldown_hours integer CHECK (success_cooldown_hours BETWEEN 1 AND 8760)`,
  `ALTER TABLE campaigns
     ADD COLUMN retry_time_of_day_rotation boolean NOT NULL DEFAULT false,
     ADD COLUMN completed_at timestamptz`,
  `ALTER TABLE calls ADD COLUMN held_since timestamptz`,
  // What was done to a number, newest first: read in every claim, under the number's lock.
  `CREATE INDEX attempts_by_number ON attempts (environment_id, to_number, sending_at DESC)
     WHERE sending_at IS NOT NULL`,
  // What the provider did with a campaign's latest requests.
  `CREATE INDEX attempts_of_campaign ON attempts (campaign_id, sending_at DESC) WHERE sending_at IS NOT NULL`,
  `CREATE INDEX calls_held_by_rule ON calls (environment_id, campaign_id)
     WHERE status = 'waiting' AND reason IN ('no_credits', 'outside_legal_hours', 'number_cap_reached',
       'number_cooling_down', 'do_not_call_registry_out_of_date')`,
  `DROP INDEX calls_held_by_law`,
  // Whether the trunk's pace is what slows a campaign, the api may tell.
  `GRANT SELECT ON trunks TO ringfence_api`,
];

const DOWN = [
  `REVOKE SELECT ON trunks FROM ringfence_api`,
  `CREATE INDEX calls_held_by_law ON calls (environment_id, campaign_id)
     WHERE status = 'waiting' AND reason = 'outside_legal_hours'`,
  `DROP INDEX calls_held_by_rule`,
  `DROP INDEX attempts_by_number, attempts_of_campaign`,
  `ALTER TABLE calls DROP COLUMN held_since`,
  `ALTER TABLE campaigns DROP COLUMN retry_time_of_day_rotation, DROP COLUMN completed_at`,
  `ALTER TABLE environments DROP COLUMN max_attempts_per_number_day, DROP COLUMN max_attempts_per_number_week,
     DROP COLUMN min_attempt_gap_minutes, DROP COLUMN success_cooldown_hours`,
];

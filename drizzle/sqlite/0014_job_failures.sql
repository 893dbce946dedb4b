ALTER TABLE `jobs` ADD `failing_since_ms` integer;--> statement-breakpoint
ALTER TABLE `jobs` ADD `last_failure` text;--> statement-breakpoint
-- Jobs that have failed keep counting as failing. Why they failed wasn't stored.
UPDATE `jobs` SET `failing_since_ms` = `run_at_ms`, `last_failure` = 'unknown' WHERE `finished_at_ms` IS NULL AND (`attempts` > 1 OR (`attempts` = 1 AND `lease_token` IS NULL));

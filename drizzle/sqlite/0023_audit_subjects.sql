CREATE TABLE `audit_subjects` (
	`organization_id` text NOT NULL,
	`subject` text NOT NULL,
	`sequence` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `subject`, `sequence`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`sequence`) REFERENCES `audit_events`(`organization_id`,`sequence`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `api_keys` ADD `leak_reported_at_ms` integer;--> statement-breakpoint
CREATE INDEX `audit_events_time` ON `audit_events` (`organization_id`,`at_ms`);--> statement-breakpoint
-- The teams and accounts of the existing events. An event that names an account alone also concerns its team.
INSERT INTO `audit_subjects`("organization_id", "subject", "sequence")
SELECT "organization_id", "subject", "sequence" FROM `audit_events`
WHERE "subject" GLOB 'team:*' OR "subject" GLOB 'service_account:*'
UNION
SELECT "organization_id", 'team:' || json_extract("details", '$.team'), "sequence" FROM `audit_events`
WHERE json_type("details", '$.team') = 'text'
UNION
SELECT `e`."organization_id", `t`."value", `e`."sequence" FROM `audit_events` AS `e`, json_each(`e`."details", '$.targets') AS `t`
WHERE json_type(`e`."details", '$.targets') = 'array' AND (`t`."value" GLOB 'team:*' OR `t`."value" GLOB 'service_account:*')
UNION
SELECT `e`."organization_id", 'team:' || `t`."name", `e`."sequence" FROM `audit_events` AS `e`
JOIN `service_accounts` AS `a` ON `a`.`organization_id` = `e`.`organization_id` AND `a`.`id` = substr(`e`."subject", 17)
JOIN `teams` AS `t` ON `t`.`organization_id` = `a`.`organization_id` AND `t`.`id` = `a`.`team_id`
WHERE `e`."subject" GLOB 'service_account:*' AND json_type(`e`."details", '$.team') IS NULL;
--> statement-breakpoint
CREATE TRIGGER `audit_subjects_no_update` BEFORE UPDATE ON `audit_subjects`
BEGIN
	SELECT RAISE(ABORT, 'audit subjects are never changed');
END;
--> statement-breakpoint
CREATE TRIGGER `audit_subjects_no_delete` BEFORE DELETE ON `audit_subjects`
BEGIN
	SELECT RAISE(ABORT, 'audit subjects are never removed');
END;

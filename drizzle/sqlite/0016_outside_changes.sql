CREATE TABLE `audit_log_positions` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`day` text NOT NULL,
	`cursor` text,
	`since_ms` integer NOT NULL,
	`seen_until_ms` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `outside_changes` (
	`organization_id` text NOT NULL,
	`entry_id` text NOT NULL,
	`team_name` text NOT NULL,
	`kind` text NOT NULL,
	`actor` text,
	`user_id` text,
	`subject` text,
	`at_ms` integer NOT NULL,
	`recorded_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `entry_id`, `team_name`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `outside_changes_team` ON `outside_changes` (`organization_id`,`team_name`,`at_ms`);--> statement-breakpoint
CREATE INDEX `outside_changes_user` ON `outside_changes` (`organization_id`,`user_id`);--> statement-breakpoint
CREATE INDEX `outside_changes_time` ON `outside_changes` (`organization_id`,`at_ms`);--> statement-breakpoint
CREATE TABLE `unstored_changes` (
	`organization_id` text NOT NULL,
	`team_name` text NOT NULL,
	`day` text NOT NULL,
	`count` integer NOT NULL,
	`recorded_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `team_name`, `day`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `unstored_changes_time` ON `unstored_changes` (`organization_id`,`recorded_at_ms`);--> statement-breakpoint
ALTER TABLE `server_accounts` ADD `known_keys` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `server_accounts` ADD `keys_deleted_at_ms` integer;--> statement-breakpoint
CREATE INDEX `server_accounts_member` ON `server_accounts` (`organization_id`,`member_id`);--> statement-breakpoint
CREATE INDEX `server_accounts_scim` ON `server_accounts` (`organization_id`,`scim_id`);--> statement-breakpoint
CREATE INDEX `server_accounts_keys_open` ON `server_accounts` (`organization_id`,`gone_at_ms`) WHERE "server_accounts"."gone_at_ms" is not null and "server_accounts"."keys_deleted_at_ms" is null;--> statement-breakpoint
-- Nobody is reminded of accounts that were deleted before this version.
UPDATE `server_accounts` SET `keys_deleted_at_ms` = `gone_at_ms` WHERE `gone_at_ms` IS NOT NULL;

CREATE TABLE `audit_events` (
	`organization_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`details` text NOT NULL,
	`request_id` text,
	`previous_hash` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`organization_id`, `sequence`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "audit_events_sequence" CHECK("audit_events"."sequence" > 0),
	CONSTRAINT "audit_events_actor" CHECK(json_valid("audit_events"."actor")),
	CONSTRAINT "audit_events_details" CHECK(json_valid("audit_events"."details"))
);
--> statement-breakpoint
CREATE TABLE `database_identity` (
	`singleton` integer PRIMARY KEY NOT NULL,
	`mode` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	CONSTRAINT "database_identity_singleton" CHECK("database_identity"."singleton" = 1),
	CONSTRAINT "database_identity_mode" CHECK("database_identity"."mode" in ('sandbox', 'live'))
);
--> statement-breakpoint
CREATE TABLE `issuers` (
	`organization_id` text NOT NULL,
	`url` text NOT NULL,
	`added_at_ms` integer NOT NULL,
	`removed_at_ms` integer,
	PRIMARY KEY(`organization_id`, `url`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `organization_admins` (
	`organization_id` text NOT NULL,
	`email` text NOT NULL,
	`added_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `email`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `organizations` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `organizations_name` ON `organizations` (`name`);--> statement-breakpoint
CREATE TABLE `projects` (
	`organization_id` text NOT NULL,
	`team_id` text NOT NULL,
	`name` text NOT NULL,
	`visibility` text NOT NULL,
	`service_accounts` text NOT NULL,
	PRIMARY KEY(`organization_id`, `team_id`, `name`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "projects_visibility" CHECK("projects"."visibility" in ('private', 'public', 'open', 'restricted')),
	CONSTRAINT "projects_service_accounts" CHECK(json_valid("projects"."service_accounts"))
);
--> statement-breakpoint
CREATE TABLE `team_members` (
	`organization_id` text NOT NULL,
	`team_id` text NOT NULL,
	`email` text NOT NULL,
	`username` text NOT NULL,
	`role` text NOT NULL,
	PRIMARY KEY(`organization_id`, `team_id`, `email`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "team_members_role" CHECK("team_members"."role" in ('admin', 'member', 'view-only'))
);
--> statement-breakpoint
CREATE INDEX `team_members_email` ON `team_members` (`organization_id`,`email`,`role`);--> statement-breakpoint
CREATE TABLE `teams` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`subjects` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`archived_at_ms` integer,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "teams_subjects" CHECK(json_valid("teams"."subjects"))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `teams_name` ON `teams` (`organization_id`,`name`);--> statement-breakpoint
CREATE TABLE `api_keys` (
	`organization_id` text NOT NULL,
	`key_id` text NOT NULL,
	`account_id` text NOT NULL,
	`secret_hash` text NOT NULL,
	`pepper_version` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	PRIMARY KEY(`organization_id`, `key_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`pepper_version`) REFERENCES `peppers`(`organization_id`,`version`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_key_id` ON `api_keys` (`key_id`);--> statement-breakpoint
CREATE INDEX `api_keys_account` ON `api_keys` (`organization_id`,`account_id`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `collections` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`account_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`key_lifetime_days` integer NOT NULL,
	`dead_key_id` text NOT NULL,
	`state` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`told_at_ms` integer,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`dead_key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "collections_state" CHECK("collections"."state" in ('open', 'collecting', 'collected', 'closed')),
	CONSTRAINT "collections_lifetime" CHECK("collections"."key_lifetime_days" > 0)
);
--> statement-breakpoint
CREATE INDEX `collections_account` ON `collections` (`organization_id`,`account_id`);--> statement-breakpoint
CREATE INDEX `collections_open` ON `collections` (`organization_id`,`created_at_ms`) WHERE "collections"."state" = 'open';--> statement-breakpoint
CREATE TABLE `deliveries` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`key_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`route` text NOT NULL,
	`key_lifetime_days` integer NOT NULL,
	`collection_id` text,
	`state` text NOT NULL,
	`lease_until_ms` integer NOT NULL,
	`settled_at_ms` integer,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`collection_id`) REFERENCES `collections`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "deliveries_route" CHECK("deliveries"."route" in ('response_url', 'post_ephemeral')),
	CONSTRAINT "deliveries_state" CHECK("deliveries"."state" in ('sending', 'delivered', 'failed')),
	CONSTRAINT "deliveries_settled" CHECK(("deliveries"."state" = 'sending') = ("deliveries"."settled_at_ms" is null)),
	CONSTRAINT "deliveries_lifetime" CHECK("deliveries"."key_lifetime_days" > 0)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_key_once` ON `deliveries` (`organization_id`,`key_id`);--> statement-breakpoint
CREATE INDEX `deliveries_sending` ON `deliveries` (`organization_id`,`lease_until_ms`) WHERE "deliveries"."state" = 'sending';--> statement-breakpoint
CREATE TABLE `peppers` (
	`organization_id` text NOT NULL,
	`version` integer NOT NULL,
	`sealed` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `version`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `service_accounts` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`scope` text NOT NULL,
	`team_id` text NOT NULL,
	`name` text NOT NULL,
	`method` text NOT NULL,
	`issuer` text,
	`subject` text,
	`purpose` text,
	`used_by` text,
	`contact` text NOT NULL,
	`created_by_slack_user_id` text NOT NULL,
	`created_by_email` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	`name_reserved_until_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`issuer`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "service_accounts_scope" CHECK("service_accounts"."scope" in ('team')),
	CONSTRAINT "service_accounts_method" CHECK("service_accounts"."method" in ('api_key', 'federated')),
	CONSTRAINT "service_accounts_identity" CHECK(("service_accounts"."method" = 'federated') = ("service_accounts"."issuer" is not null) and ("service_accounts"."issuer" is null) = ("service_accounts"."subject" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_name` ON `service_accounts` (`organization_id`,`team_id`,`name`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_identity` ON `service_accounts` (`organization_id`,`issuer`,`subject`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE INDEX `service_accounts_name` ON `service_accounts` (`organization_id`,`team_id`,`name`);--> statement-breakpoint
CREATE TABLE `submissions` (
	`organization_id` text NOT NULL,
	`submission_id` text NOT NULL,
	`account_id` text NOT NULL,
	`key_id` text,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `submission_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action
);

-- What happens to an account after its creation: requests, rotations, cards in Slack, and reviews.
CREATE TABLE `access_requests` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`team_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`requested` text NOT NULL,
	`reason` text NOT NULL,
	`is_urgent` integer NOT NULL,
	`state` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`decided_at_ms` integer,
	`denial_reason` text,
	`account_id` text,
	`confirm_until_ms` integer,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "access_requests_state" CHECK("access_requests"."state" in ('open', 'granted', 'approved', 'denied', 'withdrawn', 'lapsed')),
	CONSTRAINT "access_requests_requested" CHECK(json_valid("access_requests"."requested"))
);
--> statement-breakpoint
CREATE INDEX `access_requests_open` ON `access_requests` (`organization_id`,`team_id`) WHERE "access_requests"."state" = 'open';--> statement-breakpoint
CREATE INDEX `access_requests_person` ON `access_requests` (`organization_id`,`slack_user_id`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `cards` (
	`organization_id` text NOT NULL,
	`subject` text NOT NULL,
	`channel_id` text NOT NULL,
	`message_ts` text NOT NULL,
	`posted_entries` integer NOT NULL,
	`posted_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `subject`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `near_matches` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`account_id` text NOT NULL,
	`subject` text NOT NULL,
	`state` text NOT NULL,
	`first_seen_at_ms` integer NOT NULL,
	`decided_at_ms` integer,
	`decided_by_slack_user_id` text,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "near_matches_state" CHECK("near_matches"."state" in ('open', 'used', 'ignored'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `near_matches_subject` ON `near_matches` (`organization_id`,`account_id`,`subject`);--> statement-breakpoint
CREATE TABLE `person_settings` (
	`organization_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`muted` text NOT NULL,
	PRIMARY KEY(`organization_id`, `slack_user_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "person_settings_muted" CHECK(json_valid("person_settings"."muted"))
);
--> statement-breakpoint
CREATE TABLE `request_decisions` (
	`organization_id` text NOT NULL,
	`request_id` text NOT NULL,
	`email` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`decision` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `request_id`, `email`, `decision`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`request_id`) REFERENCES `access_requests`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "request_decisions_decision" CHECK("request_decisions"."decision" in ('approved', 'denied', 'confirmed'))
);
--> statement-breakpoint
CREATE TABLE `rotations` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`old_key_id` text NOT NULL,
	`new_key_id` text,
	`started_by_slack_user_id` text NOT NULL,
	`started_by_email` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	`overlap_until_ms` integer NOT NULL,
	`old_expires_at_ms` integer,
	`revokes_unused` integer NOT NULL,
	`state` text NOT NULL,
	`finished_at_ms` integer,
	`finished_by_slack_user_id` text,
	`asked_at_ms` integer,
	`late_use_at_ms` integer,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`old_key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`new_key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "rotations_state" CHECK("rotations"."state" in ('open', 'finished', 'canceled')),
	CONSTRAINT "rotations_finished" CHECK(("rotations"."state" = 'open') = ("rotations"."finished_at_ms" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `rotations_open` ON `rotations` (`organization_id`,`old_key_id`) WHERE "rotations"."state" = 'open';--> statement-breakpoint
CREATE INDEX `rotations_old_key` ON `rotations` (`organization_id`,`old_key_id`);--> statement-breakpoint
CREATE TABLE `unused_reviews` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`team_id` text NOT NULL,
	`key_ids` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "unused_reviews_key_ids" CHECK(json_valid("unused_reviews"."key_ids"))
);
--> statement-breakpoint
CREATE INDEX `unused_reviews_team` ON `unused_reviews` (`organization_id`,`team_id`,`created_at_ms`);--> statement-breakpoint
ALTER TABLE `api_keys` ADD `noticed_days_before` integer;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `kept_until_ms` integer;--> statement-breakpoint
CREATE INDEX `api_keys_expiry` ON `api_keys` (`organization_id`,`expires_at_ms`) WHERE "api_keys"."revoked_at_ms" is null;--> statement-breakpoint
ALTER TABLE `collections` ADD `access_request_id` text;--> statement-breakpoint
ALTER TABLE `service_accounts` ADD `unowned_since_ms` integer;--> statement-breakpoint
CREATE INDEX `service_accounts_unowned` ON `service_accounts` (`organization_id`,`team_id`) WHERE "service_accounts"."unowned_since_ms" is not null;--> statement-breakpoint
CREATE INDEX `service_accounts_contact` ON `service_accounts` (`organization_id`,`contact`) WHERE "service_accounts"."state" in ('provisioning', 'active', 'revoking');
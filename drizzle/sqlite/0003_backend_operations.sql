CREATE TABLE `backend_operations` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`account_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`members_before` text NOT NULL,
	`member_id` text,
	`client_id` text,
	`is_abandoned` integer DEFAULT false NOT NULL,
	`key_lifetime_days` integer,
	`collection_id` text,
	`state` text NOT NULL,
	`lease_until_ms` integer NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`request_id` text,
	`began_at_ms` integer NOT NULL,
	`ended_at_ms` integer,
	`ending` text,
	`told_at_ms` integer,
	`telling_tries` integer DEFAULT 0 NOT NULL,
	`telling_from_ms` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`collection_id`) REFERENCES `collections`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "backend_operations_kind" CHECK("backend_operations"."kind" in ('create', 'recreate', 'remove')),
	CONSTRAINT "backend_operations_state" CHECK("backend_operations"."state" in ('under_way', 'done', 'failed', 'unclear')),
	CONSTRAINT "backend_operations_ended" CHECK(("backend_operations"."state" = 'under_way') = ("backend_operations"."ended_at_ms" is null)),
	CONSTRAINT "backend_operations_ending" CHECK("backend_operations"."ending" in ('created_late', 'not_made', 'removed_again', 'several_candidates', 'revoked_late', 'not_revoked')),
	CONSTRAINT "backend_operations_members_before" CHECK(json_valid("backend_operations"."members_before")),
	CONSTRAINT "backend_operations_recreate" CHECK(("backend_operations"."kind" = 'recreate') = ("backend_operations"."collection_id" is not null))
);
--> statement-breakpoint
CREATE INDEX `backend_operations_account` ON `backend_operations` (`organization_id`,`account_id`);--> statement-breakpoint
CREATE INDEX `backend_operations_under_way` ON `backend_operations` (`organization_id`,`lease_until_ms`) WHERE "backend_operations"."state" = 'under_way';--> statement-breakpoint
CREATE INDEX `backend_operations_to_tell` ON `backend_operations` (`organization_id`,`telling_from_ms`) WHERE "backend_operations"."ending" is not null and "backend_operations"."told_at_ms" is null;--> statement-breakpoint
CREATE TABLE `__new_api_keys` (
	`organization_id` text NOT NULL,
	`key_id` text NOT NULL,
	`account_id` text NOT NULL,
	`secret_hash` text,
	`pepper_version` integer,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`revoked_at_ms` integer,
	PRIMARY KEY(`organization_id`, `key_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`pepper_version`) REFERENCES `peppers`(`organization_id`,`version`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "api_keys_checked_here" CHECK(("__new_api_keys"."secret_hash" is null) = ("__new_api_keys"."pepper_version" is null) and ("__new_api_keys"."secret_hash" is null) = ("__new_api_keys"."expires_at_ms" is null))
);
--> statement-breakpoint
INSERT INTO `__new_api_keys`("organization_id", "key_id", "account_id", "secret_hash", "pepper_version", "created_at_ms", "expires_at_ms", "revoked_at_ms") SELECT "organization_id", "key_id", "account_id", "secret_hash", "pepper_version", "created_at_ms", "expires_at_ms", "revoked_at_ms" FROM `api_keys`;--> statement-breakpoint
DROP TABLE `api_keys`;--> statement-breakpoint
ALTER TABLE `__new_api_keys` RENAME TO `api_keys`;--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_key_id` ON `api_keys` (`key_id`);--> statement-breakpoint
CREATE INDEX `api_keys_account` ON `api_keys` (`organization_id`,`account_id`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `__new_collections` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`account_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`key_lifetime_days` integer NOT NULL,
	`dead_key_id` text,
	`state` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`told_at_ms` integer,
	`telling_tries` integer DEFAULT 0 NOT NULL,
	`telling_from_ms` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`dead_key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "collections_state" CHECK("__new_collections"."state" in ('open', 'collecting', 'collected', 'closed')),
	CONSTRAINT "collections_lifetime" CHECK("__new_collections"."key_lifetime_days" > 0)
);
--> statement-breakpoint
INSERT INTO `__new_collections`("organization_id", "id", "account_id", "slack_user_id", "email", "key_lifetime_days", "dead_key_id", "state", "created_at_ms", "expires_at_ms", "told_at_ms", "telling_tries", "telling_from_ms") SELECT "organization_id", "id", "account_id", "slack_user_id", "email", "key_lifetime_days", "dead_key_id", "state", "created_at_ms", "expires_at_ms", "told_at_ms", "telling_tries", "telling_from_ms" FROM `collections`;--> statement-breakpoint
DROP TABLE `collections`;--> statement-breakpoint
ALTER TABLE `__new_collections` RENAME TO `collections`;--> statement-breakpoint
CREATE INDEX `collections_account` ON `collections` (`organization_id`,`account_id`);--> statement-breakpoint
CREATE INDEX `collections_open` ON `collections` (`organization_id`,`created_at_ms`) WHERE "collections"."state" = 'open';--> statement-breakpoint
ALTER TABLE `organizations` ADD `backend` text;--> statement-breakpoint
ALTER TABLE `organizations` ADD `keys_not_shown_at_ms` integer;--> statement-breakpoint
-- There was no other backend before.
UPDATE `organizations` SET `backend` = 'builtin';--> statement-breakpoint
ALTER TABLE `deliveries` ADD `cut_off_tries` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE TABLE `__new_service_accounts` (
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
	`state` text DEFAULT 'active' NOT NULL,
	`backend_member_id` text,
	`backend_client_id` text,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`issuer`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "service_accounts_state" CHECK("__new_service_accounts"."state" in ('creating', 'active', 'failed') and ("__new_service_accounts"."state" <> 'failed' or "__new_service_accounts"."revoked_at_ms" is not null)),
	CONSTRAINT "service_accounts_scope" CHECK("__new_service_accounts"."scope" in ('team')),
	CONSTRAINT "service_accounts_method" CHECK("__new_service_accounts"."method" in ('api_key', 'federated')),
	CONSTRAINT "service_accounts_identity" CHECK(("__new_service_accounts"."method" = 'federated') = ("__new_service_accounts"."issuer" is not null) and ("__new_service_accounts"."issuer" is null) = ("__new_service_accounts"."subject" is null))
);
--> statement-breakpoint
INSERT INTO `__new_service_accounts`("organization_id", "id", "scope", "team_id", "name", "method", "issuer", "subject", "purpose", "used_by", "contact", "created_by_slack_user_id", "created_by_email", "created_at_ms", "revoked_at_ms", "name_reserved_until_ms", "state", "backend_member_id", "backend_client_id") SELECT "organization_id", "id", "scope", "team_id", "name", "method", "issuer", "subject", "purpose", "used_by", "contact", "created_by_slack_user_id", "created_by_email", "created_at_ms", "revoked_at_ms", "name_reserved_until_ms", 'active', NULL, NULL FROM `service_accounts`;--> statement-breakpoint
DROP TABLE `service_accounts`;--> statement-breakpoint
ALTER TABLE `__new_service_accounts` RENAME TO `service_accounts`;--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_name` ON `service_accounts` (`organization_id`,`team_id`,`name`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_identity` ON `service_accounts` (`organization_id`,`issuer`,`subject`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE INDEX `service_accounts_name` ON `service_accounts` (`organization_id`,`team_id`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_backend_member` ON `service_accounts` (`organization_id`,`backend_member_id`) WHERE "service_accounts"."revoked_at_ms" is null;
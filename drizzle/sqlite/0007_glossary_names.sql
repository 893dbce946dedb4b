-- Columns, states and an index get the names of the glossary. Renaming a column also rewrites the indexes, checks and
-- foreign keys that use it; the account states are in a check, so that table is created again.
ALTER TABLE `collections` RENAME COLUMN `dead_key_id` TO `revoked_key_id`;--> statement-breakpoint
ALTER TABLE `deliveries` RENAME COLUMN `cut_off_tries` TO `revoke_attempts`;--> statement-breakpoint
ALTER TABLE `used_assertions` RENAME COLUMN `ends_at_ms` TO `expires_at_ms`;--> statement-breakpoint
DROP INDEX `used_assertions_ends`;--> statement-breakpoint
CREATE INDEX `used_assertions_expiry` ON `used_assertions` (`organization_id`,`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `__new_service_accounts` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`scope` text NOT NULL,
	`team_id` text NOT NULL,
	`name` text NOT NULL,
	`authentication_method` text NOT NULL,
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
	`last_used_at_ms` integer,
	`last_used_address` text,
	`last_used_user_agent` text,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`issuer`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "service_accounts_state" CHECK("__new_service_accounts"."state" in ('provisioning', 'active', 'failed') and ("__new_service_accounts"."state" <> 'failed' or "__new_service_accounts"."revoked_at_ms" is not null)),
	CONSTRAINT "service_accounts_scope" CHECK("__new_service_accounts"."scope" in ('team', 'organization')),
	CONSTRAINT "service_accounts_authentication_method" CHECK("__new_service_accounts"."authentication_method" in ('api_key', 'federated')),
	CONSTRAINT "service_accounts_identity" CHECK(("__new_service_accounts"."authentication_method" = 'federated') = ("__new_service_accounts"."issuer" is not null) and ("__new_service_accounts"."issuer" is null) = ("__new_service_accounts"."subject" is null))
);
--> statement-breakpoint
INSERT INTO `__new_service_accounts`("organization_id", "id", "scope", "team_id", "name", "authentication_method", "issuer", "subject", "purpose", "used_by", "contact", "created_by_slack_user_id", "created_by_email", "created_at_ms", "revoked_at_ms", "name_reserved_until_ms", "state", "backend_member_id", "backend_client_id", "last_used_at_ms", "last_used_address", "last_used_user_agent") SELECT "organization_id", "id", "scope", "team_id", "name", "method", "issuer", "subject", "purpose", "used_by", "contact", "created_by_slack_user_id", "created_by_email", "created_at_ms", "revoked_at_ms", "name_reserved_until_ms", CASE "state" WHEN 'creating' THEN 'provisioning' ELSE "state" END, "backend_member_id", "backend_client_id", "last_used_at_ms", "last_used_address", "last_used_user_agent" FROM `service_accounts`;--> statement-breakpoint
DROP TABLE `service_accounts`;--> statement-breakpoint
ALTER TABLE `__new_service_accounts` RENAME TO `service_accounts`;--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_name` ON `service_accounts` (`organization_id`,`team_id`,`name`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_identity` ON `service_accounts` (`organization_id`,`issuer`,`subject`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE INDEX `service_accounts_name` ON `service_accounts` (`organization_id`,`team_id`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_backend_member` ON `service_accounts` (`organization_id`,`backend_member_id`) WHERE "service_accounts"."revoked_at_ms" is null;

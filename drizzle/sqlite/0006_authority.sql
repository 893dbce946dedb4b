CREATE TABLE `issuer_key_sets` (
	`organization_id` text NOT NULL,
	`url` text NOT NULL,
	`jwks` text NOT NULL,
	`fetched_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `url`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`url`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "issuer_key_sets_jwks" CHECK(json_valid("issuer_key_sets"."jwks"))
);
--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`organization_id` text NOT NULL,
	`number` integer NOT NULL,
	`key_id` text NOT NULL,
	`sealed` text NOT NULL,
	`public_jwk` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`signs_from_ms` integer NOT NULL,
	`signs_until_ms` integer NOT NULL,
	`published_until_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `number`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "signing_keys_public_jwk" CHECK(json_valid("signing_keys"."public_jwk")),
	CONSTRAINT "signing_keys_times" CHECK("signing_keys"."signs_from_ms" < "signing_keys"."signs_until_ms" and "signing_keys"."signs_until_ms" <= "signing_keys"."published_until_ms")
);
--> statement-breakpoint
CREATE UNIQUE INDEX `signing_keys_key_id` ON `signing_keys` (`organization_id`,`key_id`);--> statement-breakpoint
CREATE TABLE `used_assertions` (
	`organization_id` text NOT NULL,
	`issuer` text NOT NULL,
	`token_id_hash` text NOT NULL,
	`ends_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `issuer`, `token_id_hash`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`issuer`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `used_assertions_ends` ON `used_assertions` (`organization_id`,`ends_at_ms`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
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
	`last_used_at_ms` integer,
	`last_used_address` text,
	`last_used_user_agent` text,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`issuer`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "service_accounts_state" CHECK("__new_service_accounts"."state" in ('creating', 'active', 'failed') and ("__new_service_accounts"."state" <> 'failed' or "__new_service_accounts"."revoked_at_ms" is not null)),
	CONSTRAINT "service_accounts_scope" CHECK("__new_service_accounts"."scope" in ('team', 'organization')),
	CONSTRAINT "service_accounts_method" CHECK("__new_service_accounts"."method" in ('api_key', 'federated')),
	CONSTRAINT "service_accounts_identity" CHECK(("__new_service_accounts"."method" = 'federated') = ("__new_service_accounts"."issuer" is not null) and ("__new_service_accounts"."issuer" is null) = ("__new_service_accounts"."subject" is null))
);
--> statement-breakpoint
INSERT INTO `__new_service_accounts`("organization_id", "id", "scope", "team_id", "name", "method", "issuer", "subject", "purpose", "used_by", "contact", "created_by_slack_user_id", "created_by_email", "created_at_ms", "revoked_at_ms", "name_reserved_until_ms", "state", "backend_member_id", "backend_client_id") SELECT "organization_id", "id", "scope", "team_id", "name", "method", "issuer", "subject", "purpose", "used_by", "contact", "created_by_slack_user_id", "created_by_email", "created_at_ms", "revoked_at_ms", "name_reserved_until_ms", "state", "backend_member_id", "backend_client_id" FROM `service_accounts`;--> statement-breakpoint
DROP TABLE `service_accounts`;--> statement-breakpoint
ALTER TABLE `__new_service_accounts` RENAME TO `service_accounts`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_name` ON `service_accounts` (`organization_id`,`team_id`,`name`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_identity` ON `service_accounts` (`organization_id`,`issuer`,`subject`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE INDEX `service_accounts_name` ON `service_accounts` (`organization_id`,`team_id`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_backend_member` ON `service_accounts` (`organization_id`,`backend_member_id`) WHERE "service_accounts"."revoked_at_ms" is null;--> statement-breakpoint
CREATE TABLE `__new_issuers` (
	`organization_id` text NOT NULL,
	`url` text NOT NULL,
	`added_at_ms` integer NOT NULL,
	`removed_at_ms` integer,
	`is_single_use` integer DEFAULT false NOT NULL,
	`is_private_network` integer DEFAULT false NOT NULL,
	`ca` text,
	`jwks` text,
	`max_lifetime_seconds` integer DEFAULT 86400 NOT NULL,
	PRIMARY KEY(`organization_id`, `url`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "issuers_jwks" CHECK("__new_issuers"."jwks" is null or json_valid("__new_issuers"."jwks"))
);
--> statement-breakpoint
INSERT INTO `__new_issuers`("organization_id", "url", "added_at_ms", "removed_at_ms") SELECT "organization_id", "url", "added_at_ms", "removed_at_ms" FROM `issuers`;--> statement-breakpoint
DROP TABLE `issuers`;--> statement-breakpoint
ALTER TABLE `__new_issuers` RENAME TO `issuers`;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `last_used_at_ms` integer;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `last_used_address` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `last_used_user_agent` text;
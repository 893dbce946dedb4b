-- Keys get names, and may live without end. The life of a key to collect may end at a time, or never.
CREATE TABLE `__new_api_keys` (
	`organization_id` text NOT NULL,
	`key_id` text NOT NULL,
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`created_by_slack_user_id` text,
	`secret_hash` text,
	`pepper_version` integer,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`revoked_at_ms` integer,
	`last_used_at_ms` integer,
	`last_used_address` text,
	`last_used_user_agent` text,
	PRIMARY KEY(`organization_id`, `key_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`pepper_version`) REFERENCES `peppers`(`organization_id`,`version`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "api_keys_checked_here" CHECK(("__new_api_keys"."secret_hash" is null) = ("__new_api_keys"."pepper_version" is null) and ("__new_api_keys"."secret_hash" is not null or "__new_api_keys"."expires_at_ms" is null))
);
--> statement-breakpoint
INSERT INTO `__new_api_keys`("organization_id", "key_id", "account_id", "name", "created_by_slack_user_id", "secret_hash", "pepper_version", "created_at_ms", "expires_at_ms", "revoked_at_ms", "last_used_at_ms", "last_used_address", "last_used_user_agent") 
SELECT "organization_id", "key_id", "account_id",
	'key-' || row_number() OVER (PARTITION BY "organization_id", "account_id" ORDER BY "created_at_ms", "key_id"),
	(SELECT "slack_user_id" FROM `deliveries` AS `d` WHERE `d`.`organization_id` = `k`.`organization_id` AND `d`.`key_id` = `k`.`key_id`),
	"secret_hash", "pepper_version", "created_at_ms", "expires_at_ms", "revoked_at_ms", "last_used_at_ms", "last_used_address", "last_used_user_agent"
FROM `api_keys` AS `k`;--> statement-breakpoint
DROP TABLE `api_keys`;--> statement-breakpoint
ALTER TABLE `__new_api_keys` RENAME TO `api_keys`;--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_key_id` ON `api_keys` (`key_id`);--> statement-breakpoint
CREATE INDEX `api_keys_account` ON `api_keys` (`organization_id`,`account_id`,`created_at_ms`);--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_name` ON `api_keys` (`organization_id`,`account_id`,`name`) WHERE "api_keys"."revoked_at_ms" is null;--> statement-breakpoint
CREATE TABLE `__new_collections` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`account_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`key_name` text NOT NULL,
	`key_expiry` text NOT NULL,
	`revoked_key_id` text,
	`state` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`revoked_key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "collections_state" CHECK("__new_collections"."state" in ('open', 'collecting', 'collected', 'closed')),
	CONSTRAINT "collections_key_expiry" CHECK(json_valid("__new_collections"."key_expiry"))
);
--> statement-breakpoint
INSERT INTO `__new_collections`("organization_id", "id", "account_id", "slack_user_id", "email", "key_name", "key_expiry", "revoked_key_id", "state", "created_at_ms", "expires_at_ms") 
SELECT "organization_id", "id", "account_id", "slack_user_id", "email",
	coalesce((SELECT "name" FROM `api_keys` AS `k` WHERE `k`.`organization_id` = `c`.`organization_id` AND `k`.`key_id` = `c`.`revoked_key_id`), 'key-1'),
	json_object('days', "key_lifetime_days"), "revoked_key_id", "state", "created_at_ms", "expires_at_ms"
FROM `collections` AS `c`;--> statement-breakpoint
DROP TABLE `collections`;--> statement-breakpoint
ALTER TABLE `__new_collections` RENAME TO `collections`;--> statement-breakpoint
CREATE INDEX `collections_account` ON `collections` (`organization_id`,`account_id`);--> statement-breakpoint
CREATE INDEX `collections_open` ON `collections` (`organization_id`,`slack_user_id`) WHERE "collections"."state" = 'open';--> statement-breakpoint
CREATE TABLE `__new_deliveries` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`key_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`route` text NOT NULL,
	`key_expiry` text NOT NULL,
	`collection_id` text,
	`state` text NOT NULL,
	`settled_at_ms` integer,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`collection_id`) REFERENCES `collections`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "deliveries_route" CHECK("__new_deliveries"."route" in ('response_url', 'post_ephemeral')),
	CONSTRAINT "deliveries_state" CHECK("__new_deliveries"."state" in ('sending', 'delivered', 'failed')),
	CONSTRAINT "deliveries_settled" CHECK(("__new_deliveries"."state" = 'sending') = ("__new_deliveries"."settled_at_ms" is null)),
	CONSTRAINT "deliveries_key_expiry" CHECK(json_valid("__new_deliveries"."key_expiry"))
);
--> statement-breakpoint
INSERT INTO `__new_deliveries`("organization_id", "id", "key_id", "slack_user_id", "email", "route", "key_expiry", "collection_id", "state", "settled_at_ms") 
SELECT "organization_id", "id", "key_id", "slack_user_id", "email", "route", json_object('days', "key_lifetime_days"), "collection_id", "state", "settled_at_ms" FROM `deliveries`;--> statement-breakpoint
DROP TABLE `deliveries`;--> statement-breakpoint
ALTER TABLE `__new_deliveries` RENAME TO `deliveries`;--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_key_once` ON `deliveries` (`organization_id`,`key_id`);--> statement-breakpoint
UPDATE `jobs`
SET "payload" = json_set(json_remove("payload", '$.key.lifetimeDays'), '$.key.name', 'key-1', '$.key.expiry', json_object('days', json_extract("payload", '$.key.lifetimeDays')))
WHERE "kind" = 'server_account' AND json_type("payload", '$.key') = 'object';

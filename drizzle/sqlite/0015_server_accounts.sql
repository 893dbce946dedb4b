-- Accounts on a W&B server get a table of their own, and everything that happens later becomes a job. Each open operation, delivery
-- and collection gets the job that completes it. The account states are in a check and in indexes, so that table is created again.
CREATE TABLE `server_accounts` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`tag` text,
	`desired` text NOT NULL,
	`member_id` text,
	`client_id` text,
	`scim_id` text,
	`abandoned_at_ms` integer,
	`gone_at_ms` integer,
	`problem` text,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "server_accounts_desired" CHECK("server_accounts"."desired" in ('present', 'absent')),
	CONSTRAINT "server_accounts_gone" CHECK("server_accounts"."gone_at_ms" is null or "server_accounts"."desired" = 'absent'),
	CONSTRAINT "server_accounts_problem" CHECK("server_accounts"."problem" in ('duplicate_tag', 'another_account', 'no_id', 'unknown_creation', 'stalled'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `server_accounts_tag` ON `server_accounts` (`tag`) WHERE "server_accounts"."tag" is not null;--> statement-breakpoint
CREATE INDEX `server_accounts_account` ON `server_accounts` (`organization_id`,`account_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `server_accounts_present` ON `server_accounts` (`organization_id`,`account_id`) WHERE "server_accounts"."desired" = 'present';--> statement-breakpoint
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
	`state` text NOT NULL,
	`last_used_at_ms` integer,
	`last_used_address` text,
	`last_used_user_agent` text,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`issuer`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "service_accounts_state" CHECK("__new_service_accounts"."state" in ('provisioning', 'active', 'revoking', 'revoked', 'failed')),
	CONSTRAINT "service_accounts_revoked_at" CHECK(("__new_service_accounts"."state" in ('revoked', 'failed')) = ("__new_service_accounts"."revoked_at_ms" is not null)),
	CONSTRAINT "service_accounts_scope" CHECK("__new_service_accounts"."scope" in ('team', 'organization')),
	CONSTRAINT "service_accounts_authentication_method" CHECK("__new_service_accounts"."authentication_method" in ('api_key', 'federated')),
	CONSTRAINT "service_accounts_identity" CHECK(("__new_service_accounts"."authentication_method" = 'federated') = ("__new_service_accounts"."issuer" is not null) and ("__new_service_accounts"."issuer" is null) = ("__new_service_accounts"."subject" is null))
);
--> statement-breakpoint
-- An account that is being created stays so if its job can complete or abandon it; otherwise it has failed.
INSERT INTO `__new_service_accounts`("organization_id", "id", "scope", "team_id", "name", "authentication_method", "issuer", "subject", "purpose", "used_by", "contact", "created_by_slack_user_id", "created_by_email", "created_at_ms", "revoked_at_ms", "state", "last_used_at_ms", "last_used_address", "last_used_user_agent")
SELECT "organization_id", "id", "scope", "team_id", "name", "authentication_method", "issuer", "subject", "purpose", "used_by", "contact", "created_by_slack_user_id", "created_by_email", "created_at_ms",
	CASE WHEN "state" = 'provisioning' AND NOT "is_created" THEN coalesce("revoked_at_ms", unixepoch() * 1000) ELSE "revoked_at_ms" END,
	CASE
		WHEN "state" = 'provisioning' THEN CASE WHEN "is_created" AND "revoked_at_ms" IS NULL THEN 'provisioning' ELSE 'failed' END
		WHEN "state" = 'active' AND "revoked_at_ms" IS NOT NULL THEN 'revoked'
		WHEN "state" = 'active' AND "is_being_removed" THEN 'revoking'
		ELSE "state"
	END,
	"last_used_at_ms", "last_used_address", "last_used_user_agent"
FROM (
	SELECT *,
		EXISTS (
			SELECT 1 FROM `backend_operations` AS `o`
			WHERE `o`.`organization_id` = `a`.`organization_id` AND `o`.`account_id` = `a`.`id` AND `o`.`kind` = 'create' AND `o`.`state` = 'under_way'
				AND `o`.`is_abandoned` = 0 AND (`o`.`member_id` IS NOT NULL OR `o`.`client_id` IS NOT NULL)
		) AS "is_created",
		EXISTS (
			SELECT 1 FROM `backend_operations` AS `o`
			WHERE `o`.`organization_id` = `a`.`organization_id` AND `o`.`account_id` = `a`.`id` AND `o`.`kind` = 'remove' AND `o`.`state` = 'under_way'
		) AS "is_being_removed"
	FROM `service_accounts` AS `a`
);
--> statement-breakpoint
-- One row per server account to be, with its job and its notification.
CREATE TABLE `__migrated_servers` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`desired` text NOT NULL,
	`member_id` text,
	`client_id` text,
	`abandoned_at_ms` integer,
	`gone_at_ms` integer,
	`problem` text,
	`created_at_ms` integer NOT NULL,
	`run_at_ms` integer,
	`key_lifetime_days` integer,
	`collection_id` text,
	`slack_user_id` text,
	`email` text,
	`request_id` text,
	`is_told` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `__migrated_servers_collection` ON `__migrated_servers` (`organization_id`,`collection_id`);--> statement-breakpoint
-- Accounts that are, or were, on the server, and those that are being deleted from it.
INSERT INTO `__migrated_servers`("organization_id", "id", "account_id", "name", "desired", "member_id", "client_id", "abandoned_at_ms", "gone_at_ms", "problem", "created_at_ms", "run_at_ms", "key_lifetime_days", "collection_id", "slack_user_id", "email", "request_id", "is_told")
SELECT `a`.`organization_id`, 'srv_' || lower(hex(randomblob(16))), `a`.`id`, `a`.`name`,
	CASE `n`.`state` WHEN 'active' THEN 'present' ELSE 'absent' END,
	CASE WHEN `a`.`backend_member_id` IS NULL AND `a`.`backend_client_id` IS NULL THEN `o`.`member_id` ELSE `a`.`backend_member_id` END,
	CASE WHEN `a`.`backend_member_id` IS NULL AND `a`.`backend_client_id` IS NULL THEN `o`.`client_id` ELSE `a`.`backend_client_id` END,
	NULL,
	`n`.`revoked_at_ms`,
	CASE WHEN `o`.`ending` IN ('still_there', 'still_unclear', 'still_not_revoked') THEN 'stalled' END,
	`a`.`created_at_ms`,
	CASE WHEN `o`.`id` IS NOT NULL THEN unixepoch() * 1000 END,
	NULL, NULL, `o`.`slack_user_id`, `o`.`email`, `o`.`request_id`, `o`.`told_at_ms` IS NOT NULL
FROM `service_accounts` AS `a`
JOIN `__new_service_accounts` AS `n` ON `n`.`organization_id` = `a`.`organization_id` AND `n`.`id` = `a`.`id`
LEFT JOIN `backend_operations` AS `o` ON `n`.`state` = 'revoking' AND `o`.`organization_id` = `a`.`organization_id` AND `o`.`id` = (
	SELECT `r`.`id` FROM `backend_operations` AS `r`
	WHERE `r`.`organization_id` = `a`.`organization_id` AND `r`.`account_id` = `a`.`id` AND `r`.`kind` = 'remove' AND `r`.`state` = 'under_way'
	ORDER BY `r`.`began_at_ms` DESC LIMIT 1
)
WHERE `a`.`backend_member_id` IS NOT NULL OR `a`.`backend_client_id` IS NOT NULL OR `n`.`state` = 'revoking';
--> statement-breakpoint
-- Creations under way. One whose ID is known is treated like that of a lost process: its job completes it, or opens the collection of
-- its key and deletes it. Without an ID, only an admin can find out what was created.
INSERT INTO `__migrated_servers`("organization_id", "id", "account_id", "name", "desired", "member_id", "client_id", "abandoned_at_ms", "gone_at_ms", "problem", "created_at_ms", "run_at_ms", "key_lifetime_days", "collection_id", "slack_user_id", "email", "request_id", "is_told")
SELECT "organization_id", 'srv_' || lower(hex(randomblob(16))), "account_id", "name",
	CASE WHEN "is_wanted" THEN 'present' ELSE 'absent' END,
	"member_id", "client_id",
	CASE WHEN "is_known" AND NOT "is_wanted" THEN unixepoch() * 1000 END,
	NULL,
	CASE
		WHEN NOT "is_known" THEN 'unknown_creation'
		WHEN NOT "is_wanted" AND "ending" IN ('still_there', 'still_unclear', 'still_not_revoked') THEN 'stalled'
	END,
	"began_at_ms",
	CASE WHEN "is_known" THEN unixepoch() * 1000 END,
	CASE WHEN "is_wanted" THEN "key_lifetime_days" END,
	CASE WHEN "is_wanted" AND "key_lifetime_days" IS NOT NULL THEN "collection_id" END,
	"slack_user_id", "email", "request_id",
	"is_known" AND "told_at_ms" IS NOT NULL
FROM (
	SELECT "organization_id", "account_id", "name", "member_id", "client_id", "ending", "began_at_ms", "key_lifetime_days", "collection_id", "slack_user_id", "email", "request_id", "told_at_ms", "is_known",
		-- An account has one on the server at most.
		"may_be_wanted" AND row_number() OVER (PARTITION BY "organization_id", "account_id" ORDER BY "may_be_wanted" DESC, "began_at_ms" DESC, "id") = 1 AS "is_wanted"
	FROM (
		SELECT `o`.*, `a`.`name`, `o`.`member_id` IS NOT NULL OR `o`.`client_id` IS NOT NULL AS "is_known",
			(`o`.`member_id` IS NOT NULL OR `o`.`client_id` IS NOT NULL) AND `o`.`is_abandoned` = 0
				AND `a`.`backend_member_id` IS NULL AND `a`.`backend_client_id` IS NULL
				AND `n`.`state` = CASE `o`.`kind` WHEN 'create' THEN 'provisioning' ELSE 'active' END AS "may_be_wanted"
		FROM `backend_operations` AS `o`
		JOIN `service_accounts` AS `a` ON `a`.`organization_id` = `o`.`organization_id` AND `a`.`id` = `o`.`account_id`
		JOIN `__new_service_accounts` AS `n` ON `n`.`organization_id` = `o`.`organization_id` AND `n`.`id` = `o`.`account_id`
		WHERE `o`.`kind` IN ('create', 'recreate') AND `o`.`state` = 'under_way'
	)
);
--> statement-breakpoint
-- Creations that have ended: what their people haven't been notified of yet, and those whose ID is still looked for.
INSERT INTO `__migrated_servers`("organization_id", "id", "account_id", "name", "desired", "member_id", "client_id", "abandoned_at_ms", "gone_at_ms", "problem", "created_at_ms", "run_at_ms", "key_lifetime_days", "collection_id", "slack_user_id", "email", "request_id", "is_told")
SELECT `o`.`organization_id`, 'srv_' || lower(hex(randomblob(16))), `o`.`account_id`, `a`.`name`, 'absent', NULL, NULL, NULL, NULL, 'unknown_creation', `o`.`began_at_ms`, NULL, NULL, NULL, `o`.`slack_user_id`, `o`.`email`, `o`.`request_id`, false
FROM `backend_operations` AS `o`
JOIN `service_accounts` AS `a` ON `a`.`organization_id` = `o`.`organization_id` AND `a`.`id` = `o`.`account_id`
WHERE `o`.`state` <> 'under_way' AND `o`.`ending` IN ('several_candidates', 'appeared_late') AND `o`.`told_at_ms` IS NULL
UNION ALL
SELECT `o`.`organization_id`, 'srv_' || lower(hex(randomblob(16))), `o`.`account_id`, `a`.`name`, 'absent', `o`.`member_id`, `o`.`client_id`, `o`.`ended_at_ms`, `o`.`ended_at_ms`, NULL, `o`.`began_at_ms`, `o`.`look_from_ms`, NULL, NULL, `o`.`slack_user_id`, `o`.`email`, `o`.`request_id`, true
FROM `backend_operations` AS `o`
JOIN `service_accounts` AS `a` ON `a`.`organization_id` = `o`.`organization_id` AND `a`.`id` = `o`.`account_id`
WHERE `o`.`state` = 'failed' AND `o`.`look_from_ms` IS NOT NULL AND (`o`.`member_id` IS NOT NULL OR `o`.`client_id` IS NOT NULL);
--> statement-breakpoint
INSERT INTO `server_accounts`("organization_id", "id", "account_id", "name", "desired", "member_id", "client_id", "abandoned_at_ms", "gone_at_ms", "problem", "created_at_ms")
SELECT "organization_id", "id", "account_id", "name", "desired", "member_id", "client_id", "abandoned_at_ms", "gone_at_ms", "problem", "created_at_ms" FROM `__migrated_servers`;
--> statement-breakpoint
INSERT INTO `jobs`("organization_id", "id", "kind", "subject", "payload", "run_at_ms")
SELECT "organization_id", 'job_' || lower(hex(randomblob(16))), 'server_account', "id",
	CASE WHEN "key_lifetime_days" IS NULL
		THEN json_object('serverAccountId', "id", 'person', json_object('slackUserId', "slack_user_id", 'email', "email"), 'requestId', "request_id")
		ELSE json_object('serverAccountId', "id", 'person', json_object('slackUserId', "slack_user_id", 'email', "email"), 'requestId', "request_id", 'key', json_object('lifetimeDays', "key_lifetime_days", 'collectionId', "collection_id"))
	END,
	"run_at_ms"
FROM `__migrated_servers` WHERE "run_at_ms" IS NOT NULL;
--> statement-breakpoint
INSERT INTO `jobs`("organization_id", "id", "kind", "subject", "payload", "run_at_ms")
SELECT "organization_id", 'job_' || lower(hex(randomblob(16))), 'notification', 'server_account_problem:' || "id" || ':' || "problem" || ':' || "slack_user_id",
	json_object('message', 'server_account_problem', 'accountId', "account_id", 'serverAccountId', "id", 'problem', "problem", 'to', json_object('slackUserId', "slack_user_id"), 'requestId', "request_id"),
	unixepoch() * 1000
FROM `__migrated_servers` WHERE "problem" IS NOT NULL AND NOT "is_told";
--> statement-breakpoint
-- The endings of operations that nobody was notified of. A recreated key has a collection, whose notification tells more. A stalled
-- deletion is reported again if it stalls again. That an account wasn't revoked has no notification: it is still listed.
INSERT INTO `jobs`("organization_id", "id", "kind", "subject", "payload", "run_at_ms")
SELECT "organization_id", 'job_' || lower(hex(randomblob(16))), 'notification', "message" || ':' || "account_id" || ':' || "slack_user_id",
	CASE "message"
		WHEN 'account_not_created' THEN json_object('message', "message", 'accountId', "account_id", 'cause', "cause", 'to', json_object('slackUserId', "slack_user_id"), 'requestId', "request_id")
		ELSE json_object('message', "message", 'accountId', "account_id", 'to', json_object('slackUserId', "slack_user_id"), 'requestId', "request_id")
	END,
	unixepoch() * 1000
FROM (
	SELECT "organization_id", "account_id", "slack_user_id", "request_id", "ending" AS "cause",
		CASE "ending" WHEN 'created_late' THEN 'federated_account_created' WHEN 'revoked_late' THEN 'account_revoked' ELSE 'account_not_created' END AS "message"
	FROM `backend_operations`
	WHERE "told_at_ms" IS NULL AND ("ending" IN ('created_late', 'revoked_late') OR ("ending" IN ('not_made', 'removed_again') AND "kind" = 'create'))
	UNION ALL
	-- Its account is being deleted from the server, and has failed.
	SELECT `o`.`organization_id`, `o`.`account_id`, `o`.`slack_user_id`, `o`.`request_id`, 'removed_again', 'account_not_created'
	FROM `backend_operations` AS `o`
	JOIN `service_accounts` AS `a` ON `a`.`organization_id` = `o`.`organization_id` AND `a`.`id` = `o`.`account_id`
	WHERE `o`.`kind` = 'create' AND `o`.`state` = 'under_way' AND `o`.`is_abandoned` = 1 AND `a`.`state` = 'provisioning'
		AND (`o`.`member_id` IS NOT NULL OR `o`.`client_id` IS NOT NULL)
	UNION ALL
	-- It waits until its account is deleted from the server.
	SELECT `o`.`organization_id`, `o`.`account_id`, `o`.`slack_user_id`, `o`.`request_id`, NULL, 'account_revoked'
	FROM `backend_operations` AS `o`
	JOIN `__new_service_accounts` AS `n` ON `n`.`organization_id` = `o`.`organization_id` AND `n`.`id` = `o`.`account_id`
	WHERE `o`.`kind` = 'remove' AND `o`.`state` = 'under_way' AND `n`.`state` = 'revoking'
)
WHERE true
ON CONFLICT DO NOTHING;
--> statement-breakpoint
-- Forms of accounts that have failed now may be submitted again.
DELETE FROM `submissions` WHERE EXISTS (
	SELECT 1 FROM `service_accounts` AS `a`
	JOIN `__new_service_accounts` AS `n` ON `n`.`organization_id` = `a`.`organization_id` AND `n`.`id` = `a`.`id`
	WHERE `a`.`organization_id` = `submissions`.`organization_id` AND `a`.`id` = `submissions`.`account_id`
		AND `a`.`state` = 'provisioning' AND `n`.`state` = 'failed'
);
--> statement-breakpoint
-- As when a removal begins.
UPDATE `api_keys` SET "revoked_at_ms" = unixepoch() * 1000
WHERE "revoked_at_ms" IS NULL AND EXISTS (
	SELECT 1 FROM `__new_service_accounts` AS `n`
	WHERE `n`.`organization_id` = `api_keys`.`organization_id` AND `n`.`id` = `api_keys`.`account_id` AND `n`.`state` = 'revoking'
);
--> statement-breakpoint
-- A collection whose key neither is being sent nor can still be read is offered again.
UPDATE `collections` SET "state" = 'open', "revoked_key_id" = NULL, "told_at_ms" = NULL
WHERE "state" = 'collecting'
	AND NOT EXISTS (
		SELECT 1 FROM `deliveries` AS `d`
		WHERE `d`.`organization_id` = `collections`.`organization_id` AND `d`.`collection_id` = `collections`.`id` AND `d`.`state` = 'sending'
	)
	AND NOT EXISTS (
		SELECT 1 FROM `__migrated_servers` AS `m`
		WHERE `m`.`organization_id` = `collections`.`organization_id` AND `m`.`collection_id` = `collections`.`id`
	);
--> statement-breakpoint
UPDATE `collections` SET "state" = 'closed'
WHERE "state" = 'open' AND EXISTS (
	SELECT 1 FROM `__new_service_accounts` AS `n`
	WHERE `n`.`organization_id` = `collections`.`organization_id` AND `n`.`id` = `collections`.`account_id` AND `n`.`state` <> 'active'
);
--> statement-breakpoint
INSERT INTO `jobs`("organization_id", "id", "kind", "subject", "payload", "run_at_ms")
SELECT "organization_id", 'job_' || lower(hex(randomblob(16))), 'collection', "id", json_object('collectionId', "id"), "expires_at_ms"
FROM `collections` WHERE "state" IN ('open', 'collecting')
UNION ALL
SELECT "organization_id", 'job_' || lower(hex(randomblob(16))), 'delivery', "id", json_object('deliveryId', "id"), "lease_until_ms"
FROM `deliveries` WHERE "state" = 'sending';
--> statement-breakpoint
INSERT INTO `jobs`("organization_id", "id", "kind", "subject", "payload", "run_at_ms")
SELECT "organization_id", 'job_' || lower(hex(randomblob(16))), 'notification', 'key_collectable:' || "id" || ':' || coalesce("revoked_key_id", 'none') || ':' || "slack_user_id",
	json_object('message', 'key_collectable', 'accountId', "account_id", 'collectionId', "id", 'keyId', "revoked_key_id", 'to', json_object('slackUserId', "slack_user_id"), 'requestId', NULL),
	unixepoch() * 1000
FROM `collections` WHERE "state" = 'open' AND "told_at_ms" IS NULL;
--> statement-breakpoint
DROP TABLE `__migrated_servers`;--> statement-breakpoint
DROP TABLE `backend_operations`;--> statement-breakpoint
DROP TABLE `service_accounts`;--> statement-breakpoint
ALTER TABLE `__new_service_accounts` RENAME TO `service_accounts`;--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_name` ON `service_accounts` (`organization_id`,`team_id`,`name`) WHERE "service_accounts"."state" in ('provisioning', 'active', 'revoking');--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_active_identity` ON `service_accounts` (`organization_id`,`issuer`,`subject`) WHERE "service_accounts"."state" in ('provisioning', 'active', 'revoking');--> statement-breakpoint
CREATE INDEX `service_accounts_similar_identity` ON `service_accounts` (`organization_id`,`issuer`,lower("subject")) WHERE "service_accounts"."state" in ('provisioning', 'active', 'revoking');--> statement-breakpoint
CREATE INDEX `service_accounts_team` ON `service_accounts` (`organization_id`,`team_id`);--> statement-breakpoint
CREATE INDEX `service_accounts_active_namesakes` ON `service_accounts` (`organization_id`,`name`) WHERE "service_accounts"."state" in ('provisioning', 'active', 'revoking');--> statement-breakpoint
DROP INDEX `deliveries_sending`;--> statement-breakpoint
ALTER TABLE `deliveries` DROP COLUMN `lease_until_ms`;--> statement-breakpoint
ALTER TABLE `deliveries` DROP COLUMN `revoke_attempts`;--> statement-breakpoint
DROP INDEX `collections_open`;--> statement-breakpoint
CREATE INDEX `collections_open` ON `collections` (`organization_id`,`slack_user_id`) WHERE "collections"."state" = 'open';--> statement-breakpoint
ALTER TABLE `collections` DROP COLUMN `told_at_ms`;--> statement-breakpoint
ALTER TABLE `collections` DROP COLUMN `telling_tries`;--> statement-breakpoint
ALTER TABLE `collections` DROP COLUMN `telling_from_ms`;

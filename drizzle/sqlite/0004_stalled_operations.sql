CREATE TABLE `__new_backend_operations` (
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
	`look_from_ms` integer,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`collection_id`) REFERENCES `collections`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "backend_operations_kind" CHECK("__new_backend_operations"."kind" in ('create', 'recreate', 'remove')),
	CONSTRAINT "backend_operations_state" CHECK("__new_backend_operations"."state" in ('under_way', 'done', 'failed', 'unclear')),
	CONSTRAINT "backend_operations_ended" CHECK(("__new_backend_operations"."state" = 'under_way') = ("__new_backend_operations"."ended_at_ms" is null)),
	CONSTRAINT "backend_operations_ending" CHECK("__new_backend_operations"."ending" in ('created_late', 'not_made', 'removed_again', 'several_candidates', 'revoked_late', 'not_revoked', 'still_there', 'still_unclear', 'still_not_revoked', 'appeared_late')),
	CONSTRAINT "backend_operations_members_before" CHECK(json_valid("__new_backend_operations"."members_before")),
	CONSTRAINT "backend_operations_recreate" CHECK(("__new_backend_operations"."kind" = 'recreate') = ("__new_backend_operations"."collection_id" is not null))
);
--> statement-breakpoint
INSERT INTO `__new_backend_operations`("organization_id", "id", "kind", "account_id", "slack_user_id", "email", "members_before", "member_id", "client_id", "is_abandoned", "key_lifetime_days", "collection_id", "state", "lease_until_ms", "tries", "request_id", "began_at_ms", "ended_at_ms", "ending", "told_at_ms", "telling_tries", "telling_from_ms") SELECT "organization_id", "id", "kind", "account_id", "slack_user_id", "email", "members_before", "member_id", "client_id", "is_abandoned", "key_lifetime_days", "collection_id", "state", "lease_until_ms", "tries", "request_id", "began_at_ms", "ended_at_ms", "ending", "told_at_ms", "telling_tries", "telling_from_ms" FROM `backend_operations`;--> statement-breakpoint
DROP TABLE `backend_operations`;--> statement-breakpoint
ALTER TABLE `__new_backend_operations` RENAME TO `backend_operations`;--> statement-breakpoint
CREATE INDEX `backend_operations_account` ON `backend_operations` (`organization_id`,`account_id`);--> statement-breakpoint
CREATE INDEX `backend_operations_under_way` ON `backend_operations` (`organization_id`,`lease_until_ms`) WHERE "backend_operations"."state" = 'under_way';--> statement-breakpoint
CREATE INDEX `backend_operations_to_tell` ON `backend_operations` (`organization_id`,`telling_from_ms`) WHERE "backend_operations"."ending" is not null and "backend_operations"."told_at_ms" is null;--> statement-breakpoint
CREATE INDEX `backend_operations_to_look_for` ON `backend_operations` (`organization_id`,`look_from_ms`) WHERE "backend_operations"."look_from_ms" is not null;
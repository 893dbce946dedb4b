CREATE TABLE `key_pauses` (
	`organization_id` text NOT NULL,
	`key_id` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	`ended_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `key_id`, `started_at_ms`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `collections` ADD `rotation_id` text;--> statement-breakpoint
CREATE INDEX `collections_rotation` ON `collections` (`organization_id`,`rotation_id`) WHERE "collections"."rotation_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `rotations_new_key` ON `rotations` (`organization_id`,`new_key_id`) WHERE "rotations"."new_key_id" is not null;
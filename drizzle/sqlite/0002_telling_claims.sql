ALTER TABLE `collections` ADD `telling_tries` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `collections` ADD `telling_from_ms` integer DEFAULT 0 NOT NULL;
ALTER TABLE `access_requests` ADD `reminded_at_ms` integer;--> statement-breakpoint
ALTER TABLE `access_requests` ADD `card_places` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
CREATE INDEX `access_requests_undecided` ON `access_requests` (`organization_id`,`team_id`) WHERE "access_requests"."state" in ('open', 'granted');--> statement-breakpoint
CREATE INDEX `collections_request` ON `collections` (`organization_id`,`access_request_id`) WHERE "collections"."access_request_id" is not null;
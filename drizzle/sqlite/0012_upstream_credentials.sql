CREATE TABLE `upstream_credentials` (
	`organization_id` text NOT NULL,
	`team_id` text NOT NULL,
	`id` text NOT NULL,
	`sealed` text NOT NULL,
	`owner` text NOT NULL,
	`is_wider` integer NOT NULL,
	`stored_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `team_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `upstream_credentials_id` ON `upstream_credentials` (`organization_id`,`id`);--> statement-breakpoint
CREATE TABLE `upstream_rejections` (
	`organization_id` text NOT NULL,
	`team_id` text NOT NULL,
	`kind` text NOT NULL,
	`since_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `team_id`, `kind`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "upstream_rejections_kind" CHECK("upstream_rejections"."kind" in ('team_key', 'access_token'))
);

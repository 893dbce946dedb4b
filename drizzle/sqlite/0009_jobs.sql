CREATE TABLE `jobs` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`payload` text NOT NULL,
	`run_at_ms` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`lease_token` text,
	`lease_until_ms` integer,
	`finished_at_ms` integer,
	`outcome` text,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "jobs_outcome" CHECK("jobs"."outcome" in ('done', 'failed')),
	CONSTRAINT "jobs_finished_with_outcome" CHECK(("jobs"."finished_at_ms" is null) = ("jobs"."outcome" is null)),
	CONSTRAINT "jobs_lease" CHECK(("jobs"."lease_token" is null) = ("jobs"."lease_until_ms" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_unfinished_subject` ON `jobs` (`organization_id`,`kind`,`subject`) WHERE "jobs"."finished_at_ms" is null;--> statement-breakpoint
CREATE INDEX `jobs_due` ON `jobs` (`organization_id`,`kind`,`run_at_ms`) WHERE "jobs"."finished_at_ms" is null;--> statement-breakpoint
CREATE INDEX `jobs_finished` ON `jobs` (`organization_id`,`finished_at_ms`) WHERE "jobs"."finished_at_ms" is not null;
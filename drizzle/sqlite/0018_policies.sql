ALTER TABLE `organizations` ADD `policy` text;--> statement-breakpoint
ALTER TABLE `teams` ADD `origin` text DEFAULT 'file' NOT NULL;--> statement-breakpoint
ALTER TABLE `teams` ADD `policy` text;--> statement-breakpoint
ALTER TABLE `teams` ADD `channel` text;
ALTER TABLE `issuers` ADD `jwks_url` text;--> statement-breakpoint
ALTER TABLE `issuers` ADD `position` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `service_accounts_similar_identity` ON `service_accounts` (`organization_id`,`issuer`,lower("subject")) WHERE "service_accounts"."revoked_at_ms" is null;
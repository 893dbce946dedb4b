-- Notices before existing keys expire: one job each, as the ones that are inserted with new keys.
INSERT INTO `jobs` (`organization_id`, `id`, `kind`, `subject`, `payload`, `run_at_ms`)
SELECT
	`organization_id`,
	'job_' || lower(hex(randomblob(10))),
	'expiry_notice',
	`key_id`,
	json_object('keyId', `key_id`),
	`expires_at_ms` - 14 * 86400000
FROM `api_keys`
WHERE `revoked_at_ms` IS NULL AND `expires_at_ms` > CAST(strftime('%s', 'now') AS integer) * 1000;
--> statement-breakpoint
-- A card replaces this message.
DELETE FROM `jobs` WHERE `kind` = 'notification' AND `finished_at_ms` IS NULL AND `subject` LIKE 'subject_changed:%';

-- Signing keys get a purpose, which is part of the primary key, so the table is created again. All existing keys sign access tokens.
CREATE TABLE `__new_signing_keys` (
	`organization_id` text NOT NULL,
	`purpose` text DEFAULT 'access_token' NOT NULL,
	`number` integer NOT NULL,
	`key_id` text NOT NULL,
	`sealed` text NOT NULL,
	`public_jwk` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`signs_from_ms` integer NOT NULL,
	`signs_until_ms` integer NOT NULL,
	`published_until_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `purpose`, `number`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "signing_keys_purpose" CHECK("__new_signing_keys"."purpose" in ('access_token', 'federation')),
	CONSTRAINT "signing_keys_public_jwk" CHECK(json_valid("__new_signing_keys"."public_jwk")),
	CONSTRAINT "signing_keys_times" CHECK("__new_signing_keys"."signs_from_ms" < "__new_signing_keys"."signs_until_ms" and "__new_signing_keys"."signs_until_ms" <= "__new_signing_keys"."published_until_ms")
);
--> statement-breakpoint
INSERT INTO `__new_signing_keys`("organization_id", "purpose", "number", "key_id", "sealed", "public_jwk", "created_at_ms", "signs_from_ms", "signs_until_ms", "published_until_ms") SELECT "organization_id", 'access_token', "number", "key_id", "sealed", "public_jwk", "created_at_ms", "signs_from_ms", "signs_until_ms", "published_until_ms" FROM `signing_keys`;--> statement-breakpoint
DROP TABLE `signing_keys`;--> statement-breakpoint
ALTER TABLE `__new_signing_keys` RENAME TO `signing_keys`;--> statement-breakpoint
CREATE UNIQUE INDEX `signing_keys_key_id` ON `signing_keys` (`organization_id`,`key_id`);

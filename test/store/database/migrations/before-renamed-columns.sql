CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
CREATE TABLE `audit_events` (
	`organization_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`details` text NOT NULL,
	`request_id` text,
	`previous_hash` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`organization_id`, `sequence`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "audit_events_sequence" CHECK("audit_events"."sequence" > 0),
	CONSTRAINT "audit_events_actor" CHECK(json_valid("audit_events"."actor")),
	CONSTRAINT "audit_events_details" CHECK(json_valid("audit_events"."details"))
);
CREATE TABLE `database_identity` (
	`singleton` integer PRIMARY KEY NOT NULL,
	`mode` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	CONSTRAINT "database_identity_singleton" CHECK("database_identity"."singleton" = 1),
	CONSTRAINT "database_identity_mode" CHECK("database_identity"."mode" in ('sandbox', 'live'))
);
CREATE TABLE `organization_admins` (
	`organization_id` text NOT NULL,
	`email` text NOT NULL,
	`added_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `email`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
CREATE TABLE `organizations` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_at_ms` integer NOT NULL
, `backend` text, `keys_not_shown_at_ms` integer, `backend_address` text);
CREATE TABLE `projects` (
	`organization_id` text NOT NULL,
	`team_id` text NOT NULL,
	`name` text NOT NULL,
	`visibility` text NOT NULL,
	`service_accounts` text NOT NULL,
	PRIMARY KEY(`organization_id`, `team_id`, `name`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "projects_visibility" CHECK("projects"."visibility" in ('private', 'public', 'open', 'restricted')),
	CONSTRAINT "projects_service_accounts" CHECK(json_valid("projects"."service_accounts"))
);
CREATE TABLE `team_members` (
	`organization_id` text NOT NULL,
	`team_id` text NOT NULL,
	`email` text NOT NULL,
	`username` text NOT NULL,
	`role` text NOT NULL,
	PRIMARY KEY(`organization_id`, `team_id`, `email`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "team_members_role" CHECK("team_members"."role" in ('admin', 'member', 'view-only'))
);
CREATE TABLE `teams` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`subjects` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`archived_at_ms` integer,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "teams_subjects" CHECK(json_valid("teams"."subjects"))
);
CREATE TABLE `deliveries` (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`key_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`route` text NOT NULL,
	`key_lifetime_days` integer NOT NULL,
	`collection_id` text,
	`state` text NOT NULL,
	`lease_until_ms` integer NOT NULL,
	`settled_at_ms` integer, `cut_off_tries` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`collection_id`) REFERENCES `collections`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "deliveries_route" CHECK("deliveries"."route" in ('response_url', 'post_ephemeral')),
	CONSTRAINT "deliveries_state" CHECK("deliveries"."state" in ('sending', 'delivered', 'failed')),
	CONSTRAINT "deliveries_settled" CHECK(("deliveries"."state" = 'sending') = ("deliveries"."settled_at_ms" is null)),
	CONSTRAINT "deliveries_lifetime" CHECK("deliveries"."key_lifetime_days" > 0)
);
CREATE TABLE `peppers` (
	`organization_id` text NOT NULL,
	`version` integer NOT NULL,
	`sealed` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `version`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
CREATE TABLE `submissions` (
	`organization_id` text NOT NULL,
	`submission_id` text NOT NULL,
	`account_id` text NOT NULL,
	`key_id` text,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `submission_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action
);
CREATE TABLE "api_keys" (
	`organization_id` text NOT NULL,
	`key_id` text NOT NULL,
	`account_id` text NOT NULL,
	`secret_hash` text,
	`pepper_version` integer,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`revoked_at_ms` integer, `last_used_at_ms` integer, `last_used_address` text, `last_used_user_agent` text,
	PRIMARY KEY(`organization_id`, `key_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`pepper_version`) REFERENCES `peppers`(`organization_id`,`version`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "api_keys_checked_here" CHECK(("api_keys"."secret_hash" is null) = ("api_keys"."pepper_version" is null) and ("api_keys"."secret_hash" is null) = ("api_keys"."expires_at_ms" is null))
);
CREATE TABLE "collections" (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`account_id` text NOT NULL,
	`slack_user_id` text NOT NULL,
	`email` text NOT NULL,
	`key_lifetime_days` integer NOT NULL,
	`dead_key_id` text,
	`state` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`told_at_ms` integer,
	`telling_tries` integer DEFAULT 0 NOT NULL,
	`telling_from_ms` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`account_id`) REFERENCES `service_accounts`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`dead_key_id`) REFERENCES `api_keys`(`organization_id`,`key_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "collections_state" CHECK("collections"."state" in ('open', 'collecting', 'collected', 'closed')),
	CONSTRAINT "collections_lifetime" CHECK("collections"."key_lifetime_days" > 0)
);
CREATE TABLE "backend_operations" (
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
	CONSTRAINT "backend_operations_kind" CHECK("backend_operations"."kind" in ('create', 'recreate', 'remove')),
	CONSTRAINT "backend_operations_state" CHECK("backend_operations"."state" in ('under_way', 'done', 'failed', 'unclear')),
	CONSTRAINT "backend_operations_ended" CHECK(("backend_operations"."state" = 'under_way') = ("backend_operations"."ended_at_ms" is null)),
	CONSTRAINT "backend_operations_ending" CHECK("backend_operations"."ending" in ('created_late', 'not_made', 'removed_again', 'several_candidates', 'revoked_late', 'not_revoked', 'still_there', 'still_unclear', 'still_not_revoked', 'appeared_late')),
	CONSTRAINT "backend_operations_members_before" CHECK(json_valid("backend_operations"."members_before")),
	CONSTRAINT "backend_operations_recreate" CHECK(("backend_operations"."kind" = 'recreate') = ("backend_operations"."collection_id" is not null))
);
CREATE TABLE `issuer_key_sets` (
	`organization_id` text NOT NULL,
	`url` text NOT NULL,
	`jwks` text NOT NULL,
	`fetched_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `url`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`url`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "issuer_key_sets_jwks" CHECK(json_valid("issuer_key_sets"."jwks"))
);
CREATE TABLE `signing_keys` (
	`organization_id` text NOT NULL,
	`number` integer NOT NULL,
	`key_id` text NOT NULL,
	`sealed` text NOT NULL,
	`public_jwk` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`signs_from_ms` integer NOT NULL,
	`signs_until_ms` integer NOT NULL,
	`published_until_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `number`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "signing_keys_public_jwk" CHECK(json_valid("signing_keys"."public_jwk")),
	CONSTRAINT "signing_keys_times" CHECK("signing_keys"."signs_from_ms" < "signing_keys"."signs_until_ms" and "signing_keys"."signs_until_ms" <= "signing_keys"."published_until_ms")
);
CREATE TABLE `used_assertions` (
	`organization_id` text NOT NULL,
	`issuer` text NOT NULL,
	`token_id_hash` text NOT NULL,
	`ends_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `issuer`, `token_id_hash`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`issuer`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action
);
CREATE TABLE "service_accounts" (
	`organization_id` text NOT NULL,
	`id` text NOT NULL,
	`scope` text NOT NULL,
	`team_id` text NOT NULL,
	`name` text NOT NULL,
	`method` text NOT NULL,
	`issuer` text,
	`subject` text,
	`purpose` text,
	`used_by` text,
	`contact` text NOT NULL,
	`created_by_slack_user_id` text NOT NULL,
	`created_by_email` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	`name_reserved_until_ms` integer NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`backend_member_id` text,
	`backend_client_id` text,
	`last_used_at_ms` integer,
	`last_used_address` text,
	`last_used_user_agent` text,
	PRIMARY KEY(`organization_id`, `id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`team_id`) REFERENCES `teams`(`organization_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`,`issuer`) REFERENCES `issuers`(`organization_id`,`url`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "service_accounts_state" CHECK("service_accounts"."state" in ('creating', 'active', 'failed') and ("service_accounts"."state" <> 'failed' or "service_accounts"."revoked_at_ms" is not null)),
	CONSTRAINT "service_accounts_scope" CHECK("service_accounts"."scope" in ('team', 'organization')),
	CONSTRAINT "service_accounts_method" CHECK("service_accounts"."method" in ('api_key', 'federated')),
	CONSTRAINT "service_accounts_identity" CHECK(("service_accounts"."method" = 'federated') = ("service_accounts"."issuer" is not null) and ("service_accounts"."issuer" is null) = ("service_accounts"."subject" is null))
);
CREATE TABLE "issuers" (
	`organization_id` text NOT NULL,
	`url` text NOT NULL,
	`added_at_ms` integer NOT NULL,
	`removed_at_ms` integer,
	`is_single_use` integer DEFAULT false NOT NULL,
	`is_private_network` integer DEFAULT false NOT NULL,
	`ca` text,
	`jwks` text,
	`max_lifetime_seconds` integer DEFAULT 86400 NOT NULL,
	PRIMARY KEY(`organization_id`, `url`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "issuers_jwks" CHECK("issuers"."jwks" is null or json_valid("issuers"."jwks"))
);
INSERT INTO __drizzle_migrations VALUES (NULL, '9495b98cabf0eeaf0b864e5acfdcb852978021064558d1c703071702434967d4', 1795491309209);
INSERT INTO __drizzle_migrations VALUES (NULL, '276a420f9a367099c9dcc7f922c10abeb41f8d7221910625a83fd23a90fd7b15', 1795491310538);
INSERT INTO __drizzle_migrations VALUES (NULL, '1e92ba22984fea4382c6c5a9a05aa3aef642e3e564b6bb2b1e649de24a9ba9e4', 1795502211554);
INSERT INTO __drizzle_migrations VALUES (NULL, 'eca9eb917a06b33b355dc7b68427dbccd39be67f9758c30a5a135b9ce7201511', 1795506937441);
INSERT INTO __drizzle_migrations VALUES (NULL, '940547aad44b5fc78b58f62ad6b9a938a8c70c72cc905688f0705b5374d14ebf', 1795515556918);
INSERT INTO __drizzle_migrations VALUES (NULL, '3d6a91bf4fab4fcde8a6a1b717c6bd7e76b63b2bed946ea3229fc541eba85cd7', 1795519776397);
INSERT INTO __drizzle_migrations VALUES (NULL, '8c1f9ef439d7d98696d331b26401b93931c346173ee3c3d90176165089b0e955', 1795520685014);
INSERT INTO audit_events VALUES ('org_000001', 1, 1768478400000, '{"type":"system","name":"keysmith"}', 'organization.created', 'organization:acme', '{"name":"acme"}', NULL, '0000000000000000000000000000000000000000000000000000000000000000', 'd9f0bff24552938c88d913d7b9a523405b59a6b545db858f6a0776b9183f37f1');
INSERT INTO audit_events VALUES ('org_000001', 2, 1768478400000, '{"type":"system","name":"teams-file"}', 'organization_admin.added', 'organization_admin:cy@acme.test', '{"email":"cy@acme.test"}', NULL, 'd9f0bff24552938c88d913d7b9a523405b59a6b545db858f6a0776b9183f37f1', '3066499c233bd0252c92dbd2a2822b97835a2fea46e306fb666893b20304bba1');
INSERT INTO audit_events VALUES ('org_000001', 3, 1768478400000, '{"type":"system","name":"teams-file"}', 'issuer.added', 'issuer:https://token.actions.githubusercontent.com', '{"url":"https://token.actions.githubusercontent.com"}', NULL, '3066499c233bd0252c92dbd2a2822b97835a2fea46e306fb666893b20304bba1', 'ae2596059185f1ab52b67ce38c9df8c496287c32b6800e4e39c42f3e04cb9d90');
INSERT INTO audit_events VALUES ('org_000001', 4, 1768478400000, '{"type":"system","name":"teams-file"}', 'team.created', 'team:ml-platform', '{"subjects":["repo:acme/*"],"projects":["benchmarks (open): nightly-eval"]}', NULL, 'ae2596059185f1ab52b67ce38c9df8c496287c32b6800e4e39c42f3e04cb9d90', '64d76d496044df6fe702d559986b6fb31ac8c629ce2ab3f44e7cc729787d38a7');
INSERT INTO audit_events VALUES ('org_000001', 5, 1768478400000, '{"type":"system","name":"teams-file"}', 'team_member.added', 'team:ml-platform', '{"email":"ada@acme.test","username":"ada","role":"admin"}', NULL, '64d76d496044df6fe702d559986b6fb31ac8c629ce2ab3f44e7cc729787d38a7', 'de4a5cafa2551d3f08731eea7f3253fd488c67079aedb90ca5b4f7a1fd6bdc26');
INSERT INTO audit_events VALUES ('org_000001', 6, 1768478400000, '{"type":"system","name":"teams-file"}', 'team_member.added', 'team:ml-platform', '{"email":"ben@acme.test","username":"benj","role":"member"}', NULL, 'de4a5cafa2551d3f08731eea7f3253fd488c67079aedb90ca5b4f7a1fd6bdc26', 'e473b5e1577b479b8498f8385e8c23653908f5d7449b49a32017c970a02971c2');
INSERT INTO audit_events VALUES ('org_000001', 7, 1768478400000, '{"type":"system","name":"teams-file"}', 'team.created', 'team:vision', '{"subjects":[],"projects":[]}', NULL, 'e473b5e1577b479b8498f8385e8c23653908f5d7449b49a32017c970a02971c2', 'e35eaad74e3716644d9c06e77bd7fba072d25f290dfdda411be0698623d799ef');
INSERT INTO audit_events VALUES ('org_000001', 8, 1768478400000, '{"type":"system","name":"teams-file"}', 'team_member.added', 'team:vision', '{"email":"ben@acme.test","username":"benj","role":"admin"}', NULL, 'e35eaad74e3716644d9c06e77bd7fba072d25f290dfdda411be0698623d799ef', '00413d6140651c177e3c8e07270a20bb5e952a128c793bed4bf22eca705bfb75');
INSERT INTO audit_events VALUES ('org_000001', 9, 1768478400001, '{"type":"system","name":"teams-file"}', 'organization_admin.added', 'organization_admin:dee@acme.test', '{"email":"dee@acme.test"}', NULL, '00413d6140651c177e3c8e07270a20bb5e952a128c793bed4bf22eca705bfb75', '5292615aabf8d66c5989cce6026e27658b32af86145ae913f70deecedc236f33');
INSERT INTO audit_events VALUES ('org_000001', 10, 1768478400001, '{"type":"system","name":"teams-file"}', 'issuer.changed', 'issuer:https://token.actions.githubusercontent.com', '{"url":"https://token.actions.githubusercontent.com","maxLifetimeSeconds":600,"changed":["maxLifetimeSeconds"]}', NULL, '5292615aabf8d66c5989cce6026e27658b32af86145ae913f70deecedc236f33', '25bc99aab907d2e7887389a62e5a9a96dc5c1b933035e5b86d6757f8a22db9c3');
INSERT INTO audit_events VALUES ('org_000001', 11, 1768478400001, '{"type":"system","name":"teams-file"}', 'issuer.added', 'issuer:https://ci.acme.test', '{"url":"https://ci.acme.test","isSingleUse":true,"isPrivateNetwork":true,"jwksSha256":"a885904d861b42b529310b15af9b61ee62e8e3975dedd87021d0c891b4807bd0"}', NULL, '25bc99aab907d2e7887389a62e5a9a96dc5c1b933035e5b86d6757f8a22db9c3', '923912c06cd49356f916e649b01d971c15b3aaae384032e5f38289213d8be7a4');
INSERT INTO audit_events VALUES ('org_000001', 12, 1768478400001, '{"type":"system","name":"teams-file"}', 'issuer.added', 'issuer:https://gone.acme.test', '{"url":"https://gone.acme.test"}', NULL, '923912c06cd49356f916e649b01d971c15b3aaae384032e5f38289213d8be7a4', '010edc790222dbd0372235cbfe5971066168a97b523574ca31baf2a5fd7764fc');
INSERT INTO audit_events VALUES ('org_000001', 13, 1768478400001, '{"type":"system","name":"teams-file"}', 'team.created', 'team:archived', '{"subjects":["repo:acme/old"],"projects":["secret (restricted): a, b"]}', NULL, '010edc790222dbd0372235cbfe5971066168a97b523574ca31baf2a5fd7764fc', '750daa14992617232c806ed584d8b85d6b25c029210ad1b08c34ce0fc9de70ee');
INSERT INTO audit_events VALUES ('org_000001', 14, 1768478400001, '{"type":"system","name":"teams-file"}', 'team_member.added', 'team:archived', '{"email":"dee@acme.test","username":"dee","role":"view-only"}', NULL, '750daa14992617232c806ed584d8b85d6b25c029210ad1b08c34ce0fc9de70ee', '3ac3cd5afff50ba896bd837c49595252173aff59e78cd35f86307b835595879a');
INSERT INTO audit_events VALUES ('org_000001', 15, 1768478400002, '{"type":"system","name":"teams-file"}', 'organization_admin.removed', 'organization_admin:dee@acme.test', '{"email":"dee@acme.test"}', NULL, '3ac3cd5afff50ba896bd837c49595252173aff59e78cd35f86307b835595879a', '9d8f6de6b3f33511e90cf9e4f418387ab939a7357c6773da1b85cc18bfbf2096');
INSERT INTO audit_events VALUES ('org_000001', 16, 1768478400002, '{"type":"system","name":"teams-file"}', 'issuer.removed', 'issuer:https://gone.acme.test', '{"url":"https://gone.acme.test"}', NULL, '9d8f6de6b3f33511e90cf9e4f418387ab939a7357c6773da1b85cc18bfbf2096', '4838c77c350cff1487c9ec74601ceb3b9c843bee3a101037cea49fefc1fbbf45');
INSERT INTO audit_events VALUES ('org_000001', 17, 1768478400002, '{"type":"system","name":"teams-file"}', 'issuer.changed', 'issuer:https://token.actions.githubusercontent.com', '{"url":"https://token.actions.githubusercontent.com","changed":["maxLifetimeSeconds"]}', NULL, '4838c77c350cff1487c9ec74601ceb3b9c843bee3a101037cea49fefc1fbbf45', '10d6163264bde3479fe0cfdcb092d8a49ea7f6498c95abb37f1c6b6ca5f7b6b8');
INSERT INTO audit_events VALUES ('org_000001', 18, 1768478400002, '{"type":"system","name":"teams-file"}', 'issuer.changed', 'issuer:https://ci.acme.test', '{"url":"https://ci.acme.test","isSingleUse":true,"changed":["isPrivateNetwork","jwksSha256"]}', NULL, '10d6163264bde3479fe0cfdcb092d8a49ea7f6498c95abb37f1c6b6ca5f7b6b8', 'f3daca29ca580c3e3582d9705bae5b32e7b037ce0e3e4ba9fdba9cd6f5b956cd');
INSERT INTO audit_events VALUES ('org_000001', 19, 1768478400002, '{"type":"system","name":"teams-file"}', 'team.archived', 'team:archived', '{}', NULL, 'f3daca29ca580c3e3582d9705bae5b32e7b037ce0e3e4ba9fdba9cd6f5b956cd', '2dd5184a6a4554f0904cc48b88caea1feccf2a36449d3e482d0053ad66e55972');
INSERT INTO audit_events VALUES ('org_000001', 20, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{"account":"sa_000006"}', 'req_1', '2dd5184a6a4554f0904cc48b88caea1feccf2a36449d3e482d0053ad66e55972', 'a8c4de6c94a335fca681f476e3530a4aacd3f7f4bdfd792232a1a861df1459da');
INSERT INTO audit_events VALUES ('org_000001', 21, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivered', 'test:subject', '{}', 'req_1', 'a8c4de6c94a335fca681f476e3530a4aacd3f7f4bdfd792232a1a861df1459da', 'eda16081a063f0bf03f048f550b528073c96ad3a60f649f1450f57c0b4d0c781');
INSERT INTO audit_events VALUES ('org_000001', 22, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{"account":"sa_000012"}', 'req_1', 'eda16081a063f0bf03f048f550b528073c96ad3a60f649f1450f57c0b4d0c781', 'f5daa1a83eef0d1baea6541747c10bfa7096cef3a364e5a2b13650d1e55a54d5');
INSERT INTO audit_events VALUES ('org_000001', 23, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{"account":"sa_000017"}', 'req_1', 'f5daa1a83eef0d1baea6541747c10bfa7096cef3a364e5a2b13650d1e55a54d5', '64ef4e7c861b1abc2b27a7b8dac070cb0479511e62d5f765128489a94522c9a4');
INSERT INTO audit_events VALUES ('org_000001', 24, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivered', 'test:subject', '{}', 'req_1', '64ef4e7c861b1abc2b27a7b8dac070cb0479511e62d5f765128489a94522c9a4', '930422a6f18e8a8316530473870be178a9bc653f12673bca34a6dab459ccf00b');
INSERT INTO audit_events VALUES ('org_000001', 25, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.revoked', 'test:subject', '{}', 'req_1', '930422a6f18e8a8316530473870be178a9bc653f12673bca34a6dab459ccf00b', '34415d93991fa308a24d36763b4626d4af5ffe655b340d84387aa566ed29747e');
INSERT INTO audit_events VALUES ('org_000001', 26, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{"account":"sa_000022"}', 'req_1', '34415d93991fa308a24d36763b4626d4af5ffe655b340d84387aa566ed29747e', '5e664a9a8a18a56cc51e28c1a51f365c3fbb889fd4316d65c58c929c573b459f');
INSERT INTO audit_events VALUES ('org_000001', 27, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{"account":"sa_000026"}', 'req_1', '5e664a9a8a18a56cc51e28c1a51f365c3fbb889fd4316d65c58c929c573b459f', '91db83c3520988dd3dca691dbc8f865bc4c1d152e612849ce8d013937ceeb0e4');
INSERT INTO audit_events VALUES ('org_000001', 28, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivery_failed', 'test:subject', '{}', 'req_1', '91db83c3520988dd3dca691dbc8f865bc4c1d152e612849ce8d013937ceeb0e4', '9990187914a13877c54a188d813e8b84b366fc6669b0507275ad6ff537421388');
INSERT INTO audit_events VALUES ('org_000001', 29, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{"account":"sa_000032"}', 'req_1', '9990187914a13877c54a188d813e8b84b366fc6669b0507275ad6ff537421388', '8b8783bed69688f104e40d1f94feb5c1a30950e574ec4dce90cc5ca38dd198f6');
INSERT INTO audit_events VALUES ('org_000001', 30, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivery_failed', 'test:subject', '{}', 'req_1', '8b8783bed69688f104e40d1f94feb5c1a30950e574ec4dce90cc5ca38dd198f6', '63e7b3ef6af3ab6b53e5208c0446e53e551855ae2508efa1f8055fd0a49ee61d');
INSERT INTO audit_events VALUES ('org_000001', 31, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.collection_started', 'test:subject', '{}', 'req_1', '63e7b3ef6af3ab6b53e5208c0446e53e551855ae2508efa1f8055fd0a49ee61d', 'cc9e07faada211d3783ca482437bd05f247cf82456ab6db77469d31b8fffe4b8');
INSERT INTO audit_events VALUES ('org_000001', 32, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{"account":"sa_000040"}', 'req_1', 'cc9e07faada211d3783ca482437bd05f247cf82456ab6db77469d31b8fffe4b8', '162cbcd7ccc1c01d02457f0049dd46e5b459b3f21d7c668a30c48737f07cab7a');
INSERT INTO audit_events VALUES ('org_000001', 33, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivery_failed', 'test:subject', '{}', 'req_1', '162cbcd7ccc1c01d02457f0049dd46e5b459b3f21d7c668a30c48737f07cab7a', '47804be1a9a326b22cf7f9631c9fe0a2d93970b29e8ae6214188f6d2849f986e');
INSERT INTO audit_events VALUES ('org_000001', 34, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.collection_started', 'test:subject', '{}', 'req_1', '47804be1a9a326b22cf7f9631c9fe0a2d93970b29e8ae6214188f6d2849f986e', '44e18e1c77a289c8cb33808e5028076a8a00f02b3f527f9f20617f4d3163b149');
INSERT INTO audit_events VALUES ('org_000001', 35, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivered', 'test:subject', '{}', 'req_1', '44e18e1c77a289c8cb33808e5028076a8a00f02b3f527f9f20617f4d3163b149', '0d8d7dd96f608e4814c5b6cd5c2c9390966f0641646d6106c58aebb9696dc0ef');
INSERT INTO audit_events VALUES ('org_000001', 36, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{"account":"sa_000049"}', 'req_1', '0d8d7dd96f608e4814c5b6cd5c2c9390966f0641646d6106c58aebb9696dc0ef', '7f7973d3fb1c3c8d31a728d97fcefdff58f8210ecb135a492ecfb0aee44bf395');
INSERT INTO audit_events VALUES ('org_000001', 37, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivery_failed', 'test:subject', '{}', 'req_1', '7f7973d3fb1c3c8d31a728d97fcefdff58f8210ecb135a492ecfb0aee44bf395', '83aff0aab8df25e5f91ea721334688d0d9835260676444e3f772616f24253cf5');
INSERT INTO audit_events VALUES ('org_000001', 38, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.revoked', 'test:subject', '{}', 'req_1', '83aff0aab8df25e5f91ea721334688d0d9835260676444e3f772616f24253cf5', 'c5bba9f91751a0c6d27b03632c0b569a492bc6e7e8db40ef8f03dfa9a162dde0');
INSERT INTO audit_events VALUES ('org_000001', 39, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_started', 'test:subject', '{}', 'req_1', 'c5bba9f91751a0c6d27b03632c0b569a492bc6e7e8db40ef8f03dfa9a162dde0', 'a521d4c0fca868165baf9202650a630fbef6b708ed626e22576facb7af7e863b');
INSERT INTO audit_events VALUES ('org_000001', 40, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{}', 'req_1', 'a521d4c0fca868165baf9202650a630fbef6b708ed626e22576facb7af7e863b', 'bbdb4a7b2288ccd2d73da6809ca21d658ab8a2987b7082144727a2fd87f761ff');
INSERT INTO audit_events VALUES ('org_000001', 41, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.removal_started', 'test:subject', '{}', 'req_1', 'bbdb4a7b2288ccd2d73da6809ca21d658ab8a2987b7082144727a2fd87f761ff', 'dcf52232045ca2ac226b0c573fe4525ec49f094429c70feb23e27c55daf17102');
INSERT INTO audit_events VALUES ('org_000001', 42, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_started', 'test:subject', '{}', 'req_1', 'dcf52232045ca2ac226b0c573fe4525ec49f094429c70feb23e27c55daf17102', '9b385c4486a73cc64dc6476845d87a9e41f883bca0fc79718a4cd521c74a54fb');
INSERT INTO audit_events VALUES ('org_000001', 43, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{}', 'req_1', '9b385c4486a73cc64dc6476845d87a9e41f883bca0fc79718a4cd521c74a54fb', '11721258c1a88db0c628ba23d55aeeae4cdb85c2c8977c74330496547f0a7907');
INSERT INTO audit_events VALUES ('org_000001', 44, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivered', 'test:subject', '{}', 'req_1', '11721258c1a88db0c628ba23d55aeeae4cdb85c2c8977c74330496547f0a7907', 'c9d4f40ce3530d51013687d61a5721210de47aef7c4ee228c41627b0b0c655ab');
INSERT INTO audit_events VALUES ('org_000001', 45, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.removal_started', 'test:subject', '{}', 'req_1', 'c9d4f40ce3530d51013687d61a5721210de47aef7c4ee228c41627b0b0c655ab', '7b758b47b0eb449cc21bcea70b0bf7553ef2b89ff7218f743db564f2c77fcb6e');
INSERT INTO audit_events VALUES ('org_000001', 46, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_started', 'test:subject', '{}', 'req_1', '7b758b47b0eb449cc21bcea70b0bf7553ef2b89ff7218f743db564f2c77fcb6e', '9d8356b891038ca4bc1ba152f8d2c06f006356bf05760476f0468c03dc1f5cde');
INSERT INTO audit_events VALUES ('org_000001', 47, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_started', 'test:subject', '{}', 'req_1', '9d8356b891038ca4bc1ba152f8d2c06f006356bf05760476f0468c03dc1f5cde', 'eb55dd8682b302534b4cd366080daa58b1a140f9e2630658efccce16a3062920');
INSERT INTO audit_events VALUES ('org_000001', 48, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_failed', 'test:subject', '{}', 'req_1', 'eb55dd8682b302534b4cd366080daa58b1a140f9e2630658efccce16a3062920', 'a0d4850b20c2982eb10e49f144303a136d3da04b5e135cd041becbbe09f26930');
INSERT INTO audit_events VALUES ('org_000001', 49, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_started', 'test:subject', '{}', 'req_1', 'a0d4850b20c2982eb10e49f144303a136d3da04b5e135cd041becbbe09f26930', 'ec866c8dfb2188bf12df7ba2d58437ae76f4dd4972bf4d0554d7da18aa797d4a');
INSERT INTO audit_events VALUES ('org_000001', 50, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_abandoned', 'test:subject', '{}', 'req_1', 'ec866c8dfb2188bf12df7ba2d58437ae76f4dd4972bf4d0554d7da18aa797d4a', '4cb65849ad449262b4e5be2437bd331b10b5aef09176a2c4304ae544789d4615');
INSERT INTO audit_events VALUES ('org_000001', 51, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_started', 'test:subject', '{}', 'req_1', '4cb65849ad449262b4e5be2437bd331b10b5aef09176a2c4304ae544789d4615', 'a2baad6a68bb9980344d75ee5700849c918b11ca1f8409cf9b55857486da98a6');
INSERT INTO audit_events VALUES ('org_000001', 52, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.created', 'test:subject', '{}', 'req_1', 'a2baad6a68bb9980344d75ee5700849c918b11ca1f8409cf9b55857486da98a6', 'f66452f4ad0d6c9fe9c2edf7009675fe37e43f8a62d3f8341e1ee9b2ed2bbcc3');
INSERT INTO audit_events VALUES ('org_000001', 53, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'signing_key.created', 'test:subject', '{"key":"signing-1"}', 'req_1', 'f66452f4ad0d6c9fe9c2edf7009675fe37e43f8a62d3f8341e1ee9b2ed2bbcc3', '9c23abda7948ddb4fb498a0d32afb41ab1262620ea024bb4065d5e962bb14917');
INSERT INTO audit_events VALUES ('org_000001', 54, 1768478400000, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'organization.created', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":0,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '9c23abda7948ddb4fb498a0d32afb41ab1262620ea024bb4065d5e962bb14917', 'af3935e3284a75d948e5c5c7a4746307489ed2b8aa884b86ddb46328112b1b89');
INSERT INTO audit_events VALUES ('org_000001', 55, 1768478400001, '{"type":"slack_user","slackUserId":"U0EVE"}', 'organization_admin.added', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":1,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_1', 'af3935e3284a75d948e5c5c7a4746307489ed2b8aa884b86ddb46328112b1b89', '26e71cb48b00f1ab01a28a9a15e1f43886cfee5292de7e8d64803d49a10ccd16');
INSERT INTO audit_events VALUES ('org_000001', 56, 1768478400002, '{"type":"system","name":"delivery"}', 'organization_admin.removed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":2,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '26e71cb48b00f1ab01a28a9a15e1f43886cfee5292de7e8d64803d49a10ccd16', '61024ccaa85317e9dc4dc4f4b0f27b3ad11ddb17f97905fec92d41bf26da1fa2');
INSERT INTO audit_events VALUES ('org_000001', 57, 1768478400003, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'issuer.added', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":3,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_3', '61024ccaa85317e9dc4dc4f4b0f27b3ad11ddb17f97905fec92d41bf26da1fa2', '820236a0c6233f3e3bbc4c85e9a6fa27990d7f1f26b6ca166e3ca04fb89fb16d');
INSERT INTO audit_events VALUES ('org_000001', 58, 1768478400004, '{"type":"slack_user","slackUserId":"U0EVE"}', 'issuer.changed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":4,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '820236a0c6233f3e3bbc4c85e9a6fa27990d7f1f26b6ca166e3ca04fb89fb16d', '52e3ebc6c18836615e9efb4ed208d5db40b4fd8fa9d7f1f50808688c57c2d917');
INSERT INTO audit_events VALUES ('org_000001', 59, 1768478400005, '{"type":"system","name":"delivery"}', 'issuer.removed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":5,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_5', '52e3ebc6c18836615e9efb4ed208d5db40b4fd8fa9d7f1f50808688c57c2d917', '96603cca0ec891d7f20feebe090441eba400bd05f75b66bfc6c6ee148ccb4aa4');
INSERT INTO audit_events VALUES ('org_000001', 60, 1768478400006, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'team.created', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":6,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '96603cca0ec891d7f20feebe090441eba400bd05f75b66bfc6c6ee148ccb4aa4', 'b0166b66edffe5510ced9f7f8eb9dc4173e965d881d21ff2e97e478f9112a557');
INSERT INTO audit_events VALUES ('org_000001', 61, 1768478400007, '{"type":"slack_user","slackUserId":"U0EVE"}', 'team.changed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":7,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_7', 'b0166b66edffe5510ced9f7f8eb9dc4173e965d881d21ff2e97e478f9112a557', '9ad87dd6c9fbcc94dd2e1d4b4bf076e3deebf4d8f1482ab616043c8b8e446a00');
INSERT INTO audit_events VALUES ('org_000001', 62, 1768478400008, '{"type":"system","name":"delivery"}', 'team.archived', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":8,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '9ad87dd6c9fbcc94dd2e1d4b4bf076e3deebf4d8f1482ab616043c8b8e446a00', 'd9d3b06ff937d8e08bb5611e4fbe2d075df362b565cbfac25ef4c29dcc3af86e');
INSERT INTO audit_events VALUES ('org_000001', 63, 1768478400009, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'team.restored', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":9,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_9', 'd9d3b06ff937d8e08bb5611e4fbe2d075df362b565cbfac25ef4c29dcc3af86e', 'd51210c74bd420de3ca03c1f305736d80b3b9ddeb96ad9e7c0e94275740cceee');
INSERT INTO audit_events VALUES ('org_000001', 64, 1768478400010, '{"type":"slack_user","slackUserId":"U0EVE"}', 'team_member.added', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":10,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, 'd51210c74bd420de3ca03c1f305736d80b3b9ddeb96ad9e7c0e94275740cceee', '82170a1fb65753aa21940af3e6156e2ae40d793d2dc8936b92029a1faf236ff0');
INSERT INTO audit_events VALUES ('org_000001', 65, 1768478400011, '{"type":"system","name":"delivery"}', 'team_member.changed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":11,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_11', '82170a1fb65753aa21940af3e6156e2ae40d793d2dc8936b92029a1faf236ff0', 'f9028b8a439025f6e2bce1fb5152bf6435869ebb6da50c38ecd7903a0129065b');
INSERT INTO audit_events VALUES ('org_000001', 66, 1768478400012, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'team_member.removed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":12,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, 'f9028b8a439025f6e2bce1fb5152bf6435869ebb6da50c38ecd7903a0129065b', '12b1c5dce284b75151e0e0a5bedc46fc4b90439e6b4b5d3edc2a823a9d6b3864');
INSERT INTO audit_events VALUES ('org_000001', 67, 1768478400013, '{"type":"slack_user","slackUserId":"U0EVE"}', 'service_account.created', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":13,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_13', '12b1c5dce284b75151e0e0a5bedc46fc4b90439e6b4b5d3edc2a823a9d6b3864', '67f680839a5292b023bffc796c38843b3a83424e9a67a716c20e77a1d45e5a59');
INSERT INTO audit_events VALUES ('org_000001', 68, 1768478400014, '{"type":"system","name":"delivery"}', 'service_account.create_refused', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":14,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '67f680839a5292b023bffc796c38843b3a83424e9a67a716c20e77a1d45e5a59', '6f494ac51f1306b4305c72a31ed0e90ae2ad539bf9ea9363b056ab98dc1c134e');
INSERT INTO audit_events VALUES ('org_000001', 69, 1768478400015, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_started', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":15,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_15', '6f494ac51f1306b4305c72a31ed0e90ae2ad539bf9ea9363b056ab98dc1c134e', '75bc71ecea7d4b2383f0e402cd42d5150649de3d815c5253b43a0309ecb4c558');
INSERT INTO audit_events VALUES ('org_000001', 70, 1768478400016, '{"type":"slack_user","slackUserId":"U0EVE"}', 'service_account.creation_abandoned', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":16,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '75bc71ecea7d4b2383f0e402cd42d5150649de3d815c5253b43a0309ecb4c558', '21d3794fc1e6dda1e6c6fbfa3171924f3527e5232ec12bc4242d2ae74030ec70');
INSERT INTO audit_events VALUES ('org_000001', 71, 1768478400017, '{"type":"system","name":"delivery"}', 'service_account.creation_failed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":17,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_17', '21d3794fc1e6dda1e6c6fbfa3171924f3527e5232ec12bc4242d2ae74030ec70', '72699a97a0bc36071a3efc1200101f0ca479cd0b2b3d0d91c2270b2afafeff09');
INSERT INTO audit_events VALUES ('org_000001', 72, 1768478400018, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.creation_unclear', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":18,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '72699a97a0bc36071a3efc1200101f0ca479cd0b2b3d0d91c2270b2afafeff09', 'd638b67afe2beb144122993a53d2c2935e8fddf59fba588e6faf787504ac9b88');
INSERT INTO audit_events VALUES ('org_000001', 73, 1768478400019, '{"type":"slack_user","slackUserId":"U0EVE"}', 'service_account.removal_started', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":19,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_19', 'd638b67afe2beb144122993a53d2c2935e8fddf59fba588e6faf787504ac9b88', 'a5f6b4ad063107d608730305a67325fe15d10d7ea7579d4aa2f5d316d923bc52');
INSERT INTO audit_events VALUES ('org_000001', 74, 1768478400020, '{"type":"system","name":"delivery"}', 'service_account.removal_failed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":20,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, 'a5f6b4ad063107d608730305a67325fe15d10d7ea7579d4aa2f5d316d923bc52', '562eb4e55cc88d78334071456227b09612d3fa2343ac4b8ddb351ff804964b0b');
INSERT INTO audit_events VALUES ('org_000001', 75, 1768478400021, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.settlement_stalled', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":21,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_21', '562eb4e55cc88d78334071456227b09612d3fa2343ac4b8ddb351ff804964b0b', '0a727a4765dde976b0b9559cbd419780822c8aae2c7c3c1d496b26abea6ec9f3');
INSERT INTO audit_events VALUES ('org_000001', 76, 1768478400022, '{"type":"slack_user","slackUserId":"U0EVE"}', 'service_account.appeared_late', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":22,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '0a727a4765dde976b0b9559cbd419780822c8aae2c7c3c1d496b26abea6ec9f3', '1cbfde5f9a5a3f743f02ea108f10ff5b506b42797a8155c02279ceef834aa6e3');
INSERT INTO audit_events VALUES ('org_000001', 77, 1768478400023, '{"type":"system","name":"delivery"}', 'service_account.revoked', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":23,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_23', '1cbfde5f9a5a3f743f02ea108f10ff5b506b42797a8155c02279ceef834aa6e3', '3224b7fa14f1731b4c9a52033cdaa452575c4ee9ee95e0b9d22d354763de2174');
INSERT INTO audit_events VALUES ('org_000001', 78, 1768478400024, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'service_account.revoke_refused', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":24,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '3224b7fa14f1731b4c9a52033cdaa452575c4ee9ee95e0b9d22d354763de2174', '19bc442b766ac1629b16b6f593109f8c2d7c513ef9f9405314b51d37b0188c48');
INSERT INTO audit_events VALUES ('org_000001', 79, 1768478400025, '{"type":"slack_user","slackUserId":"U0EVE"}', 'service_account.list_refused', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":25,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_25', '19bc442b766ac1629b16b6f593109f8c2d7c513ef9f9405314b51d37b0188c48', '0cea47f765294a3ab29751113746c904709052b5bcb0a93eb2e7efb802d4297d');
INSERT INTO audit_events VALUES ('org_000001', 80, 1768478400026, '{"type":"system","name":"delivery"}', 'api_key.created', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":26,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '0cea47f765294a3ab29751113746c904709052b5bcb0a93eb2e7efb802d4297d', '7a3d7c0b3cb3fd7b4497d4b8374bb99560567f9ec10ea8d8fedca912cae15b16');
INSERT INTO audit_events VALUES ('org_000001', 81, 1768478400027, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.delivered', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":27,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_27', '7a3d7c0b3cb3fd7b4497d4b8374bb99560567f9ec10ea8d8fedca912cae15b16', '7361dab9bee7c800ad800bb378ba6fe5a13d148c0e7a300ee8ae1a36ea8d2e5a');
INSERT INTO audit_events VALUES ('org_000001', 82, 1768478400028, '{"type":"slack_user","slackUserId":"U0EVE"}', 'api_key.delivery_failed', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":28,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '7361dab9bee7c800ad800bb378ba6fe5a13d148c0e7a300ee8ae1a36ea8d2e5a', '8ecb2366307541cceff23c88d3afcf24a07a7b480697c71b840f7537d6f72b8f');
INSERT INTO audit_events VALUES ('org_000001', 83, 1768478400029, '{"type":"system","name":"delivery"}', 'api_key.collection_started', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":29,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_29', '8ecb2366307541cceff23c88d3afcf24a07a7b480697c71b840f7537d6f72b8f', 'c5c8a3a7a442113e209877ecb99a7211898affdc0de84b28ced451597e615572');
INSERT INTO audit_events VALUES ('org_000001', 84, 1768478400030, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'api_key.collection_refused', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":30,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, 'c5c8a3a7a442113e209877ecb99a7211898affdc0de84b28ced451597e615572', '4b196dd5f43c2ecfa69a1ad0193c73272c945101deb8ed5c69d8f3afd5608d50');
INSERT INTO audit_events VALUES ('org_000001', 85, 1768478400031, '{"type":"slack_user","slackUserId":"U0EVE"}', 'api_key.stored', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":31,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_31', '4b196dd5f43c2ecfa69a1ad0193c73272c945101deb8ed5c69d8f3afd5608d50', 'd98846b02b9486821d0fa5a0691f5c1b01fcb23249438c63b4dff53e6ca7b003');
INSERT INTO audit_events VALUES ('org_000001', 86, 1768478400032, '{"type":"system","name":"delivery"}', 'interaction.refused', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":32,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, 'd98846b02b9486821d0fa5a0691f5c1b01fcb23249438c63b4dff53e6ca7b003', '57ed87d9eec0e7acad85df29690844118416bd1db6dcb9da1d9a9de1fba9d140');
INSERT INTO audit_events VALUES ('org_000001', 87, 1768478400033, '{"type":"person","slackUserId":"U0ADA","email":"ada@acme.test"}', 'signing_key.created', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":33,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', 'req_33', '57ed87d9eec0e7acad85df29690844118416bd1db6dcb9da1d9a9de1fba9d140', '9d6e619ab25479f3c1d811ac12277767b8d79c784fe3763931923b371979bbde');
INSERT INTO audit_events VALUES ('org_000001', 88, 1768478400034, '{"type":"slack_user","slackUserId":"U0EVE"}', 'signing_key.retired', 'service_account:sa_000001', '{"team":"ml-platform","name":"nightly-eval","outcome":"refused","tries":34,"isLate":true,"none":null,"list":["é","\"quoted\"","it''s"]}', NULL, '9d6e619ab25479f3c1d811ac12277767b8d79c784fe3763931923b371979bbde', '772447b93e1d3823bf6e086e9211c802f4bfdbf626b7952bc89534c59ef7e38f');
INSERT INTO audit_events VALUES ('org_000108', 1, 1768478400000, '{"type":"system","name":"keysmith"}', 'organization.created', 'organization:globex', '{"name":"globex"}', NULL, '0000000000000000000000000000000000000000000000000000000000000000', '6bc91a971b9d9f2178c9f8a37d49c4ef50379dde8966c4f79db75f619d59fe81');
INSERT INTO audit_events VALUES ('org_000108', 2, 1768478400000, '{"type":"system","name":"teams-file"}', 'organization_admin.added', 'organization_admin:cy@acme.test', '{"email":"cy@acme.test"}', NULL, '6bc91a971b9d9f2178c9f8a37d49c4ef50379dde8966c4f79db75f619d59fe81', 'fbb46eb623df7ad400ae431e2c4c4b806753d373ee95d44a6c99cfe70657dc3d');
INSERT INTO audit_events VALUES ('org_000108', 3, 1768478400000, '{"type":"system","name":"teams-file"}', 'issuer.added', 'issuer:https://token.actions.githubusercontent.com', '{"url":"https://token.actions.githubusercontent.com"}', NULL, 'fbb46eb623df7ad400ae431e2c4c4b806753d373ee95d44a6c99cfe70657dc3d', '483d90a684264e3f92e0734358860771a61103254a11ea44f97a96ca0f9000cf');
INSERT INTO audit_events VALUES ('org_000108', 4, 1768478400000, '{"type":"system","name":"teams-file"}', 'team.created', 'team:ml-platform', '{"subjects":["repo:acme/*"],"projects":["benchmarks (open): nightly-eval"]}', NULL, '483d90a684264e3f92e0734358860771a61103254a11ea44f97a96ca0f9000cf', 'f8ee5c4816c14c9df606226b7b77cb6041439521a0bf2b9be1251631952a4816');
INSERT INTO audit_events VALUES ('org_000108', 5, 1768478400000, '{"type":"system","name":"teams-file"}', 'team_member.added', 'team:ml-platform', '{"email":"ada@acme.test","username":"ada","role":"admin"}', NULL, 'f8ee5c4816c14c9df606226b7b77cb6041439521a0bf2b9be1251631952a4816', 'cfee7e6b57fb8965c7c42504ae753bf7ba839dca284756bb0b1fc8703ed4c2c2');
INSERT INTO audit_events VALUES ('org_000108', 6, 1768478400000, '{"type":"system","name":"teams-file"}', 'team_member.added', 'team:ml-platform', '{"email":"ben@acme.test","username":"benj","role":"member"}', NULL, 'cfee7e6b57fb8965c7c42504ae753bf7ba839dca284756bb0b1fc8703ed4c2c2', '3d8b29d7d0a549c6844992f26a75cea534618a938026b0469c47198bb05327cf');
INSERT INTO audit_events VALUES ('org_000108', 7, 1768478400000, '{"type":"system","name":"teams-file"}', 'team.created', 'team:vision', '{"subjects":[],"projects":[]}', NULL, '3d8b29d7d0a549c6844992f26a75cea534618a938026b0469c47198bb05327cf', '7b66afc494efb93db6e2a1b12c7b0cc90a2949396373a7fb9388f5b8768f4605');
INSERT INTO audit_events VALUES ('org_000108', 8, 1768478400000, '{"type":"system","name":"teams-file"}', 'team_member.added', 'team:vision', '{"email":"ben@acme.test","username":"benj","role":"admin"}', NULL, '7b66afc494efb93db6e2a1b12c7b0cc90a2949396373a7fb9388f5b8768f4605', 'f3930ea4fd9ceab55148fa4b13f43208edf3f04c1533339a80e52302385dad7c');
INSERT INTO database_identity VALUES (1, 'live', 1795967870331);
INSERT INTO organization_admins VALUES ('org_000001', 'cy@acme.test', 1768478400000);
INSERT INTO organization_admins VALUES ('org_000108', 'cy@acme.test', 1768478400000);
INSERT INTO organizations VALUES ('org_000001', 'acme', 1768478400000, 'builtin', NULL, NULL);
INSERT INTO organizations VALUES ('org_000108', 'globex', 1768478400000, 'wandb', 1768478400000, 'https://wandb.globex.test');
INSERT INTO projects VALUES ('org_000001', 'team_000002', 'benchmarks', 'open', '["nightly-eval"]');
INSERT INTO projects VALUES ('org_000001', 'team_000004', 'secret', 'restricted', '["a","b"]');
INSERT INTO projects VALUES ('org_000108', 'team_000109', 'benchmarks', 'open', '["nightly-eval"]');
INSERT INTO team_members VALUES ('org_000001', 'team_000002', 'ada@acme.test', 'ada', 'admin');
INSERT INTO team_members VALUES ('org_000001', 'team_000002', 'ben@acme.test', 'benj', 'member');
INSERT INTO team_members VALUES ('org_000001', 'team_000003', 'ben@acme.test', 'benj', 'admin');
INSERT INTO team_members VALUES ('org_000001', 'team_000004', 'dee@acme.test', 'dee', 'view-only');
INSERT INTO team_members VALUES ('org_000108', 'team_000109', 'ada@acme.test', 'ada', 'admin');
INSERT INTO team_members VALUES ('org_000108', 'team_000109', 'ben@acme.test', 'benj', 'member');
INSERT INTO team_members VALUES ('org_000108', 'team_000110', 'ben@acme.test', 'benj', 'admin');
INSERT INTO teams VALUES ('org_000001', 'team_000002', 'ml-platform', '["repo:acme/*"]', 1768478400000, NULL);
INSERT INTO teams VALUES ('org_000001', 'team_000003', 'vision', '[]', 1768478400000, NULL);
INSERT INTO teams VALUES ('org_000001', 'team_000004', 'archived', '["repo:acme/old"]', 1768478400001, 1768478400002);
INSERT INTO teams VALUES ('org_000108', 'team_000109', 'ml-platform', '["repo:acme/*"]', 1768478400000, NULL);
INSERT INTO teams VALUES ('org_000108', 'team_000110', 'vision', '[]', 1768478400000, NULL);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000009', 'key_000008', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'delivered', 1768478460000, 1768478400000, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000015', 'key_000014', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'sending', 1768478460000, NULL, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000020', 'key_000019', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'delivered', 1768478460000, 1768478400000, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000029', 'key_000028', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'failed', 1768478460000, 1768478400000, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000035', 'key_000034', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'failed', 1768478460000, 1768478400000, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000038', 'key_000037', 'U0ADA', 'ada@acme.test', 'response_url', 90, 'col_000036', 'sending', 1768478460001, NULL, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000043', 'key_000042', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'failed', 1768478460000, 1768478400000, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000046', 'key_000045', 'U0ADA', 'ada@acme.test', 'response_url', 90, 'col_000044', 'delivered', 1768478460001, 1768478400000, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000052', 'key_000051', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'failed', 1768478460000, 1768478400000, 0);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000063', 'key_000061', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'sending', 1768478460001, NULL, 1);
INSERT INTO deliveries VALUES ('org_000001', 'dlv_000074', 'key_000072', 'U0ADA', 'ada@acme.test', 'response_url', 90, NULL, 'delivered', 1768478460000, 1768478400000, 0);
INSERT INTO peppers VALUES ('org_000001', 1, 'sealed-1', 1768478400000);
INSERT INTO peppers VALUES ('org_000001', 2, 'sealed-2', 1768478400000);
INSERT INTO peppers VALUES ('org_000108', 1, 'sealed-1', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000005', 'sa_000006', 'key_000008', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000011', 'sa_000012', 'key_000014', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000016', 'sa_000017', 'key_000019', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000024', 'sa_000022', NULL, 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000025', 'sa_000026', 'key_000028', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000031', 'sa_000032', 'key_000034', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000039', 'sa_000040', 'key_000042', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000048', 'sa_000049', 'key_000051', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000054', 'sa_000056', 'key_000061', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000065', 'sa_000067', 'key_000072', 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000077', 'sa_000079', NULL, 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000091', 'sa_000093', NULL, 1768478400000);
INSERT INTO submissions VALUES ('org_000001', 'sub_000099', 'sa_000101', NULL, 1768478400000);
INSERT INTO api_keys VALUES ('org_000001', 'key_000008', 'sa_000006', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400000, 1776254400000, NULL, 1768478400007, '192.0.2.1', 'wandb/0.26.1');
INSERT INTO api_keys VALUES ('org_000001', 'key_000014', 'sa_000012', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400000, 1776254400000, NULL, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000019', 'sa_000017', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400000, 1776254400000, 1768478400005, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000028', 'sa_000026', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400000, 1776254400000, 1768478400000, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000034', 'sa_000032', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400000, 1776254400000, 1768478400000, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000037', 'sa_000032', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400001, 1776254400001, NULL, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000042', 'sa_000040', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400000, 1776254400000, 1768478400000, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000045', 'sa_000040', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400001, 1776254400001, NULL, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000051', 'sa_000049', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 1, 1768478400000, 1776254400000, 1768478400000, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000061', 'sa_000056', NULL, NULL, 1768478400000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO api_keys VALUES ('org_000001', 'key_000072', 'sa_000067', NULL, NULL, 1768478400000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO collections VALUES ('org_000001', 'col_000030', 'sa_000026', 'U0ADA', 'ada@acme.test', 90, 'key_000028', 'open', 1768478400000, 1768564800000, 1768478400009, 1, 1768478415000);
INSERT INTO collections VALUES ('org_000001', 'col_000036', 'sa_000032', 'U0ADA', 'ada@acme.test', 90, 'key_000034', 'collecting', 1768478400000, 1768564800000, NULL, 0, 0);
INSERT INTO collections VALUES ('org_000001', 'col_000044', 'sa_000040', 'U0ADA', 'ada@acme.test', 90, 'key_000042', 'collected', 1768478400000, 1768564800000, NULL, 0, 0);
INSERT INTO collections VALUES ('org_000001', 'col_000053', 'sa_000049', 'U0ADA', 'ada@acme.test', 90, 'key_000051', 'closed', 1768478400000, 1768564800000, NULL, 0, 0);
INSERT INTO collections VALUES ('org_000001', 'col_000098', 'sa_000093', 'U0ADA', 'ada@acme.test', 90, NULL, 'open', 1768478400000, 1768564800000, NULL, 0, 0);
INSERT INTO backend_operations VALUES ('org_000001', 'op_000060', 'create', 'sa_000056', 'U0ADA', 'ada@acme.test', '["member-1"]', 'member_000062', NULL, 0, 90, NULL, 'done', 1768478490000, 0, 'req_1', 1768478400000, 1768478400000, NULL, NULL, 0, 0, NULL);
INSERT INTO backend_operations VALUES ('org_000001', 'op_000071', 'create', 'sa_000067', 'U0ADA', 'ada@acme.test', '["member-1"]', 'member_000073', NULL, 0, 90, NULL, 'done', 1768478490000, 0, 'req_1', 1768478400000, 1768478400000, NULL, NULL, 0, 0, NULL);
INSERT INTO backend_operations VALUES ('org_000001', 'op_000076', 'remove', 'sa_000067', 'U0ADA', 'ada@acme.test', '[]', 'member_000073', NULL, 0, NULL, NULL, 'under_way', 1768478490000, 0, 'req_1', 1768478400000, NULL, NULL, NULL, 0, 0, NULL);
INSERT INTO backend_operations VALUES ('org_000001', 'op_000083', 'create', 'sa_000079', 'U0ADA', 'ada@acme.test', '["member-1"]', NULL, NULL, 0, 90, NULL, 'under_way', 1768478490000, 0, 'req_1', 1768478400000, NULL, NULL, NULL, 0, 0, NULL);
INSERT INTO backend_operations VALUES ('org_000001', 'op_000090', 'create', 'sa_000086', 'U0ADA', 'ada@acme.test', '["member-1"]', NULL, NULL, 0, 90, NULL, 'failed', 1768478490000, 0, 'req_1', 1768478400000, 1768478400000, 'not_made', NULL, 0, 0, 1768478460000);
INSERT INTO backend_operations VALUES ('org_000001', 'op_000097', 'create', 'sa_000093', 'U0ADA', 'ada@acme.test', '["member-1"]', NULL, NULL, 0, 90, NULL, 'failed', 1768478490000, 0, 'req_1', 1768478400000, 1768478400000, NULL, NULL, 0, 0, NULL);
INSERT INTO backend_operations VALUES ('org_000001', 'op_000104', 'create', 'sa_000101', 'U0ADA', 'ada@acme.test', '["member-1"]', 'member_fed', 'client_fed', 0, NULL, NULL, 'done', 1768478490000, 0, 'req_1', 1768478400000, 1768478400000, NULL, NULL, 0, 0, NULL);
INSERT INTO issuer_key_sets VALUES ('org_000001', 'https://token.actions.githubusercontent.com', '{"keys":[{"kty":"RSA","kid":"kept","n":"n","e":"AQAB"}]}', 1768478400000);
INSERT INTO signing_keys VALUES ('org_000001', 1, 'signing-1', 'sealed', '{"kty":"OKP","crv":"Ed25519","x":"x","kid":"signing-1"}', 1768478400000, 1768478400000, 1768478400010, 1768478400020);
INSERT INTO used_assertions VALUES ('org_000001', 'https://ci.acme.test', '5964da055ae31cf8eb7230e190a504899c6f60f07f9f1cd3cade9fbf226e8c28', 3536956800000);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000006', 'team', 'team_000002', 'nightly-eval', 'api_key', NULL, NULL, 'Evaluates the model every night', 'Airflow', 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1776254400000, 'active', NULL, NULL, 1768478400007, '192.0.2.1', 'wandb/0.26.1');
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000012', 'team', 'team_000002', 'being-sent', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1776254400000, 'active', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000017', 'organization', 'team_000003', 'mirror', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, 1768478400005, 1776254400000, 'active', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000022', 'team', 'team_000002', 'deploy', 'federated', 'https://token.actions.githubusercontent.com', 'repo:acme/web', 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1768478400000, 'active', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000026', 'team', 'team_000002', 'nightly-000027', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1776254400000, 'active', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000032', 'team', 'team_000002', 'nightly-000033', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1776254400001, 'active', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000040', 'team', 'team_000002', 'nightly-000041', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1776254400001, 'active', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000049', 'team', 'team_000002', 'nightly-000050', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, 1768478400000, 1776254400000, 'active', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000056', 'team', 'team_000002', 'on-server', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1768478400000, 'active', 'member_000062', NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000067', 'team', 'team_000002', 'removed-on-server', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1768478400000, 'active', 'member_000073', NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000079', 'team', 'team_000002', 'being-created', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1768478400000, 'creating', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000086', 'team', 'team_000002', 'not-created', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, 1768478400000, 1768478400000, 'failed', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000093', 'team', 'team_000002', 'undone', 'api_key', NULL, NULL, 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1768478400000, 'active', NULL, NULL, NULL, NULL, NULL);
INSERT INTO service_accounts VALUES ('org_000001', 'sa_000101', 'team', 'team_000002', 'federated-on-server', 'federated', 'https://token.actions.githubusercontent.com', 'subject_000100', 'Evaluates the model every night', NULL, 'U0BEN', 'U0ADA', 'ada@acme.test', 1768478400000, NULL, 1768478400000, 'active', 'member_fed', 'client_fed', NULL, NULL, NULL);
INSERT INTO issuers VALUES ('org_000001', 'https://token.actions.githubusercontent.com', 1768478400000, NULL, 0, 0, NULL, NULL, 86400);
INSERT INTO issuers VALUES ('org_000001', 'https://ci.acme.test', 1768478400001, NULL, 1, 0, NULL, NULL, 86400);
INSERT INTO issuers VALUES ('org_000001', 'https://gone.acme.test', 1768478400001, 1768478400002, 0, 0, NULL, NULL, 86400);
INSERT INTO issuers VALUES ('org_000108', 'https://token.actions.githubusercontent.com', 1768478400000, NULL, 0, 0, NULL, NULL, 86400);
CREATE UNIQUE INDEX `organizations_name` ON `organizations` (`name`);
CREATE INDEX `team_members_email` ON `team_members` (`organization_id`,`email`,`role`);
CREATE UNIQUE INDEX `teams_name` ON `teams` (`organization_id`,`name`);
CREATE UNIQUE INDEX `deliveries_key_once` ON `deliveries` (`organization_id`,`key_id`);
CREATE INDEX `deliveries_sending` ON `deliveries` (`organization_id`,`lease_until_ms`) WHERE "deliveries"."state" = 'sending';
CREATE TRIGGER `audit_events_no_update` BEFORE UPDATE ON `audit_events`
BEGIN
	SELECT RAISE(ABORT, 'audit events are never changed');
END;
CREATE TRIGGER `audit_events_no_delete` BEFORE DELETE ON `audit_events`
BEGIN
	SELECT RAISE(ABORT, 'audit events are never removed');
END;
CREATE TRIGGER `audit_events_in_order` BEFORE INSERT ON `audit_events`
WHEN NEW.`sequence` <> 1 + COALESCE((SELECT MAX(`sequence`) FROM `audit_events` WHERE `organization_id` = NEW.`organization_id`), 0)
BEGIN
	SELECT RAISE(ABORT, 'audit events are appended in order');
END;
CREATE UNIQUE INDEX `api_keys_key_id` ON `api_keys` (`key_id`);
CREATE INDEX `api_keys_account` ON `api_keys` (`organization_id`,`account_id`,`created_at_ms`);
CREATE INDEX `collections_account` ON `collections` (`organization_id`,`account_id`);
CREATE INDEX `collections_open` ON `collections` (`organization_id`,`created_at_ms`) WHERE "collections"."state" = 'open';
CREATE INDEX `backend_operations_account` ON `backend_operations` (`organization_id`,`account_id`);
CREATE INDEX `backend_operations_under_way` ON `backend_operations` (`organization_id`,`lease_until_ms`) WHERE "backend_operations"."state" = 'under_way';
CREATE INDEX `backend_operations_to_tell` ON `backend_operations` (`organization_id`,`telling_from_ms`) WHERE "backend_operations"."ending" is not null and "backend_operations"."told_at_ms" is null;
CREATE INDEX `backend_operations_to_look_for` ON `backend_operations` (`organization_id`,`look_from_ms`) WHERE "backend_operations"."look_from_ms" is not null;
CREATE UNIQUE INDEX `signing_keys_key_id` ON `signing_keys` (`organization_id`,`key_id`);
CREATE INDEX `used_assertions_ends` ON `used_assertions` (`organization_id`,`ends_at_ms`);
CREATE UNIQUE INDEX `service_accounts_active_name` ON `service_accounts` (`organization_id`,`team_id`,`name`) WHERE "service_accounts"."revoked_at_ms" is null;
CREATE UNIQUE INDEX `service_accounts_active_identity` ON `service_accounts` (`organization_id`,`issuer`,`subject`) WHERE "service_accounts"."revoked_at_ms" is null;
CREATE INDEX `service_accounts_name` ON `service_accounts` (`organization_id`,`team_id`,`name`);
CREATE UNIQUE INDEX `service_accounts_backend_member` ON `service_accounts` (`organization_id`,`backend_member_id`) WHERE "service_accounts"."revoked_at_ms" is null;

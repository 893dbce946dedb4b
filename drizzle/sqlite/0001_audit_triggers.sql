-- The record is append-only, also for who holds the connection: no change, no removal, no replacement.
CREATE TRIGGER `audit_events_no_update` BEFORE UPDATE ON `audit_events`
BEGIN
	SELECT RAISE(ABORT, 'audit events are never changed');
END;
--> statement-breakpoint
CREATE TRIGGER `audit_events_no_delete` BEFORE DELETE ON `audit_events`
BEGIN
	SELECT RAISE(ABORT, 'audit events are never removed');
END;
--> statement-breakpoint
-- INSERT OR REPLACE removes rows without firing the trigger above.
CREATE TRIGGER `audit_events_in_order` BEFORE INSERT ON `audit_events`
WHEN NEW.`sequence` <> 1 + COALESCE((SELECT MAX(`sequence`) FROM `audit_events` WHERE `organization_id` = NEW.`organization_id`), 0)
BEGIN
	SELECT RAISE(ABORT, 'audit events are appended in order');
END;

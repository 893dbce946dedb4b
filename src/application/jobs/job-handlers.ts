import { auditHeadHandler } from '../audit/audit-heads.ts';
import { cardHandler } from '../cards/card-jobs.ts';
import { contactHandlers } from '../care/contact-jobs.ts';
import { expiryNoticeHandler } from '../care/expiry-notices.ts';
import { nearMatchHandler } from '../care/near-matches.ts';
import { unusedReviewHandler } from '../care/unused-reviews.ts';
import { rotationHandler } from '../keys/rotation-jobs.ts';
import { reminderHandler } from '../outside-changes/reminders.ts';
import { auditLogHandler } from '../outside-changes/watch-audit-log.ts';
import type { Ports } from '../ports/account-ports.ts';
import { requestHandler } from '../requests/request-job.ts';
import { accountHandlers } from './account-jobs.ts';
import type { JobHandlers } from './job-worker.ts';
import { notificationHandler } from './notification-jobs.ts';

/** Returns the handlers of all jobs. */
export function jobHandlers(ports: Ports): JobHandlers {
  const { isPaused } = ports.installation;
  return {
    ...accountHandlers(ports),
    notification: { ...notificationHandler(ports), isPaused },
    card: { ...cardHandler(ports), isPaused },
    rotation: rotationHandler(ports),
    reminder: reminderHandler(ports),
    expiry_notice: expiryNoticeHandler(ports),
    near_match: nearMatchHandler(ports),
    unused_review: unusedReviewHandler(ports),
    ...contactHandlers(ports),
    audit_log: auditLogHandler(ports),
    access_request: requestHandler(ports),
    audit_head: auditHeadHandler(ports),
  };
}

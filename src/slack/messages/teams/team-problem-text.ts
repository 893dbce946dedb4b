import type { TeamFormProblem } from '../../../application/teams/manage-teams.ts';
import type { PolicyFieldProblem } from '../../../application/teams/policy-choices.ts';
import type { TeamEditProblem } from '../../../domain/organization/team-edits.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../../domain/organization/team-name.ts';

/** Returns why a team wasn't changed. */
export function editProblemText(problem: TeamEditProblem): string {
  switch (problem) {
    case 'name_taken':
      return 'There’s already a team with this name, which may be archived. Choose another name, or run /wandb team show with this one.';
    case 'unknown_team':
      return 'This team doesn’t exist anymore. Run /wandb team list to see all teams.';
    case 'of_file':
      return 'This team comes from the teams file, so it can only be changed there.';
    case 'archived':
      return 'This team is archived. Restore it first.';
    case 'changed_meanwhile':
      return 'Someone else changed the settings of this team after you opened the form. Open it again to see them.';
    case 'too_few_approvers':
      return 'Name at least as many approvers as approvals are needed.';
    case 'username_taken':
      return 'Another person has the same W&B username, so runs would go to the wrong person. Enter the right one.';
  }
}

/** Plain text, for the field of a form. */
export function teamFormProblemText(problem: TeamFormProblem): string {
  if (problem.reason === 'contains_credential') {
    return 'Nothing was saved, but this key or token was sent to Slack. Remove it here. If it’s real, revoke it and create a new one.';
  }
  switch (problem.field) {
    case 'team_name':
      return `Use 1 to ${TEAM_NAME_MAX_LENGTH} visible characters without a slash, exactly as in W&B.`;
    case 'subjects':
      return problem.reason === 'too_many'
        ? 'Enter at most 50 patterns.'
        : 'Remove the invisible characters, and use at most 1,024 characters in each line.';
    case 'person':
      return 'Choose a full member of this workspace whose email address is confirmed.';
    case 'username':
      return 'A W&B username has 1 to 128 ASCII characters and no spaces.';
    case 'channel':
      return 'Choose a public or private channel of this workspace.';
    default:
      return policyFieldText(problem);
  }
}

function policyFieldText({ field, reason }: PolicyFieldProblem): string {
  if (reason === 'example_missing') return 'Enter a name that matches the pattern.';
  if (reason === 'example_mismatch') return 'The example doesn’t match the pattern.';
  if (field === 'name_pattern') {
    return 'A pattern of names has lowercase letters, digits, hyphens and "*", such as ci-*.';
  }
  return field === 'approvers'
    ? 'Write team_admins, organization_admins or an email address in each line, 50 at most.'
    : 'Choose one of these.';
}

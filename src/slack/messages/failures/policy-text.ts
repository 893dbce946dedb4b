import type { PolicyProblem, PolicySource } from '../../../domain/organization/policy.ts';

/** Returns the rule of a policy that stops a person, and who can change it. Plain text. */
export function policyProblemText(problem: PolicyProblem): string {
  return `${ruleText(problem)} ${whoSetText(problem.setBy)}`;
}

function ruleText(problem: PolicyProblem): string {
  switch (problem.rule) {
    case 'longest_key_life_days':
      return problem.isNever
        ? `Keys of this team must expire, after ${daysText(problem.days)} at most.`
        : `A key of this team may live ${daysText(problem.days)} at most.`;
    case 'required_fields':
      return 'Fill in this field: it’s required for accounts of this team.';
    case 'account_names':
      return `Names of this team’s accounts must match ${problem.pattern}, such as ${problem.example}.`;
  }
}

/** Returns who set a rule, and who can change it. */
export function whoSetText(setBy: PolicySource): string {
  switch (setBy) {
    case 'team':
      return 'This is the team’s policy. An organization admin can change it.';
    case 'organization':
      return 'This is the organization’s policy. An organization admin can change it.';
    case 'default':
      return 'An organization admin can change this with a policy.';
  }
}

export function daysText(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

/** The mutations of W&B's GraphQL API that a workload may send through the gateway: those of the official SDKs during a run. */
export const allowedMutations: ReadonlySet<string> = new Set([
  'agentHeartbeat',
  'commitArtifact',
  'completeMultipartUploadArtifact',
  'createAgent',
  'createArtifact',
  'createArtifactFiles',
  'createArtifactManifest',
  'createArtifactType',
  'createCustomChart',
  'createRunFiles',
  'linkArtifact',
  'markRunFilesUploaded',
  'notifyScriptableRunAlert',
  'rewindRun',
  'stopRun',
  'updateArtifact',
  'updateArtifactManifest',
  'upsertBucket',
  'upsertModel',
  'upsertSweep',
  'useArtifact',
]);

/**
 * Mutations that no setting may allow, in lower case: a workload could turn the upstream credential into one of its own, change
 * other people's rights, or send data elsewhere. W&B's schema of September 2024 and its SDKs have them.
 */
const refusedMutations: ReadonlySet<string> = new Set(
  [
    // Keys and tokens.
    'generateApiKey deleteApiKey createServiceAccount createAnonymousEntity claimAnonymousEntity createEntity',
    'createAccessToken updateAccessToken updateAccessTokenProjects revokeAccessToken revokeAccessTokenEmail',
    'createClient revokeClient resetPassword',
    // Federation, secrets and licenses.
    'createOAuthProvider deleteOAuthProvider insertSecret deleteSecret generateLocalLicense updateLocalLicense',
    // People and their rights.
    'createUser updateUser deleteUser undeleteUser purgeUser updateUserRole',
    'createUserEmail updateUserEmail deleteUserEmail createInvite deleteInvite',
    'createTeam deleteTeam updateMember updateEntity linkTeamToOrganization',
    'addUserToOrganization removeUserFromOrganization updateOrganizationUser',
    'createRole updateRole deleteRole addRolePermissions deleteRolePermissions',
    'createProjectMembers updateProjectMember updateProjectTeamMember deleteProjectMembers',
    'addWorkflowsAdmin deleteWorkflowsAdmin',
    // Ways to send data elsewhere, or to run code.
    'createGenericWebhookIntegration updateGenericWebhookIntegration testGenericWebhookIntegration',
    'createSlackIntegration createGitHubOAuthIntegration createIntegration createFilterTrigger updateFilterTrigger',
    'createRunQueue upsertRunQueue pushToRunQueue pushToRunQueueByName popFromRunQueue',
    'createLaunchAgent createDefaultResourceConfig upsertSharedView',
  ].flatMap((names) => names.toLowerCase().split(' ')),
);

/** For mutations of newer servers: the words that mark a credential in the names of fields too. */
const CREDENTIAL_WORDS = /apikey|accesstoken|secret|password|license|serviceaccount|oauth/i;

/** Returns whether no setting may allow this mutation. The case of letters doesn't matter. */
export function isRefusedMutation(name: string): boolean {
  return refusedMutations.has(name.toLowerCase()) || CREDENTIAL_WORDS.test(name);
}

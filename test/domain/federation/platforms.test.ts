import { describe, expect, test } from 'vitest';
import { likelyOtherIssuer } from '../../../src/domain/federation/platforms.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const GITLAB = 'https://gitlab.acme.test';
const UUID = '0a1b2c3d-0000-4000-8000-000000000000';

/** An issuer and a subject of each platform. */
const PLATFORMS = [
  ['github', GITHUB, 'repo:acme/train:ref:refs/heads/main'],
  ['github', 'https://github.acme.test/_services/token', 'repo:acme@1/train@2:ref:refs/heads/main'],
  ['github', 'https://token.actions.acme.ghe.com', 'repo:acme/train'],
  ['gitlab', GITLAB, 'project_path:acme/train:ref_type:branch:ref:main'],
  ['kubernetes', 'https://oidc.eks.eu-west-1.amazonaws.com/id/ABC', 'system:serviceaccount:ml:trainer'],
  ['kubernetes', 'https://kubernetes.default.svc.cluster.local', 'system:serviceaccount:ml:trainer'],
  [
    'kubernetes',
    `https://eastus.oic.prod-aks.azure.com/${UUID}/${UUID}/`,
    'system:serviceaccount:ml:trainer',
  ],
  ['spiffe', 'https://spire.acme.test', 'spiffe://acme.test/ns/ml/sa/trainer'],
  ['aws', 'https://abc.tokens.sts.global.api.aws', 'arn:aws:iam::123456789012:role/trainer'],
  ['google', 'https://accounts.google.com', '112233445566778899001'],
  ['azure', `https://sts.windows.net/${UUID}/`, UUID],
  ['azure', `https://login.microsoftonline.com/${UUID}/v2.0`, UUID],
  ['azure_devops', `https://vstoken.dev.azure.com/${UUID}`, 'sc://acme/ml/wandb'],
  ['buildkite', 'https://agent.buildkite.com', 'organization:acme:pipeline:train:ref:main'],
  ['terraform', 'https://app.terraform.io', 'organization:acme:project:ml:workspace:train:run_phase:apply'],
  ['circleci', `https://oidc.circleci.com/org/${UUID}`, `org/${UUID}/project/${UUID}/user/${UUID}`],
  [
    'bitbucket',
    'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    `{${UUID}}:{${UUID}}`,
  ],
  ['vercel', 'https://oidc.vercel.com/acme', 'owner:acme:project:train:environment:production'],
] as const;

describe('A subject', () => {
  test.each(PLATFORMS)('of %s is accepted under its issuer %s: %s', (_platform, issuer, subject) => {
    const offered = PLATFORMS.map(([, url]) => url);
    expect(likelyOtherIssuer(subject, issuer, offered)).toBeUndefined();
  });

  test.each(PLATFORMS)(
    'of %s is likely wrong under an issuer of another platform than %s: %s',
    (platform, issuer, subject) => {
      const chosen = platform === 'gitlab' ? GITHUB : GITLAB;
      expect(likelyOtherIssuer(subject, chosen, [chosen, issuer])).toEqual({ platform, issuer });
      expect(likelyOtherIssuer(subject, chosen, [chosen])).toEqual({ platform, issuer: undefined });
    },
  );

  test('under an issuer of an unknown system is questioned only if a more likely one is offered', () => {
    const own = 'https://idp.acme.test';
    const subject = 'repo:acme/train';
    expect(likelyOtherIssuer(subject, own, [own, GITLAB])).toBeUndefined();
    expect(likelyOtherIssuer(subject, own, [own, GITHUB])).toEqual({ platform: 'github', issuer: GITHUB });
    // Many systems have such subjects.
    expect(likelyOtherIssuer(UUID, own, [own, `https://sts.windows.net/${UUID}/`])).toBeUndefined();
    // A second cluster, on premises.
    const cluster = 'https://oidc.eks.eu-west-1.amazonaws.com/id/ABC';
    expect(likelyOtherIssuer('system:serviceaccount:ml:trainer', own, [own, cluster])).toBeUndefined();
    expect(likelyOtherIssuer('project_path:acme/train', own, [own, GITLAB])).toBeUndefined();
  });

  test('names no issuer if several offered ones are equally likely', () => {
    const another = 'https://github.acme.test/_services/token';
    expect(likelyOtherIssuer('repo:acme/train', GITLAB, [GITLAB, GITHUB, another])).toEqual({
      platform: 'github',
      issuer: undefined,
    });
  });

  test.each(['anything', 'acme/train', 'trainer@acme.test', 'repository_owner:acme', ''])(
    'of no known form is never questioned: %s',
    (subject) => {
      expect(likelyOtherIssuer(subject, GITHUB, [GITHUB, GITLAB])).toBeUndefined();
    },
  );
});

/** A system whose issuer gives its workloads JWTs with subjects of a recognizable form. */
export type Platform =
  | 'aws'
  | 'azure'
  | 'azure_devops'
  | 'bitbucket'
  | 'buildkite'
  | 'circleci'
  | 'github'
  | 'gitlab'
  | 'google'
  | 'kubernetes'
  | 'spiffe'
  | 'terraform'
  | 'vercel';

interface Forms {
  platform: Platform;
  /** The form of its subjects. */
  subject: RegExp;
  /** Its issuers, as far as their URLs tell: host and path. */
  issuer: RegExp;
  /** An issuer whose URL tells nothing may well have such subjects: others use this form, or organizations host the platform. */
  isAnywhere?: true;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** From the platforms' documentation of their OIDC tokens. */
const FORMS: readonly Forms[] = [
  {
    platform: 'github',
    subject: /^(?:repo|repository|job_workflow_ref):[^/:\s]+\/[^/:\s]+/i,
    // GitHub, GitHub Enterprise Cloud with data residency, GitHub Enterprise Server.
    issuer: /^token\.actions\.(?:githubusercontent\.com|[^/]+\.ghe\.com)(?:\/|$)|\/_services\/token\/?$/,
  },
  { platform: 'gitlab', subject: /^project_path:/, issuer: /^[^/]*gitlab/, isAnywhere: true },
  {
    platform: 'kubernetes',
    subject: /^system:serviceaccount:[^:]+:[^:]+$/,
    issuer:
      /^kubernetes\.default\.svc|^oidc\.eks\.|^container\.googleapis\.com\/|(?:^|\.)oic\.prod-aks\.azure\.com\//,
    isAnywhere: true,
  },
  { platform: 'spiffe', subject: /^spiffe:\/\//, issuer: /^[^/]*(?:spiffe|spire)/, isAnywhere: true },
  { platform: 'aws', subject: /^arn:aws[a-z-]*:/, issuer: /\.tokens\.sts\.global\.api\.aws\/?$/ },
  { platform: 'google', subject: /^\d{20,21}$/, issuer: /^accounts\.google\.com\/?$/, isAnywhere: true },
  {
    platform: 'azure',
    subject: new RegExp(`^${UUID}$`, 'i'),
    issuer: /^(?:sts\.windows\.net|login\.microsoftonline\.(?:com|us))\//,
    isAnywhere: true,
  },
  { platform: 'azure_devops', subject: /^(?:sc|p):\/\//, issuer: /^vstoken\.dev\.azure\.com\// },
  { platform: 'buildkite', subject: /^organization:[^:]+:pipeline:/, issuer: /^agent\.buildkite\.com\/?$/ },
  {
    platform: 'terraform',
    subject: /^organization:[^:]+:project:/,
    issuer: /^app(?:\.eu)?\.terraform\.io\/?$/,
  },
  {
    platform: 'circleci',
    subject: new RegExp(`^org/${UUID}/project/`, 'i'),
    issuer: /^oidc\.circleci\.com\//,
  },
  { platform: 'bitbucket', subject: new RegExp(`^\\{${UUID}\\}`, 'i'), issuer: /^api\.bitbucket\.org\// },
  { platform: 'vercel', subject: /^owner:[^:]+:project:/, issuer: /^oidc\.vercel\.com(?:\/|$)/ },
];

function formsOfIssuer(url: string): Forms | undefined {
  const place = url.replace(/^https?:\/\//i, '').toLowerCase();
  return FORMS.find(({ issuer }) => issuer.test(place));
}

/** The issuer that a subject probably belongs to. `issuer`: its URL, if one offered issuer is of that platform. */
export interface LikelyIssuer {
  platform: Platform;
  issuer: string | undefined;
}

/**
 * Returns the other issuer that a subject looks like. Returns undefined if the chosen issuer is plausible: it belongs to the
 * subject's platform, or it isn't known to belong to another one and no offered issuer is more likely.
 */
export function likelyOtherIssuer(
  subject: string,
  chosen: string,
  offered: readonly string[],
): LikelyIssuer | undefined {
  const forms = FORMS.find((platform) => platform.subject.test(subject));
  const formsOfChosen = formsOfIssuer(chosen);
  if (forms === undefined || formsOfChosen === forms) return undefined;
  const likely = offered.filter((url) => formsOfIssuer(url) === forms);
  if (formsOfChosen === undefined && (forms.isAnywhere || likely.length === 0)) return undefined;
  return { platform: forms.platform, issuer: likely.length === 1 ? likely[0] : undefined };
}

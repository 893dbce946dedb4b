import { expect, it } from 'vitest';
import type { ConfiguredCaller } from '../../src/sandbox/wandb/caller.ts';
import type { Capabilities } from '../../src/sandbox/wandb/capabilities.ts';
import { wandbPresets } from '../../src/sandbox/wandb/wandb-presets.ts';
import { startWandb } from '../sandbox/wandb/wandb-calls.ts';
import { doctorOf } from './wandb-doctor.ts';

type Lines = Record<'kind' | 'scim' | 'auditLog', string>;

const person = '! W&B credential, kind: a person’s API key';
const serviceAccount = '✓ W&B credential, kind: a service account’s API key';
const scim = '✓ W&B, SCIM: Keysmith reads people, deactivations and all teams through it';
const auditLog = '✓ W&B, audit log: readable, not followed';

const cases: [who: string, ConfiguredCaller, Partial<Capabilities>, Lines][] = [
  [
    'a service account of the organization',
    'organization_service_account',
    {},
    { kind: serviceAccount, scim, auditLog },
  ],
  [
    'an admin, on a server that takes Bearer',
    'organization_admin',
    { scimTakesBearer: true },
    { kind: person, scim, auditLog },
  ],
  ['an admin, on an older server', 'organization_admin', {}, { kind: person, scim, auditLog }],
  [
    'a team admin',
    { adminOf: ['ml-platform'] },
    {},
    {
      kind: person,
      scim: '! W&B, SCIM: this credential isn’t allowed to use it',
      auditLog: '! W&B, audit log: this credential isn’t allowed to read it',
    },
  ],
  [
    'an account of the organization, on a server without both',
    'organization_service_account',
    { hasScim: false, auditLog: 'off' },
    {
      kind: serviceAccount,
      scim: '! W&B, SCIM: the server doesn’t have it',
      auditLog: '✓ W&B, audit log: the server doesn’t have it',
    },
  ],
  [
    'an account that may not read the audit log',
    'organization_service_account',
    { auditLog: 'forbidden' },
    { kind: serviceAccount, scim, auditLog: '! W&B, audit log: this credential isn’t allowed to read it' },
  ],
];

it.each(cases)(
  'the doctor says what the key of %s may do, by reading only',
  async (_, caller, capabilities, lines) => {
    const wandb = await startWandb({
      caller,
      capabilities: { hasScim: true, auditLog: 'on', ...capabilities },
    });
    const methods: unknown[] = [];
    const { code, report } = await doctorOf(
      { WANDB_BASE_URL: wandb.baseUrl, WANDB_API_KEY: wandb.apiKey },
      {
        fetch: (input, init) => {
          if (!String(input).endsWith('/graphql')) methods.push(init?.method);
          return fetch(input, init);
        },
      },
    );
    expect(new Set(methods)).toEqual(new Set(['GET']));
    for (const line of Object.values(lines)) {
      expect(report).toContain(line);
      if (line.startsWith('!')) expect(report.split(line)[1]).toMatch(/^.*\n {4}\w/);
    }
    expect(code).toBe(0);
  },
);

it.each([
  ['on' as const, '✓ W&B, audit log: readable, followed'],
  ['off' as const, '! W&B, audit log: the server doesn’t have it'],
])('the doctor checks an audit log that Keysmith follows, which the server has %s', async (log, line) => {
  const wandb = await startWandb({ caller: 'organization_service_account', capabilities: { auditLog: log } });
  const { report } = await doctorOf({
    WANDB_BASE_URL: wandb.baseUrl,
    WANDB_API_KEY: wandb.apiKey,
    KEYSMITH_WANDB_AUDIT_LOG: 'on',
  });
  expect(report).toContain(line);
});

it('the doctor reports a problem when SCIM fails, since Keysmith then checks no permission', async () => {
  const wandb = await startWandb({ caller: 'organization_service_account', capabilities: { hasScim: true } });
  const { code, report } = await doctorOf(
    { WANDB_BASE_URL: wandb.baseUrl, WANDB_API_KEY: wandb.apiKey },
    {
      fetch: (input, init) =>
        String(input).includes('/scim/')
          ? Promise.resolve(new Response('', { status: 503 }))
          : fetch(input, init),
    },
  );
  expect(report).toContain('✗ W&B, SCIM: the server returned an internal error (HTTP 503)');
  expect(code).toBe(1);
});

it('the doctor’s report doesn’t contain the key as SCIM gets it, not even when the server quotes it', async () => {
  const wandb = await startWandb({ caller: 'organization_service_account' });
  const basic = Buffer.from(`:${wandb.apiKey}`).toString('base64');
  const { report } = await doctorOf(
    { WANDB_BASE_URL: wandb.baseUrl, WANDB_API_KEY: wandb.apiKey },
    {
      fetch: (input, init) =>
        String(input).endsWith('/graphql')
          ? fetch(input, init)
          : Promise.resolve(Response.json({ detail: `bad: ${basic} ${wandb.apiKey}` }, { status: 409 })),
    },
  );
  expect(report).toContain('W&B, SCIM');
  expect(report).not.toContain(basic.slice(4, 40));
});

it('the doctor accepts a key that manages the organization without being an admin in GraphQL', async () => {
  const wandb = await startWandb({ caller: 'organization_service_account', capabilities: { hasScim: true } });
  const { code, report } = await doctorOf(
    { WANDB_BASE_URL: wandb.baseUrl, WANDB_API_KEY: wandb.apiKey },
    {
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        const text = await response.text();
        return new Response(text.replaceAll('"admin":true', '"admin":false'), response);
      },
    },
  );
  expect(report).toContain('✓ W&B credential, permissions: manages the organization, with every team');
  expect(code).toBe(0);
});

it.each(Object.entries(wandbPresets))(
  'the doctor finds no problem on a W&B server of version %s with the key of the organization',
  async (_, capabilities) => {
    const wandb = await startWandb({ caller: 'organization_service_account', capabilities });
    const { code, report } = await doctorOf({ WANDB_BASE_URL: wandb.baseUrl, WANDB_API_KEY: wandb.apiKey });
    for (const line of [serviceAccount, scim, auditLog]) expect(report).toContain(line);
    const minor = Number(capabilities.version?.split('.')[1]);
    const [returnsKeys, api] = [minor < 77, minor < 81 ? 'GraphQL' : 'SCIM'];
    expect(report).toContain(`✓ W&B, service accounts: created and deleted through ${api}`);
    expect(report).toContain(`${returnsKeys ? '✓' : '!'} W&B, API keys`);
    expect(code).toBe(0);
  },
);

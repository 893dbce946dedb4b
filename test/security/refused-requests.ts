import {
  ADA_ID,
  blockActions,
  FORM,
  type GateClient,
  homeOpened,
  jsonHeaders,
  messageAction,
  payloadForm,
  type RefusedRequest,
  send,
  sendSigned,
  signedHeaders,
} from './signed-request.ts';

/** Returns requests without a valid signature. */
export function unsignedRequests({
  url,
  command,
  signed,
  withHeaders,
  without,
  nowSeconds,
}: GateClient): RefusedRequest[] {
  return [
    [
      'an unsigned request',
      () => send(url(), { headers: { 'content-type': FORM }, body: command() }),
      401,
      'signature_missing',
    ],
    ['a request without a signature', () => without('x-slack-signature'), 401, 'signature_missing'],
    ['a request without a timestamp', () => without('x-slack-request-timestamp'), 401, 'signature_missing'],
    ['an empty signature', () => withHeaders({ 'x-slack-signature': '' }), 401, 'signature_wrong'],
    [
      'a signature of another secret',
      () => sendSigned(url(), command(), { timestampSeconds: nowSeconds, secret: 'f'.repeat(32) }),
      401,
      'signature_wrong',
    ],
    [
      'a signature of the right length and wrong digits',
      () => withHeaders({ 'x-slack-signature': `v0=${'0'.repeat(64)}` }),
      401,
      'signature_wrong',
    ],
    [
      'a signature that is too short',
      () => withHeaders({ 'x-slack-signature': 'v0=00' }),
      401,
      'signature_wrong',
    ],
    [
      'a signature that is too long',
      () => withHeaders({ 'x-slack-signature': `v0=${'0'.repeat(640)}` }),
      401,
      'signature_wrong',
    ],
    [
      'a signature in letters that are not ASCII',
      () => withHeaders({ 'x-slack-signature': `v0=${'é'.repeat(64)}` }),
      401,
      'signature_wrong',
    ],
    [
      'another version of signatures',
      () =>
        withHeaders({
          'x-slack-signature':
            signedHeaders(command(), { timestampSeconds: nowSeconds })['x-slack-signature']?.replace(
              'v0=',
              'v1=',
            ) ?? '',
        }),
      401,
      'signature_wrong',
    ],
    [
      'the right signature in capitals',
      () => {
        const body = command();
        return withHeaders(
          {
            'x-slack-signature':
              signedHeaders(body, { timestampSeconds: nowSeconds })['x-slack-signature']?.toUpperCase() ?? '',
          },
          body,
        );
      },
      401,
      'signature_wrong',
    ],
    [
      'two signatures',
      () => {
        const body = command();
        const right = signedHeaders(body, { timestampSeconds: nowSeconds })['x-slack-signature'] ?? '';
        return withHeaders({ 'x-slack-signature': [right, right] }, body);
      },
      401,
      'signature_wrong',
    ],
    [
      'two timestamps',
      () => withHeaders({ 'x-slack-request-timestamp': [String(nowSeconds), String(nowSeconds)] }),
      401,
      'signature_missing',
    ],
    [
      'a timestamp of another request',
      () => withHeaders({ 'x-slack-request-timestamp': String(nowSeconds - 1) }),
      401,
      'signature_wrong',
    ],
    [
      'a timestamp that is not a number',
      () => withHeaders({ 'x-slack-request-timestamp': 'now' }),
      401,
      'signature_missing',
    ],
    ['a negative timestamp', () => signed(command(), -nowSeconds), 401, 'signature_missing'],
    ['a timestamp with a fraction', () => signed(command(), nowSeconds + 0.5), 401, 'signature_missing'],
    [
      'a body that was changed after it was signed',
      () =>
        send(url(), {
          headers: signedHeaders(command('list'), { timestampSeconds: nowSeconds }),
          body: command('help'),
        }),
      401,
      'signature_wrong',
    ],
    ['a request of 301 seconds ago', () => signed(command(), nowSeconds - 301), 401, 'timestamp_stale'],
    ['a request of the beginning of time', () => signed(command(), 0), 401, 'timestamp_stale'],
    ['a request from 301 seconds ahead', () => signed(command(), nowSeconds + 301), 401, 'timestamp_future'],
    ['a request from an hour ahead', () => signed(command(), nowSeconds + 3600), 401, 'timestamp_future'],
    [
      'a form that only mentions a certificate check',
      () =>
        send(url(), {
          headers: { 'content-type': FORM },
          body: `${command('help')}&x=ssl_check=1&ssl_check=0`,
        }),
      401,
      'signature_missing',
    ],
    [
      'a certificate check with more fields than Slack sends',
      () => send(url(), { headers: { 'content-type': FORM }, body: `ssl_check=1${'&a=b'.repeat(100)}` }),
      401,
      'signature_missing',
    ],
  ];
}

/** Returns signed requests that Slack never sends. */
export function malformedRequests({
  url,
  command,
  signed,
  withHeaders,
  without,
  nowSeconds,
}: GateClient): RefusedRequest[] {
  return [
    [
      'another HTTP method',
      () => {
        const body = command();
        return send(url(), {
          method: 'PUT',
          headers: signedHeaders(body, { timestampSeconds: nowSeconds }),
          body,
        });
      },
      405,
      'method',
    ],
    ['a GET', () => send(url(), { method: 'GET' }), 405, 'method'],
    [
      'a DELETE whose query only ends like a certificate check',
      () => send(`${url()}?command=/wandb&x?ssl_check=1`, { method: 'DELETE' }),
      405,
      'method',
    ],
    [
      'a form with a charset, which Slack never sends',
      () => withHeaders({ 'content-type': `${FORM}; charset=utf-8` }),
      415,
      'content_type',
    ],
    [
      'JSON with a charset, which Slack never sends',
      () => withHeaders({ 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(homeOpened())),
      415,
      'content_type',
    ],
    [
      'a multipart form',
      () => withHeaders({ 'content-type': 'multipart/form-data; boundary=x' }),
      415,
      'content_type',
    ],
    ['no content type', () => without('content-type'), 415, 'content_type'],
    ['an empty body', () => signed(''), 400, 'command_shape'],
    ['neither payload nor command', () => signed('a=1&b=2'), 400, 'command_shape'],
    ['a command without a user', () => signed(command('help', { user_id: '' })), 400, 'command_shape'],
    ['a command without a slash', () => signed(command('help', { command: 'wandb' })), 400, 'command_shape'],
    [
      'a user ID of a thousand characters',
      () => signed(command('help', { user_id: 'U'.repeat(1000) })),
      400,
      'command_shape',
    ],
    ['a payload of null', () => signed('payload=null'), 400, 'payload_shape'],
    ['a payload of []', () => signed('payload=[]'), 400, 'payload_shape'],
    ['a payload of 1', () => signed('payload=1'), 400, 'payload_shape'],
    ['a payload of text', () => signed(payloadForm('block_actions')), 400, 'payload_shape'],
    ['an empty payload', () => signed('payload='), 400, 'payload_json'],
    ['a payload of broken JSON', () => signed('payload={"type":'), 400, 'payload_json'],
    [
      'a payload that is not UTF-8',
      () => signed(Buffer.from([...Buffer.from('payload='), 0xff, 0xfe, 0xc3, 0x28])),
      400,
      'payload_json',
    ],
    [
      'a payload of percent-encoded bytes that are not UTF-8',
      () => signed('payload=%ff%fe%c3%28'),
      400,
      'payload_json',
    ],
    ['a thousand zero bytes', () => signed(Buffer.alloc(1000)), 400, 'command_shape'],
    [
      'an unknown type of payload',
      () => signed(payloadForm({ type: 'dialog_submission', user: { id: ADA_ID } })),
      400,
      'payload_shape',
    ],
    [
      'an event in a form',
      () => signed(payloadForm({ type: 'event_callback', event: { type: 'message' } })),
      400,
      'payload_shape',
    ],
    [
      'a payload without a person',
      () => signed(payloadForm({ type: 'view_submission', view: { id: 'V1' } })),
      400,
      'payload_shape',
    ],
    [
      'an empty list of actions',
      () => signed(payloadForm(blockActions({ actions: [] }))),
      400,
      'payload_shape',
    ],
    [
      'actions that are not a list',
      () => signed(payloadForm(blockActions({ actions: { 0: {} } }))),
      400,
      'payload_shape',
    ],
    [
      'the same payload field twice',
      () => signed(`${payloadForm(blockActions())}&${payloadForm(blockActions())}`),
      400,
      'field_repeated',
    ],
    ['the same command field twice', () => signed(`${command()}&command=%2Fwandb`), 400, 'field_repeated'],
    ['two user IDs', () => signed(`${command()}&user_id=U0CYX00003`), 400, 'field_repeated'],
    [
      'a payload in JSON that is nested half a million deep',
      () => signed(`payload=${'['.repeat(500_000)}${']'.repeat(500_000)}`),
      400,
      'payload_shape',
    ],
    [
      'a list that opens a million times',
      () => signed(`payload=${'['.repeat(1_000_000)}`),
      400,
      'payload_shape',
    ],
    [
      'a message with more texts than a message can have',
      () =>
        signed(payloadForm(messageAction({ blocks: Array.from({ length: 20_000 }, (_, at) => `${at}`) }))),
      400,
      'payload_shape',
    ],
    [
      'a message with a text of two hundred thousand characters',
      () => signed(payloadForm(messageAction({ text: 'x'.repeat(200_000) }))),
      400,
      'payload_shape',
    ],
    [
      'a field with a million characters',
      () => signed(payloadForm(blockActions({ trigger_id: 'x'.repeat(1_000_000) }))),
      400,
      'payload_shape',
    ],
    ['twenty thousand fields', () => signed('a&'.repeat(20_000)), 400, 'too_many_fields'],
    [
      'a response URL of a hundred thousand characters',
      () => signed(command('help', { response_url: 'x'.repeat(100_000) })),
      400,
      'command_shape',
    ],
  ];
}

/** Returns events that Slack never sends: forged ones, and signed ones of another shape. */
export function refusedEvents({ url, signedEvent, nowSeconds }: GateClient): RefusedRequest[] {
  const event = JSON.stringify(homeOpened());
  const post = (headers: Record<string, string>, body = event) =>
    send(url(), { headers: { 'content-type': 'application/json', ...headers }, body });
  const signedShape =
    (change: object): RefusedRequest[1] =>
    () =>
      signedEvent({ ...homeOpened(), ...change });
  const opened = homeOpened().event;
  return [
    ['an event without a signature', () => post({}), 401, 'signature_missing'],
    [
      'an event with a signature of another secret',
      () => post(jsonHeaders(event, { timestampSeconds: nowSeconds, secret: 'f'.repeat(32) })),
      401,
      'signature_wrong',
    ],
    [
      'an event that was changed after it was signed',
      () => post(jsonHeaders(event, { timestampSeconds: nowSeconds }), event.replace(ADA_ID, 'U0CYX00003')),
      401,
      'signature_wrong',
    ],
    [
      'an event of 301 seconds ago',
      () => post(jsonHeaders(event, { timestampSeconds: nowSeconds - 301 })),
      401,
      'timestamp_stale',
    ],
    ['a certificate check in JSON', () => post({}, '{"ssl_check":"1"}'), 401, 'signature_missing'],
    [
      'an event larger than half a mebibyte',
      () => signedEvent({ ...homeOpened(), view: 'x'.repeat(512 * 1024) }),
      413,
      'too_large',
    ],
    ['an event of broken JSON', () => signedEvent('{"type":'), 400, 'event_json'],
    ['an empty event', () => signedEvent(''), 400, 'event_json'],
    ['a form that is sent as JSON', () => signedEvent(payloadForm(blockActions())), 400, 'event_json'],
    ['null as an event', () => signedEvent('null'), 400, 'event_shape'],
    ['a list as an event', () => signedEvent('[]'), 400, 'event_shape'],
    [
      'a list that is nested ten thousand deep as an event',
      () => signedEvent('['.repeat(10_000)),
      400,
      'event_shape',
    ],
    ['a click that is sent as JSON', () => signedEvent(blockActions()), 400, 'event_shape'],
    ['an event without an ID', signedShape({ event_id: undefined }), 400, 'event_shape'],
    ['an event without a workspace', signedShape({ team_id: undefined }), 400, 'event_shape'],
    ['an event without a type', signedShape({ event: {} }), 400, 'event_shape'],
    ['an event in a list', signedShape({ event: [opened] }), 400, 'event_shape'],
    [
      'an opened Home tab without a person',
      signedShape({ event: { ...opened, user: '' } }),
      400,
      'event_shape',
    ],
    [
      'an opened Home tab of a person with a name of a thousand characters',
      signedShape({ event: { ...opened, user: 'U'.repeat(1000) } }),
      400,
      'event_shape',
    ],
    ['an opened tab without a name', signedShape({ event: { ...opened, tab: 1 } }), 400, 'event_shape'],
    [
      'a challenge of a thousand characters',
      () => signedEvent({ type: 'url_verification', challenge: 'x'.repeat(1000) }),
      400,
      'event_shape',
    ],
    [
      'a challenge with a line break',
      () => signedEvent({ type: 'url_verification', challenge: 'x\r\nSet-Cookie: a=b' }),
      400,
      'event_shape',
    ],
  ];
}

import { Transform } from 'node:stream';
import type { UpstreamCredential } from '../../../application/gateway/upstream-credential.ts';

/**
 * Hides Keysmith's credential where the W&B server, or a proxy in front of it, repeats what it received: in an error page, a trace or
 * a redirect. Each of its characters becomes an asterisk, so that lengths stay right.
 */
export interface CredentialEcho {
  hideIn(text: string): string;
  hideInBytes(bytes: Buffer): Buffer;
  /** Returns a stream that holds back nothing but what may be the beginning of the credential. */
  createStream(): Transform;
}

/** No credential of W&B's is shorter. */
const MIN_LENGTH = 16;
const ASTERISK = '*';

/**
 * @param onFound called each time
 * @param forms can be kept, as every request needs those of a credential
 */
export function createCredentialEcho(
  credential: Pick<UpstreamCredential, 'authorization'>,
  onFound: () => void,
  forms: EchoForms = echoForms(credential),
): CredentialEcho {
  const { texts, bytes } = forms;
  return {
    hideIn(text) {
      if (text.length < MIN_LENGTH) return text;
      return texts.reduce((hidden, form) => {
        if (!hidden.includes(form)) return hidden;
        onFound();
        return hidden.replaceAll(form, ASTERISK.repeat(form.length));
      }, text);
    },
    hideInBytes: (body) => hide(body, bytes, onFound),
    createStream: () => createHidingStream(bytes, onFound),
  };
}

/** The ways in which a server writes a credential. */
export interface EchoForms {
  texts: readonly string[];
  bytes: readonly Buffer[];
}

export function echoForms({ authorization }: Pick<UpstreamCredential, 'authorization'>): EchoForms {
  const texts = formsOf(authorization.reveal());
  return { texts, bytes: texts.map((text) => Buffer.from(text)) };
}

/** Returns the ways in which a server writes a credential that it received: as it is, decoded, in a URL, and in JSON. */
function formsOf(authorization: string): string[] {
  const [scheme = '', sent = ''] = authorization.split(' ');
  const value = sent.replace(/=+$/, '');
  const decoded = Buffer.from(sent, 'base64').toString();
  const key = scheme === 'Basic' ? [decoded.slice(decoded.indexOf(':') + 1)] : [];
  const forms = [value, ...key].flatMap((form) => [
    form,
    encodeURIComponent(form),
    form.replaceAll('/', '\\/'),
  ]);
  return [...new Set(forms)].filter((form) => form.length >= MIN_LENGTH);
}

function createHidingStream(forms: readonly Buffer[], onFound: () => void): Transform {
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = hide(held.length === 0 ? chunk : Buffer.concat([held, chunk]), forms, onFound);
      const end = bytes.length - longestBeginning(bytes, forms);
      held = bytes.subarray(end);
      done(null, bytes.subarray(0, end));
    },
    flush: (done) => done(null, held),
  });
}

function hide(bytes: Buffer, forms: readonly Buffer[], onFound: () => void): Buffer {
  let hidden = bytes;
  for (const form of forms) {
    for (let at = hidden.indexOf(form); at !== -1; at = hidden.indexOf(form, at + form.length)) {
      onFound();
      // The bytes belong to the connection.
      if (hidden === bytes) hidden = Buffer.from(bytes);
      hidden.fill(ASTERISK, at, at + form.length);
    }
  }
  return hidden;
}

/** Returns how many bytes at the end are the beginning of one of the forms. */
function longestBeginning(bytes: Buffer, forms: readonly Buffer[]): number {
  let longest = 0;
  for (const form of forms) {
    const end = bytes.subarray(Math.max(0, bytes.length - form.length + 1));
    for (let at = end.indexOf(form[0] ?? 0); at !== -1; at = end.indexOf(form[0] ?? 0, at + 1)) {
      const length = end.length - at;
      if (end.compare(form, 0, length, at) !== 0) continue;
      longest = Math.max(longest, length);
      break;
    }
  }
  return longest;
}

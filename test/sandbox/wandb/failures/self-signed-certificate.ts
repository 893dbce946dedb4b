import { generateKeyPairSync, sign } from 'node:crypto';

/** Creates a self-signed certificate for 127.0.0.1 and the host name, valid for a day. */
export function selfSignedCertificate(hostname = 'localhost'): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Date.now();
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.of(1)),
    ecdsaWithSha256,
    name,
    sequence(utcTime(now - day), utcTime(now + day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(isAuthority, alternativeNames(hostname))),
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, ecdsaWithSha256, tagged(0x03, Buffer.of(0), signature));
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

const day = 24 * 60 * 60 * 1000;

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: Buffer[]) => tagged(0x30, ...parts);
const objectId = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'));
const utcTime = (ms: number) =>
  tagged(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
const commonName = sequence(objectId('550403'), tagged(0x0c, Buffer.from('Local W&B')));
const name = sequence(tagged(0x31, commonName));
const yes = tagged(0x01, Buffer.of(0xff));
const isAuthority = sequence(objectId('551d13'), yes, tagged(0x04, sequence(yes)));
const alternativeNames = (hostname: string) =>
  sequence(
    objectId('551d11'),
    tagged(0x04, sequence(tagged(0x82, Buffer.from(hostname)), tagged(0x87, Buffer.of(127, 0, 0, 1)))),
  );

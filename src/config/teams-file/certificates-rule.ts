import { X509Certificate } from 'node:crypto';
import type { ValueRule } from './value-rules.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** PEM certificates, without the words that some programs write between them. */
export const certificatesRule: ValueRule = (text) => {
  if (text.includes('PRIVATE KEY-----')) {
    return refuse('A private key stands here: take it out, and replace it where it is in use.');
  }
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0 || text.replace(CERTIFICATE, '').includes('-----')) {
    return refuse(
      'Expected certificates in PEM: "|", then the lines from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
    );
  }
  const broken = certificates.findIndex((certificate) => !isCertificate(certificate));
  if (broken >= 0) return refuse(`Certificate ${broken + 1} here can not be read: copy it again.`);
  const lines = certificates.map((certificate) => certificate.replaceAll('\r', ''));
  return { ok: true, value: `${lines.join('\n')}\n` };
};

function refuse(message: string) {
  return { ok: false as const, message };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

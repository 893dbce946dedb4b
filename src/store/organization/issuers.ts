import { isDeepStrictEqual } from 'node:util';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { JSONWebKeySet } from 'jose';
import { type Issuer, issuerKeyRules } from '../../domain/federation/issuer.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { issuerKeySets, issuers } from '../schema/schema.ts';

const issuerColumns = {
  url: issuers.url,
  isSingleUse: issuers.isSingleUse,
  isPrivateNetwork: issuers.isPrivateNetwork,
  ca: issuers.ca,
  jwks: issuers.jwks,
  jwksUrl: issuers.jwksUrl,
  maxLifetimeSeconds: issuers.maxLifetimeSeconds,
};

/** Returns the issuers that weren't removed, in the order of the teams file. */
export function readRegisteredIssuers(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): Issuer[] {
  return db
    .select(issuerColumns)
    .from(issuers)
    .where(and(eq(issuers.organizationId, organizationId), isNull(issuers.removedAtMs)))
    .orderBy(issuers.position, issuers.url)
    .all()
    .map(toIssuer);
}

export function readIssuer(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  url: string,
): Issuer | undefined {
  const row = db.once(issuerByUrl).get({ organizationId, url });
  return row && toIssuer(row);
}

const issuerByUrl = (db: SqliteConnection) =>
  db
    .select(issuerColumns)
    .from(issuers)
    .where(
      and(
        eq(issuers.organizationId, organizationParameter),
        eq(issuers.url, sql.placeholder('url')),
        isNull(issuers.removedAtMs),
      ),
    )
    .prepare();

type Nullable<Key extends keyof Issuer> = { [Name in Key]: Exclude<Issuer[Name], undefined> | null };

function toIssuer({
  ca,
  jwks,
  jwksUrl,
  ...same
}: Omit<Issuer, 'ca' | 'jwks' | 'jwksUrl'> & Nullable<'ca' | 'jwks' | 'jwksUrl'>): Issuer {
  return { ...same, ca: ca ?? undefined, jwks: jwks ?? undefined, jwksUrl: jwksUrl ?? undefined };
}

export function readIssuerKeySet(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  url: string,
): { jwks: JSONWebKeySet; fetchedAtMs: number } | undefined {
  return db
    .select({ jwks: issuerKeySets.jwks, fetchedAtMs: issuerKeySets.fetchedAtMs })
    .from(issuerKeySets)
    .where(and(eq(issuerKeySets.organizationId, organizationId), eq(issuerKeySets.url, url)))
    .get();
}

/** Does nothing if the issuer was removed since, or if its key-fetching rules changed. */
export function saveIssuerKeySet(
  tx: SqliteConnection,
  context: OrganizationContext,
  { issuer, jwks, fetchedAtMs }: { issuer: Issuer; jwks: JSONWebKeySet; fetchedAtMs: number },
): void {
  const { organizationId } = context;
  const { url } = issuer;
  const registered = readIssuer(tx, context, url);
  if (registered === undefined || issuerKeyRules(registered) !== issuerKeyRules(issuer)) return;
  tx.insert(issuerKeySets)
    .values({ organizationId, url, jwks, fetchedAtMs })
    .onConflictDoUpdate({
      target: [issuerKeySets.organizationId, issuerKeySets.url],
      set: { jwks, fetchedAtMs },
    })
    .run();
}

export function forgetIssuerKeySet(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  url: string,
): void {
  tx.delete(issuerKeySets)
    .where(and(eq(issuerKeySets.organizationId, organizationId), eq(issuerKeySets.url, url)))
    .run();
}

/** Returns the URLs of the issuers that weren't removed, in the order of the teams file. */
export function readIssuerUrls(db: SqliteConnection, { organizationId }: OrganizationContext): string[] {
  return db
    .select({ url: issuers.url })
    .from(issuers)
    .where(and(eq(issuers.organizationId, organizationId), isNull(issuers.removedAtMs)))
    .orderBy(asc(issuers.position), asc(issuers.url))
    .all()
    .map(({ url }) => url);
}

/** Stores the order of the teams file, which changes nothing but what people see: it has no audit event. */
export function saveIssuerOrder(
  tx: SqliteConnection,
  context: OrganizationContext,
  urls: readonly string[],
): void {
  if (isDeepStrictEqual(readIssuerUrls(tx, context), urls)) return;
  for (const [position, url] of urls.entries()) {
    tx.update(issuers)
      .set({ position })
      .where(and(eq(issuers.organizationId, context.organizationId), eq(issuers.url, url)))
      .run();
  }
}

/** Inserted only for the account's foreign key. The server decides whether it accepts the issuer. */
export function ensureIssuer(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  url: string | undefined,
  addedAtMs: number,
): void {
  if (url === undefined) return;
  tx.insert(issuers).values({ organizationId, url, addedAtMs }).onConflictDoNothing().run();
}

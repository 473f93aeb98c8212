import { assertProperties, assertRecord, assertText } from '../../arguments.ts';
import type { HbaFile } from '../../hba/file.ts';
import type { PlacedRule } from '../rules/access-rule.ts';
import { type AccessFacts, assertFacts, type NeededFact } from '../rules/facts.ts';
import { type AccessInput, inputOf, serverFactsOf, whyNotOffered } from '../rules/input.ts';
import { refusalOfMap } from '../rules/map-key.ts';
import { readRules, refusalOf } from '../rules/read-rules.ts';
import { type ClientCertificate, comparedCommonName } from './certificate-name.ts';
import { type Connection, readConnection } from './connection.ts';
import { judgeClient, type RefusalCause } from './judge-client.ts';
import { type FileRefused, findRules } from './match-rule.ts';
import { rejectionMessage } from './rejection.ts';

/** A connection and the proofs of identity of its client. */
export interface ClientConnection extends Connection {
  /** The client certificate. Its chain is assumed to be trusted. */
  readonly certificate?: ClientCertificate | undefined;
  /**
   * The identity that the authentication method found: an operating-system user, a Kerberos principal or a token
   * subject.
   */
  readonly systemUser?: string | undefined;
}

/** The outcome of a connection. */
export type Authentication =
  | {
      /**
       * `admitted`: the server lets the client in. `password`: the server lets the client in if the password is right.
       */
      readonly kind: 'admitted' | 'password';
      /** The reason for the outcome, in words. */
      readonly reason: string;
      /** The rule that decides the connection. */
      readonly rule: PlacedRule;
    }
  | {
      /** The server refuses the client, whatever password the client sends. */
      readonly kind: 'refused';
      /** Why the server refuses the client. */
      readonly because: RefusalCause;
      /**
       * The message that the server sends to the client. If the server offers no connection over the transport, for
       * example because `ssl` is off, the reason in words.
       */
      readonly reason: string;
      /** A further message that the server writes to its log. */
      readonly log?: string;
      /** The deciding rule, if a rule matches. */
      readonly rule?: PlacedRule;
    }
  | {
      /** The outcome depends on facts that were not given. */
      readonly kind: 'unknown';
      /** The reason for the outcome, in words. */
      readonly reason: string;
      /** The facts that the caller must give for a certain outcome. */
      readonly needs: readonly NeededFact[];
      /** The rules of which one can be the deciding rule, if the deciding rule is uncertain. */
      readonly possible: readonly PlacedRule[];
    }
  | FileRefused;

/**
 * Returns whether the server lets a connection in, by the deciding rule, its method, `clientcert`, `clientname` and
 * `map` (`ClientAuthentication`). The function assumes that the role may log in and connect, and that the database
 * exists. If the facts contain `roles`, a role that is not in the list is refused; otherwise, the role is assumed to
 * exist.
 *
 * @param input the files; pg_hba.conf alone is enough if no rule names a map. Methods `gss` and `sspi` also need the
 * setting `krb_caseins_users`
 * @param connection the connection, with the client's certificate
 * @param facts facts about the server that are not in the files
 * @returns `admitted`, `refused` with the server's message, `password` if only a password decides, or `unknown`
 * @throws PgHostsslError `argument-invalid` for a connection that no client can make; `name-invalid` for an invalid
 * subject
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { authenticate } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const hba = HbaFile.parse('hostssl all all 0.0.0.0/0 cert\n');
 * const connection = { transport: 'ssl', address: '10.0.0.1', database: 'app', user: 'alice' } as const;
 * assert.equal(authenticate({ hba }, { ...connection, certificate: { subject: 'CN=alice' } }).kind, 'admitted');
 * const other = authenticate({ hba }, { ...connection, certificate: { subject: 'CN=bob' } });
 * assert.ok(other.kind === 'refused');
 * assert.equal(other.because, 'identity');
 * assert.equal(other.reason, 'certificate authentication failed for user "alice"');
 * assert.equal(other.log, 'provided user name (alice) and authenticated user name (bob) do not match');
 * ```
 */
export function authenticate(
  input: AccessInput | HbaFile,
  connection: ClientConnection,
  facts: AccessFacts = {},
): Authentication {
  const files = inputOf(input, 'the input of authenticate');
  assertFacts(facts);
  assertProofs(connection);
  const { certificate, systemUser, ...plain } = connection;
  const asked = readConnection(plain, files);
  const diagnostics = refusalOf(files);
  if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics };
  const { version } = files.hba;
  const closed = whyNotOffered(plain.transport, files);
  if (closed !== undefined) {
    const reason = `the server offers no such connection: ${closed}`;
    return { kind: 'refused', because: 'not-offered', reason };
  }
  // The server asks for a certificate only over TLS, and only if it has a CA file.
  const presented = plain.transport === 'ssl' && serverFactsOf(files).sslCa !== false ? certificate : undefined;
  if (presented !== undefined && comparedCommonName(presented)?.includes('\0') === true) {
    const log = "SSL certificate's common name contains embedded null";
    const reason = 'the server closes the connection without a message';
    return { kind: 'refused', because: 'certificate-unusable', reason, log };
  }
  const { found, possible, needs } = findRules(readRules(files).rules, asked, facts);
  if (possible.length > 0) {
    const all = found === undefined ? possible : [...possible, found];
    return {
      kind: 'unknown',
      reason: 'the matching rule depends on facts that were not given',
      needs,
      possible: all.map(({ placed }) => placed),
    };
  }
  if (found === undefined) {
    const reason = rejectionMessage(plain, asked, { version, isRejected: false });
    return { kind: 'refused', because: 'no-rule', reason };
  }
  const errors = refusalOfMap(found, files);
  if (errors !== undefined) return { kind: 'file-refused', diagnostics: errors };
  const client = { certificate: presented, systemUser, user: asked.user };
  const verdict = judgeClient(found, client, files, facts) ?? {
    kind: 'refused' as const,
    because: 'reject' as const,
    reason: rejectionMessage(plain, asked, { version, isRejected: true }),
  };
  return verdict.kind === 'unknown' ? { ...verdict, possible: [] } : { ...verdict, rule: found.placed };
}

/** Checks what a client of {@link authenticate} has besides its connection, for callers without type checks. */
function assertProofs(client: ClientConnection): void {
  assertRecord(client, 'the connection of authenticate');
  const { certificate, systemUser } = client;
  if (certificate !== undefined)
    assertProperties(certificate, { subject: true, subjectAltNames: true }, 'the certificate');
  if (systemUser !== undefined) assertText(systemUser, 'systemUser of authenticate');
}

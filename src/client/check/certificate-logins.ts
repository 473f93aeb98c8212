import { type CertificateLogins, loginsOf } from '../../access/certificate-logins.ts';
import type { AccessFacts } from '../../access/rules/facts.ts';
import type { AccessInput } from '../../access/rules/input.ts';
import { inspectCertificate } from '../../pki/certificate/inspect.ts';

/**
 * The roles as which a client can log in with a certificate, by those rules of a server that demand a certificate. The
 * function assumes that the chain of the certificate is trusted. Rules that demand no certificate may let the same
 * client in, too; the result does not list these rules.
 *
 * @param certificate PEM or DER. Only the first certificate of a PEM text is read.
 * @param configuration the files of the server
 * @param facts facts that the files do not contain. If `roles` (and `memberOf`, if a rule names a group) are given,
 * the result is complete.
 * @returns each role, the rule that lets it in, and an example of a connection
 * @throws PgHostsslError `certificate-invalid`, `argument-invalid`
 * @see `CheckCertAuth` in auth.c, `check_usermap` in hba.c
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { certificateLogins, testBundle } from 'pg-hostssl/client';
 * import { HbaFile } from 'pg-hostssl/hba';
 * import { IdentFile } from 'pg-hostssl/ident';
 *
 * const { certificate } = (await testBundle({ users: ['alice@example.com'] })).client({ user: 'alice@example.com' });
 * const hba = HbaFile.parse('hostssl app all all cert map=mail\n');
 * const ident = IdentFile.parse('mail /^(.*)@example\\.com$ \\1\nmail alice@example.com reports\n');
 *
 * const answer = await certificateLogins(certificate, { hba, ident });
 * assert.ok(answer.kind === 'logins');
 * assert.deepEqual(answer.logins.map(({ user }) => user), ['reports', 'alice']);
 * assert.ok(answer.complete);
 * ```
 */
export async function certificateLogins(
  certificate: string | Uint8Array,
  configuration: AccessInput,
  facts: AccessFacts = {},
): Promise<CertificateLogins> {
  return loginsOf(configuration, inspectCertificate(certificate), facts);
}

import { equalBytes } from '../../c/compare.ts';
import { PgHostsslError } from '../../errors.ts';
import { sameName } from '../../names/canonical-name.ts';
import { type Certificate, certificatePem, readCertificate } from '../certificate/certificate.ts';
import { isCaCertificate, readSubjectKeyIdentifier } from '../certificate/extensions.ts';
import { isSelfSigned, keyIdentifiersFit } from '../certificate/issuer.ts';

/** A step in the replacement of a root, with the content of the files after the step. */
export interface RolloverStep {
  /** The kind of step. */
  readonly step: 'trust-both' | 'renew-servers' | 'renew-clients' | 'trust-next';
  /** The content of `ssl_ca_file` of every server after the step, PEM. */
  readonly serverRoots: string;
  /** The content of `root.crt` (`sslrootcert`) of every client after the step, PEM. */
  readonly clientRoots: string;
  /** For a person: the work to do in this step, and the condition under which the next step may begin. */
  readonly description: string;
}

/**
 * The steps that replace a root without locking anybody out. First, all servers and clients are told to trust both
 * roots. Then, certificates from the next root replace the certificates from the current root. At last, the current root
 * is removed.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, rolloverSteps } from 'pg-hostssl/pki';
 *
 * const current = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const steps = rolloverSteps(current.certificate, (await current.renew()).certificate);
 * assert.deepEqual(steps.map(({ step }) => step), ['trust-both', 'renew-servers', 'renew-clients', 'trust-next']);
 * ```
 *
 * @param current the certificate of the current root, PEM
 * @param next the certificate of the next root, PEM
 * @returns the steps in their order
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `certificate-invalid`; `not-a-root`;
 * `root-unchanged` if both roots are the same; `roots-indistinguishable` if OpenSSL cannot tell which of the two roots
 * issued a certificate
 */
export function rolloverSteps(current: string, next: string): readonly RolloverStep[] {
  const [before, after] = [readRoot(current), readRoot(next)];
  if (equalBytes(before.der, after.der)) {
    throw new PgHostsslError('root-unchanged', 'The next root is the current root', {
      hint: 'Create the next root with `renew` or `CertificateAuthority.create`.',
    });
  }
  const [currentId, nextId] = [before, after].map(({ extensions }) => readSubjectKeyIdentifier(extensions));
  const isConfused =
    sameName(before.subject, after.subject) &&
    keyIdentifiersFit(currentId, nextId) &&
    !equalBytes(before.publicKey, after.publicKey);
  if (isConfused) {
    throw new PgHostsslError(
      'roots-indistinguishable',
      'OpenSSL cannot tell the two roots apart while both are trusted',
      {
        hint: 'A root has no subject key identifier, or both have the same. Give the next root another name.',
      },
    );
  }
  const [currentPem, nextPem] = [certificatePem(before.der), certificatePem(after.der)];
  // The current root comes first. If both roots have the same name, OpenSSL takes the first root for the issuer of a
  // certificate without an authority key identifier. `openssl x509 -req` writes such certificates, and only the current
  // root can have issued them.
  const both = { serverRoots: currentPem + nextPem, clientRoots: currentPem + nextPem };
  return [
    {
      step: 'trust-both',
      ...both,
      description:
        'Write both roots into ssl_ca_file and into the root.crt of every client, and reload the servers. ' +
        'Servers with CRLs need a CRL of the next root from now on. Go on when every client has both roots.',
    },
    {
      step: 'renew-servers',
      ...both,
      description:
        'Issue the server certificates from the next root, and reload. Clients without the next root fail now.',
    },
    {
      step: 'renew-clients',
      ...both,
      description:
        'Issue the client certificates from the next root. Go on when no client uses a certificate from the current root.',
    },
    {
      step: 'trust-next',
      serverRoots: nextPem,
      clientRoots: nextPem,
      description: `Write the next root alone into ssl_ca_file and root.crt, and reload, before the current root expires at ${before.notAfter.toISOString()}.`,
    },
  ];
}

function readRoot(pem: string): Certificate {
  const certificate = readCertificate(pem);
  if (isCaCertificate(certificate.extensions) && isSelfSigned(certificate)) return certificate;
  throw new PgHostsslError('not-a-root', 'The certificate is not a root certificate', {
    hint: 'Give self-signed CA certificates: the current root, then the next root.',
  });
}

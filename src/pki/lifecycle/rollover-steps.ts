import { equalBytes } from '../../c/compare.ts';
import { PgHostsslError } from '../../errors.ts';
import { sameName } from '../../names/canonical-name.ts';
import { type Certificate, certificatePem, readCertificate } from '../certificate/certificate.ts';
import { isCaCertificate, readSubjectKeyIdentifier } from '../certificate/extensions.ts';
import { isSelfSigned } from '../certificate/issuer.ts';

/** A step in the replacement of a root, with the content of the files after the step. */
export interface RolloverStep {
  /** The kind of step. */
  readonly step: 'trust-both' | 'renew-servers' | 'renew-clients' | 'trust-new';
  /** The content of `ssl_ca_file` of every server after the step, PEM. */
  readonly serverRoots: string;
  /** The content of `root.crt` (`sslrootcert`) of every client after the step, PEM. */
  readonly clientRoots: string;
  /** For a person: the work to do in this step, and the condition under which the next step may begin. */
  readonly description: string;
}

/**
 * The steps that replace a root without locking anybody out. First, all servers and clients are told to trust both
 * roots. Then, certificates from the new root replace the certificates from the old root. At last, the old root is
 * removed.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, rolloverSteps } from 'pg-hostssl/pki';
 *
 * const old = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const steps = rolloverSteps(old.certificate, (await old.renew()).certificate);
 * assert.deepEqual(steps.map(({ step }) => step), ['trust-both', 'renew-servers', 'renew-clients', 'trust-new']);
 * ```
 *
 * @param oldRoot the certificate of the old root, PEM
 * @param newRoot the certificate of the new root, PEM
 * @returns the steps in their order
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `certificate-invalid`; `not-a-root`;
 * `root-unchanged` if both roots are the same; `roots-indistinguishable` if OpenSSL cannot tell which of the two roots
 * issued a certificate
 */
export function rolloverSteps(oldRoot: string, newRoot: string): readonly RolloverStep[] {
  const [before, after] = [readRoot(oldRoot), readRoot(newRoot)];
  if (equalBytes(before.der, after.der)) {
    throw new PgHostsslError('root-unchanged', 'The new root is the old root', {
      hint: 'Create the new root with `renew` or `CertificateAuthority.create`.',
    });
  }
  const [oldId, newId] = [before, after].map(({ extensions }) => readSubjectKeyIdentifier(extensions));
  const isConfused =
    sameName(before.subject, after.subject) &&
    (oldId === undefined || newId === undefined || equalBytes(oldId, newId)) &&
    !equalBytes(before.publicKey, after.publicKey);
  if (isConfused) {
    throw new PgHostsslError(
      'roots-indistinguishable',
      'OpenSSL cannot tell the two roots apart while both are trusted',
      {
        hint: 'A root has no subject key identifier, or both have the same. Give the new root another name.',
      },
    );
  }
  const [newPem, oldPem] = [certificatePem(after.der), certificatePem(before.der)];
  // The old root comes first. If both roots have the same name, OpenSSL takes the first root for the issuer of a
  // certificate without an authority key identifier. `openssl x509 -req` writes such certificates, and only the old
  // root can have issued them.
  const both = { serverRoots: oldPem + newPem, clientRoots: oldPem + newPem };
  return [
    {
      step: 'trust-both',
      ...both,
      description:
        'Write both roots into ssl_ca_file and into the root.crt of every client, and reload the servers. ' +
        'Servers with CRLs need a CRL of the new root from now on. Go on when every client has both roots.',
    },
    {
      step: 'renew-servers',
      ...both,
      description:
        'Issue the server certificates from the new root, and reload. Clients without the new root fail now.',
    },
    {
      step: 'renew-clients',
      ...both,
      description: 'Issue the client certificates from the new root. Go on when no client uses an old certificate.',
    },
    {
      step: 'trust-new',
      serverRoots: newPem,
      clientRoots: newPem,
      description: `Write the new root alone into ssl_ca_file and root.crt, and reload, before the old root expires at ${before.notAfter.toISOString()}.`,
    },
  ];
}

function readRoot(pem: string): Certificate {
  const certificate = readCertificate(pem);
  if (isCaCertificate(certificate.extensions) && isSelfSigned(certificate)) return certificate;
  throw new PgHostsslError('not-a-root', 'The certificate is not a root certificate', {
    hint: 'Give self-signed CA certificates: the old root, then the new root.',
  });
}

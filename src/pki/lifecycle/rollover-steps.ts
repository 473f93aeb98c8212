import { equalBytes } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import { sameName } from '../../names/canonical-name.ts';
import { type Certificate, certificatePem, readCertificate } from '../certificate/certificate.ts';
import { readBasicConstraints, readSubjectKeyIdentifier } from '../certificate/extensions.ts';
import { isSelfSigned } from '../certificate/issuer.ts';

/** One step of a change of root, with the content that files have after it. */
export interface RolloverStep {
  /** What is done. */
  readonly step: 'trust-both' | 'renew-servers' | 'renew-clients' | 'trust-new';
  /** The content of every server's `ssl_ca_file` after it, PEM. */
  readonly serverRoots: string;
  /** The content of every client's `root.crt` (`sslrootcert`) after it, PEM. */
  readonly clientRoots: string;
  /** What to do, and what must be so before the next step, for a person. */
  readonly description: string;
}

/**
 * The order in which a root is replaced by a new one, so that nobody is locked out at any moment: both are trusted
 * everywhere before anything that only the new one vouches for is used, and the old one goes when nothing of it is left.
 *
 * @param oldRoot the old root's certificate, PEM
 * @param newRoot the new root's certificate, PEM
 * @throws PgHostsslError `certificate-invalid`; `authority-unfit` if one is no authority, both are the same, or they have
 * the same name and nothing else by which the issuer of a certificate is found.
 */
export function rolloverSteps(oldRoot: string, newRoot: string): readonly RolloverStep[] {
  const [before, after] = [readRoot(oldRoot), readRoot(newRoot)];
  if (equalBytes(before.der, after.der)) {
    throw new PgHostsslError('authority-unfit', 'The new root is the old one');
  }
  const isConfused =
    sameName(before.subject, after.subject) &&
    [before, after].some(({ extensions }) => readSubjectKeyIdentifier(extensions) === undefined) &&
    !equalBytes(before.publicKey, after.publicKey);
  if (isConfused) {
    throw new PgHostsslError('authority-unfit', 'OpenSSL cannot tell the two roots apart while both are trusted', {
      hint: 'One of them has no subject key identifier: give the new one another name.',
    });
  }
  const [newPem, oldPem] = [certificatePem(after.der), certificatePem(before.der)];
  // Where both have the same name, OpenSSL takes the first for the issuer of a certificate without an authority key
  // identifier, such as openssl x509 -req writes, and those are of the old one.
  const both = { serverRoots: oldPem + newPem, clientRoots: oldPem + newPem };
  return [
    {
      step: 'trust-both',
      ...both,
      description:
        'Write both roots into ssl_ca_file and into the root.crt of every client, and reload the servers. ' +
        'Servers with revocation lists need one of the new root from now on. Go on when every client has both.',
    },
    {
      step: 'renew-servers',
      ...both,
      description: 'Issue the server certificates from the new root, and reload. Clients that lack it fail now.',
    },
    {
      step: 'renew-clients',
      ...both,
      description: 'Issue the client certificates from the new root. Go on when no client uses an old one.',
    },
    {
      step: 'trust-new',
      serverRoots: newPem,
      clientRoots: newPem,
      description: `Write the new root alone into ssl_ca_file and root.crt, and reload, before ${before.notAfter.toISOString()}, when the old one ends.`,
    },
  ];
}

function readRoot(pem: string): Certificate {
  const certificate = readCertificate(pem);
  const isRoot = readBasicConstraints(certificate.extensions)?.isCa === true && isSelfSigned(certificate);
  if (isRoot) return certificate;
  throw new PgHostsslError('authority-unfit', 'The certificate is not that of a root authority');
}

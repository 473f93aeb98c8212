import type { AccessFacts } from '../../access/rules/facts.ts';
import type { AccessInput } from '../../access/rules/input.ts';
import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { type ErrorCode, problemTable } from '../../codes.ts';
import { PgHostsslError } from '../../errors.ts';
import { inspectCertificate } from '../../pki/certificate/inspect.ts';
import { matchesHost } from '../../pki/certificate/match-host.ts';
import { matchesKey } from '../../pki/certificate/matches-key.ts';
import type { ProviderOptions } from '../../pki/provider/provider.ts';
import { type ChainProblem, type ChainProblemCode, isAboutRoots } from '../../pki/verify/chain-problem.ts';
import { verifyChain } from '../../pki/verify/verify-chain.ts';
import type { PgMajor } from '../../version.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import type { ClientBundle, ConnectionBundle } from '../bundle/bundle.ts';
import { isAddress } from '../bundle/host.ts';
import { accessProblems } from './access-problems.ts';
import type { BundleProblem } from './bundle-problem.ts';
import { driverRules, type HostClient } from './host-rules.ts';
import { isRegularFile, type KeyFileState, keyFileObjection } from './key-file.ts';

/**
 * Options of {@link checkBundle}. They describe the server. If an option is not given, the checks that need it are left
 * out.
 */
export interface CheckBundleOptions extends ProviderOptions {
  /** The certificate of the server, then its intermediate CA certificates (the content of `ssl_cert_file`): PEM. */
  readonly serverCertificate?: string | undefined;
  /**
   * The certificates that the server trusts (the content of `ssl_ca_file`): PEM. If not given, the `ca` of the bundle.
   */
  readonly serverCa?: string | undefined;
  /** The CRLs of the server (the content of `ssl_crl_file`): PEM. */
  readonly crls?: string | undefined;
  /**
   * The configuration files of the server. If not given, the only rule is assumed to be `hostssl all all all cert`, and
   * no rule is checked for a client without a certificate.
   */
  readonly configuration?: AccessInput | undefined;
  /** Facts about the server and its clients that the files do not contain. */
  readonly facts?: AccessFacts | undefined;
  /**
   * The IP address of the client as the server sees it, which the rules in `configuration` compare; any address if not
   * given.
   */
  readonly clientAddress?: string | undefined;
  /** The major version of the server, if there is no `configuration`; 18 if not given. */
  readonly version?: PgMajor | undefined;
  /**
   * The state of the private key file that libpq reads, as `statSync` of `node:fs` returns it. Without a certificate,
   * no client reads a private key, so the state does not matter.
   */
  readonly keyFile?: KeyFileState | undefined;
  /** The moment at which the certificates have to be valid; now if not given. */
  readonly at?: Date | undefined;
}

const optionNames: PropertyNames<CheckBundleOptions> = {
  serverCertificate: true,
  serverCa: true,
  crls: true,
  configuration: true,
  facts: true,
  clientAddress: true,
  version: true,
  keyFile: true,
  at: true,
  provider: true,
};

/** The verdict on a bundle. */
export interface BundleVerdict {
  /** Whether no problem is an error. */
  readonly ok: boolean;
  /** All problems. */
  readonly problems: readonly BundleProblem[];
  /**
   * Whether each client program accepts the server certificate for the host of the target. Missing if
   * `serverCertificate` is not given. `libpq-14` means libpq up to 14, `libpq-15` means libpq from 15 on, and `java`
   * means pgjdbc.
   */
  readonly hosts?: Readonly<Record<HostClient, boolean>>;
}

/**
 * Checks a bundle before anybody connects with it. The questions are: does the key belong to the certificate? Does the
 * certificate name the user, as the server compares it? Does a rule let the user in? Are the chains complete, valid now
 * and for their purpose? Does each client program accept the server certificate for the host? Does libpq read the key
 * file?
 *
 * @param bundle the target, certificates and key of the client
 * @param options the known parts of the server
 * @returns the problems, each with its solution
 * @throws PgHostsslError `certificate-invalid`, `crl-invalid`; `validity-invalid` for `at`, `version-unknown`;
 * `argument-invalid`
 * @see `initialize_SSL` in fe-secure-openssl.c, `CheckCertAuth` in auth.c
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { checkBundle, testBundle } from 'pg-hostssl/client';
 *
 * const made = await testBundle({ hosts: ['db.example.com'], users: ['alice'] });
 * const serverCertificate = String(made.serverFiles('/tls')[1]?.content());
 * const good = await checkBundle(made.client({ user: 'alice' }), { serverCertificate });
 * assert.ok(good.ok);
 *
 * const elsewhere = made.client({ user: 'alice', host: 'localhost' });
 * const { problems } = await checkBundle(elsewhere, { serverCertificate, keyFile: { mode: 0o644, uid: 1000 } });
 * assert.deepEqual(problems.map(({ code }) => code), ['key-file-mode', 'host-not-covered']);
 * ```
 */
export async function checkBundle(bundle: ConnectionBundle, options: CheckBundleOptions = {}): Promise<BundleVerdict> {
  assertBundle(bundle);
  assertProperties(options, optionNames, 'the options of checkBundle');
  const { serverCertificate, keyFile, clientAddress } = options;
  if (keyFile !== undefined && !(Number.isInteger(keyFile?.mode) && Number.isInteger(keyFile.uid))) {
    throw new PgHostsslError(
      'argument-invalid',
      'keyFile of checkBundle must have a mode and an owner. Give what `statSync` returns',
    );
  }
  if (clientAddress !== undefined && !(typeof clientAddress === 'string' && isAddress(clientAddress))) {
    throw new PgHostsslError('argument-invalid', 'clientAddress must be an IP address, such as 10.0.0.7 or ::1');
  }
  const hosts = serverCertificate === undefined ? undefined : hostsOf(serverCertificate, bundle.target.host);
  const problems = [
    ...(bundle.certificate === undefined ? [] : await keyProblems(bundle, options)),
    ...accessProblems(bundle, options),
    ...(bundle.certificate === undefined ? [] : await clientChainProblems(bundle, options)),
    ...(keyFile === undefined || bundle.certificate === undefined ? [] : keyFileProblems(keyFile)),
    ...(serverCertificate === undefined ? [] : await serverChainProblems(bundle, serverCertificate, options)),
    ...(hosts === undefined ? [] : hostProblems(bundle.target.host, hosts)),
  ];
  const ok = problems.every(({ severity }) => severity !== 'error');
  return { ok, problems, ...(hosts === undefined ? {} : { hosts }) };
}

/** The severity of the problem that this library does not read a private key, and the solution. */
type UnreadableKey = Pick<BundleProblem, 'code' | 'severity' | 'hint'>;

const passphraseWrong: UnreadableKey = {
  code: 'passphrase-wrong',
  severity: 'error',
  hint: 'Make the bundle with the passphrase of the key, or with another key.',
};

/** OpenSSL reads more kinds of keys than this library, and it does not limit the iterations of an encryption. */
const uncheckedKey: UnreadableKey = {
  code: 'key-unreadable',
  severity: 'warning',
  hint: 'Check that `openssl pkey -pubout -in KEY` and `openssl x509 -pubkey -noout -in CERTIFICATE` print the same key.',
};

/** The problem for each error that `matchesKey` throws about the private key. */
const unreadableKeys: Readonly<Partial<Record<ErrorCode, UnreadableKey>>> = {
  'private-key-invalid': { code: 'key-unreadable', severity: 'error', hint: 'Make the bundle with another key.' },
  'passphrase-missing': passphraseWrong,
  'passphrase-wrong': passphraseWrong,
  'key-iterations-exceeded': uncheckedKey,
  'key-algorithm-unsupported': uncheckedKey,
};

async function keyProblems(bundle: ClientBundle, { provider }: CheckBundleOptions): Promise<readonly BundleProblem[]> {
  const passphrase = bundle.passphrase();
  try {
    if (await matchesKey(bundle.certificate, bundle.privateKey(), { passphrase, provider })) return [];
    const message = 'The private key does not belong to the client certificate';
    const hint = 'Use a certificate and key that were issued together, with the leaf first in the certificate file.';
    return [{ code: 'key-mismatch', of: 'private-key', severity: 'error', message, hint }];
  } catch (error) {
    const { code } = error as Partial<PgHostsslError>;
    const unreadable = code === undefined ? undefined : unreadableKeys[code];
    if (unreadable === undefined) throw error;
    return [{ ...unreadable, of: 'private-key', message: `This library cannot read the private key (${code})` }];
  }
}

async function clientChainProblems(
  bundle: ClientBundle,
  { serverCa, crls, at, provider }: CheckBundleOptions,
): Promise<readonly BundleProblem[]> {
  const { problems } = await verifyChain({
    chain: bundle.certificate,
    roots: serverCa ?? bundle.ca,
    purpose: 'clientAuth',
    crls,
    at,
    provider,
  });
  const isSupposed = (code: ChainProblemCode): boolean => serverCa === undefined && isAboutRoots(code);
  return problems.map((problem) => ({
    ...chainProblemOf('client-certificate', problem),
    severity: isSupposed(problem.code) ? 'warning' : 'error',
  }));
}

async function serverChainProblems(
  bundle: ConnectionBundle,
  chain: string,
  { at, provider }: CheckBundleOptions,
): Promise<readonly BundleProblem[]> {
  const { problems } = await verifyChain({ chain, roots: bundle.ca, purpose: 'serverAuth', at, provider });
  return problems.map((problem) => chainProblemOf('server-certificate', problem));
}

function chainProblemOf(of: BundleProblem['of'], { code, depth, message }: ChainProblem): BundleProblem {
  const place = depth === 0 ? '' : ` (certificate ${depth} above it)`;
  const side = of === 'client-certificate' ? 'client' : 'server';
  return {
    code,
    of,
    severity: 'error',
    message: `In the chain of the ${side} certificate${place}: ${message}`,
    hint: problemTable[code].hint,
  };
}

function keyFileProblems(keyFile: KeyFileState): readonly BundleProblem[] {
  const objection = keyFileObjection(keyFile);
  if (objection === undefined) return [];
  return [
    {
      code: 'key-file-mode',
      of: 'key-file',
      severity: 'error',
      message: `libpq, pgjdbc and lib/pq refuse the private key file: it ${objection}`,
      hint: isRegularFile(keyFile)
        ? 'Give the file mode 0600 (chmod 600) and the account of the client as its owner.'
        : 'Replace it by a regular file with mode 0600: give the path of the key file, not of its directory.',
    },
  ];
}

function hostsOf(certificate: string, host: string): Readonly<Record<HostClient, boolean>> {
  const info = inspectCertificate(certificate);
  return {
    'libpq-14': matchesHost(certificate, host, 14).matches,
    'libpq-15': matchesHost(certificate, host, 15).matches,
    node: driverRules.node(info, host),
    go: driverRules.go(info, host),
    java: driverRules.java(info, host),
  };
}

function hostProblems(host: string, hosts: Readonly<Record<HostClient, boolean>>): readonly BundleProblem[] {
  const refusing = Object.entries(hosts).flatMap(([client, accepts]) => (accepts ? [] : [client]));
  if (refusing.length === 0) return [];
  const isCertain = refusing.length === Object.keys(hosts).length;
  return [
    {
      code: 'host-not-covered',
      of: 'server-certificate',
      severity: isCertain ? 'error' : 'warning',
      message: `The server certificate is not for the host ${JSON.stringify(host)}, according to ${isCertain ? 'every client' : refusing.join(', ')}`,
      hint: 'Issue the server certificate with this host in `hosts`, or connect by a name that the certificate has.',
    },
  ];
}

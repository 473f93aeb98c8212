import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { basicConstraints } from '../../src/pki/certificate/extensions.ts';
import { CertificateAuthority, PrivateKey, rolloverSteps, verifyChain } from '../../src/pki/index.ts';
import { forge } from './forge.ts';
import { newEcKey, openssl, opensslFiles, profile, withoutBareCertificates, withoutOpenssl } from './openssl.ts';
import { buildOldOpenssl, verifyByOldOpenssl, withoutOldOpenssl } from './openssl-1.1.1.ts';

/** Lets openssl make a root and a leaf with these kinds of keys, signed with this hash. */
function make(root: readonly string[], leaf: readonly string[], hash: string): { root: string; leaf: string } {
  const { c, l } = opensslFiles(
    [
      ['req', '-x509', '-nodes', '-newkey', ...root, '-keyout', 'k', '-out', 'c', '-subj', '/CN=Root', hash],
      ['req', '-new', '-nodes', '-newkey', ...leaf, '-keyout', 'j', '-out', 'r', '-subj', '/CN=alice'],
      ['x509', '-req', '-in', 'r', '-CA', 'c', '-CAkey', 'k', '-CAcreateserial', '-out', 'l', hash],
    ],
    ['c', 'l'],
  );
  return { root: c!, leaf: l! };
}

const p256 = newEcKey('P-256');
const explicit = [...p256, '-pkeyopt', 'ec_param_enc:explicit'];

describe('verifyChain judges the strength of keys and signatures as OpenSSL 3 does', { skip: withoutOpenssl }, () => {
  test('at the security level of Debian, and at level 0', async () => {
    const verdicts: boolean[] = [];
    // The default level of the OpenSSL project, to which `allowWeak` leads.
    const weakest = profile === '1.1.1' ? '1' : '0';
    for (const [rootKey, leafKey, hash] of [
      [p256, p256, '-sha256'],
      [p256, p256, '-sha1'],
      [['rsa:2048'], ['rsa:2048'], '-sha256'],
      [['rsa:2048'], ['rsa:2048'], '-sha1'],
      [['rsa:2048'], ['rsa:1024'], '-sha256'],
      [['rsa:1024'], ['rsa:2048'], '-sha256'],
      [['rsa:2048'], explicit, '-sha256'],
      [p256, ['ed25519'], '-sha384'],
      [['rsa:2048'], newEcKey('secp256k1'), '-sha512'],
      [p256, newEcKey('prime192v1'), '-sha256'],
      [p256, newEcKey('secp224r1'), '-sha256'],
      [p256, newEcKey('sect233k1'), '-sha256'],
      [p256, newEcKey('brainpoolP192r1'), '-sha256'],
    ] as const) {
      const { root, leaf } = make(rootKey, leafKey, hash);
      for (const allowWeak of [false, true]) {
        const args = [
          'verify',
          '-auth_level',
          allowWeak ? weakest : '2',
          '-CAfile',
          'root',
          '-purpose',
          'sslclient',
          'leaf',
        ];
        const { output } = openssl(args, { root, leaf });
        const { ok, problems } = await verifyChain({
          chain: leaf,
          roots: root,
          purpose: 'clientAuth',
          allowWeak,
          openssl: profile,
        });
        const what = `${rootKey} ${leafKey} ${hash} ${allowWeak}: ${output}\n${JSON.stringify(problems)}`;
        assert.equal(ok, output.trim() === 'leaf: OK', what);
        verdicts.push(ok);
      }
    }
    assert.equal(verdicts.filter((ok) => ok).length, profile === '1.1.1' ? 20 : 18);
  });

  test("ignores the root's own signature", async () => {
    const { c } = opensslFiles(
      [['req', '-x509', '-nodes', '-newkey', ...p256, '-keyout', 'k', '-out', 'c', '-subj', '/CN=r', '-sha1']],
      ['c'],
    );
    assert.match(openssl(['verify', '-auth_level', '2', '-CAfile', 'c', 'c'], { c: c! }).output, /^c: OK/);
    assert.deepEqual((await verifyChain({ chain: c!, roots: c!, purpose: 'serverAuth' })).problems, []);
  });
});

test('only OpenSSL 1.1.1 accepts a key whose curve is given by parameters', {
  skip: withoutOpenssl || withoutOldOpenssl,
}, async () => {
  const { root, leaf } = make(['rsa:2048'], explicit, '-sha256');
  const { program, remove } = buildOldOpenssl();
  try {
    assert.ok(verifyByOldOpenssl(program, { roots: root, u: leaf }).ok);
  } finally {
    remove();
  }
  const codes = async (openssl: '1.1.1' | '3') => {
    const options = { chain: leaf, roots: root, purpose: 'clientAuth', allowWeak: true, openssl } as const;
    return (await verifyChain(options)).problems.map(({ code }) => code);
  };
  assert.deepEqual([await codes('1.1.1'), await codes('3')], [[], ['curve-not-named']]);
});

describe('of several issuers with one name', { skip: withoutOpenssl }, () => {
  const judge = (roots: string, leaf: string) =>
    openssl(['verify', '-CAfile', 'roots', '-untrusted', 'leaf', 'leaf'], { roots, leaf }).output.trim() === 'leaf: OK';
  const verify = async (roots: string, chain: string) =>
    (await verifyChain({ chain, roots, purpose: 'clientAuth', openssl: profile })).ok;

  test('a valid issuer is preferred to an expired one, in any order', async () => {
    const now = Date.now();
    const key = await PrivateKey.generate();
    const root = await CertificateAuthority.create({ subject: 'CN=Root', key });
    const { certificate } = await root.issueClientCertificate({ user: 'alice' });
    const extensions = [basicConstraints({ isCa: true })];
    const over = await forge({
      subject: 'CN=Root',
      issuer: 'CN=Root',
      key,
      issuerKey: key,
      notBefore: new Date(now - 9e8),
      notAfter: new Date(now - 1e8),
      extensions,
    });
    for (const roots of [over + root.certificate, root.certificate + over, over]) {
      assert.equal(await verify(roots, certificate), judge(roots, certificate));
      // Even if the chain contains a valid issuer, OpenSSL prefers the trusted issuer, although that one has expired.
      assert.equal(await verify(over, certificate + root.certificate), judge(over, certificate + root.certificate));
    }
    assert.ok(await verify(over + root.certificate, certificate));
    assert.ok(judge(root.certificate, certificate + over) && (await verify(root.certificate, certificate + over)));
  });

  test('a change of root locks out no certificate without an authority key identifier, as in the how-to', {
    skip: withoutBareCertificates,
  }, async () => {
    const files = opensslFiles(
      [
        ['req', '-x509', '-nodes', '-newkey', ...p256, '-keyout', 'k', '-out', 'c', '-subj', '/CN=Root'],
        ['req', '-new', '-nodes', '-newkey', ...p256, '-keyout', 'j', '-out', 'r', '-subj', '/CN=alice'],
        ['x509', '-req', '-in', 'r', '-CA', 'c', '-CAkey', 'k', '-CAcreateserial', '-out', 'l'],
      ],
      ['c', 'k', 'l'],
    );
    const old = await CertificateAuthority.load({ certificate: files.c!, privateKey: files.k! });
    const next = await old.renew();
    const issued = await next.issueClientCertificate({ user: 'alice' });
    const [both] = rolloverSteps(old.certificate, next.certificate);
    for (const leaf of [files.l!, issued.certificate]) {
      for (const roots of [both!.serverRoots, both!.clientRoots]) {
        assert.ok(judge(roots, leaf));
        assert.ok(await verify(roots, leaf));
      }
    }
    const wrongOrder = next.certificate + old.certificate;
    assert.ok(!judge(wrongOrder, files.l!));
    assert.ok(!(await verify(wrongOrder, files.l!)));
  });

  test('a root that cannot be distinguished from the next root is an error before the change', async () => {
    const extensions = [basicConstraints({ isCa: true })];
    const [key, leafKey] = [await PrivateKey.generate(), await PrivateKey.generate()];
    const bare = await forge({
      subject: 'CN=Root',
      issuer: 'CN=Root',
      key,
      issuerKey: key,
      extensions,
      withoutIdentifiers: true,
    });
    const old = await CertificateAuthority.load({ certificate: bare, privateKey: key.toPem() });
    const next = await old.renew();
    const { certificate } = await next.issueClientCertificate({ user: 'alice', key: leafKey });
    assert.ok(!judge(bare + next.certificate, certificate));
    assert.throws(() => rolloverSteps(bare, next.certificate), { code: 'roots-indistinguishable' });
    const renamed = await CertificateAuthority.create({ subject: 'CN=Next root' });
    const [both] = rolloverSteps(bare, renamed.certificate);
    assert.ok(judge(both!.serverRoots, (await renamed.issueClientCertificate({ user: 'alice' })).certificate));
    assert.equal(rolloverSteps(bare, (await old.renew({ key })).certificate).length, 4);
    // Here the old and the new root are exchanged, so that certificates of the new root have no authority key
    // identifier.
    const named = await CertificateAuthority.create({ subject: 'CN=Root' });
    const ofBare = await old.issueClientCertificate({ user: 'alice', key: leafKey });
    assert.ok(!judge(named.certificate + bare, ofBare.certificate));
    assert.throws(() => rolloverSteps(named.certificate, bare), { code: 'roots-indistinguishable' });
  });

  test('two roots of the same name and key identifier are not distinguished', async () => {
    const config = '[req]\nx509_extensions=e\ndistinguished_name=d\n[d]\n[e]\nbasicConstraints=CA:TRUE\n';
    const made = (...names: readonly string[]) => [
      ...['req', '-x509', '-nodes', '-newkey', ...p256, '-subj', '/CN=Root', '-config', 'f'],
      ...['-keyout', names[0]!, '-out', names[1]!],
    ];
    const files = opensslFiles([made('k', 'c'), made('j', 'd')], ['c', 'd', 'j'], {
      f: `${config}subjectKeyIdentifier=01:02\n`,
    });
    const next = await CertificateAuthority.load({ certificate: files.d!, privateKey: files.j! });
    const { certificate } = await next.issueClientCertificate({ user: 'alice' });
    assert.ok(!judge(files.c! + files.d!, certificate));
    assert.throws(() => rolloverSteps(files.c!, files.d!), { code: 'roots-indistinguishable' });
  });
});

test('a CA whose certificates are in the wrong order is not loaded', async () => {
  const [root, other] = await Promise.all(
    ['CN=Root', 'CN=Other'].map((subject) => CertificateAuthority.create({ subject })),
  );
  const middle = await root!.issueIntermediateAuthority({ subject: 'CN=Middle' });
  const privateKey = middle.privateKey.toPem();
  const load = (certificate: string) => CertificateAuthority.load({ certificate, privateKey });
  assert.equal((await load(middle.certificate + root!.certificate)).chain, middle.chain);
  await assert.rejects(load(middle.certificate + other!.certificate), { code: 'issuer-mismatch' });
  await assert.rejects(load(middle.certificate + middle.certificate), { code: 'issuer-mismatch' });
});

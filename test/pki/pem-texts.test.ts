import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateAuthority, inspectCertificate, inspectCrl, PrivateKey } from '../../src/pki/index.ts';
import { openssl, opensslFiles, withoutOpenssl } from './openssl.ts';

/** Changes of a PEM block. OpenSSL reads the block after some of them, and not after others. */
const changes: Readonly<Record<string, (block: string) => string>> = {
  'no change': (block) => block,
  'CR LF': (block) => block.replaceAll('\n', '\r\n'),
  'CR alone': (block) => block.replaceAll('\n', '\r'),
  'line separators of Unicode': (block) => block.replaceAll('\n', '\u2028'),
  'no final line end': (block) => block.trimEnd(),
  'text before': (block) => `text\n${block}`,
  'text after': (block) => `${block}text`,
  'a byte order mark': (block) => `\ufeff${block}`,
  'blanks at the end of lines': (block) => block.replaceAll('\n', ' \t\n'),
  'control characters at the end of lines': (block) => block.replaceAll('\n', '\v\x01\n'),
  'blanks at the start of lines': (block) => block.replace(/^(?=.)/gm, ' '),
  'an empty line before the content': (block) => block.replace('\n', '\n\n'),
  'an empty line after the content': (block) => block.replace('\n-----END', '\n\n-----END'),
  'an empty line in the content': (block) => block.replace(/(?<=.{64}\n)(?=[^-])/, '\n'),
  'two empty lines': (block) => block.replace('\n', '\n\n\n'),
  'one long line': (block) => rewrapped(block, 100_000),
  'an empty line and one long line': (block) => rewrapped(block, 100_000).replace('\n', '\n\n'),
  'an empty line and short lines': (block) => rewrapped(block, 32).replace('\n', '\n\n'),
  'short lines': (block) => rewrapped(block, 20),
  'a blank in a line': (block) => block.replace(/\n(.{10})/, '\n$1 '),
  'a vertical tab in a line': (block) => block.replace(/\n(.{10})/, '\n$1\v'),
  'an unknown header': (block) => block.replace('\n', '\nComment: x\n\n'),
  'a header without an empty line': (block) => block.replace('\n', '\nComment: x\n'),
  'other text after BEGIN': (block) => block.replace('\n', 'x\n'),
  'other text after END': (block) => block.replace(/(END .*-----)/, '$1x'),
  'another label after END': (block) => block.replace(/END [A-Z0-9 ]+/, 'END X'),
  'no line end before END': (block) => block.replace('\n-----END', '-----END'),
  'no END line': (block) => block.replace(/-----END.*\n/, ''),
  'a character that is not base64': (block) => block.replace('\n', '\n*'),
  'padding in the middle': (block) => block.replace('\n', '\nAA==\n'),
};

/** Wraps the content of a block again. A block with headers stays unchanged. */
function rewrapped(block: string, width: number): string {
  const [, begin, content, end] = /^(.*\n)([^-]*)(-----END.*\n)$/.exec(block) ?? [];
  if (content === undefined) return block;
  return `${begin}${content.replaceAll('\n', '').replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n')}${end}`;
}

test('reads blocks of PEM in odd forms as OpenSSL does', { skip: withoutOpenssl }, async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  const key = authority.privateKey.toPem();
  const encrypted = ['ec', '-in', 'key', '-aes128', '-passout', 'pass:pw', '-out', 'encrypted'];
  const traditional = opensslFiles([['ec', '-in', 'key', '-out', 'sec1'], encrypted], ['sec1', 'encrypted'], { key });
  const read = (text: string) => PrivateKey.read(text, { passphrase: 'pw' });
  const kinds: readonly (readonly [string, readonly string[], (text: string) => unknown])[] = [
    [authority.certificate, ['x509', '-noout'], inspectCertificate],
    [(await authority.issueCrl()).crl, ['crl', '-noout'], inspectCrl],
    [key, ['pkey', '-noout', '-passin', 'pass:pw'], read],
    [traditional.sec1!, ['pkey', '-noout', '-passin', 'pass:pw'], read],
    [traditional.encrypted!, ['pkey', '-noout', '-passin', 'pass:pw'], read],
  ];
  for (const [block, command, ours] of kinds) {
    for (const [name, change] of Object.entries(changes)) {
      const text = change(block);
      const isRead = await Promise.resolve(text)
        .then(ours)
        .then(
          () => true,
          (error) => {
            // The error is compared by name, because modules that are imported by a `#` name come from dist.
            assert.equal(error.name, 'PgHostsslError');
            return false;
          },
        );
      assert.equal(isRead, openssl([...command, '-in', 'file'], { file: text }).ok, `${name}: ${text}`);
    }
  }
});

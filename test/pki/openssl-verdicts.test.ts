import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { opensslRules } from '../../src/pki/certificate/openssl-rules.ts';
import { type OpensslProfile, verifyChain } from '../../src/pki/index.ts';
import { repositoryRoot } from '../repository.ts';
import type { JudgedCase } from './openssl-cases.ts';

// `scripts/openssl-verdicts.js` wrote this file with one program of each profile.
const path = join(repositoryRoot, 'fixtures/pki/openssl-verdicts.json');
const cases: readonly JudgedCase[] = JSON.parse(readFileSync(path, 'utf8'));
const profiles = Object.keys(opensslRules) as readonly OpensslProfile[];

test('decides as each version of OpenSSL where the versions differ', async () => {
  for (const { name, at, accepted, ...texts } of cases) {
    const verdicts = await Promise.all(
      profiles.map((openssl) => verifyChain({ ...texts, purpose: 'clientAuth', at: new Date(at), openssl })),
    );
    const agreed = profiles.filter((_, i) => verdicts[i]!.ok);
    assert.deepEqual(agreed.toSorted(), accepted, name);
  }
});

test('the chains show a difference between any version and the next', () => {
  const verdicts = new Set(cases.map(({ accepted }) => accepted.join(' ')));
  const all = ['1.1.1 3 3.5 3.6 4', '3 3.5 3.6 4', '3.5 3.6 4', '3.6 4', '4', ''];
  // Only 1.1.1 accepts a delta CRL.
  for (const accepting of [...all, '1.1.1']) assert.ok(verdicts.has(accepting), accepting);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runs, seed } from '../property.ts';
import { forEachMajor, startServer } from '../server/index.ts';
import { type Counts, Life, type Step, users } from './life.ts';

const user = fc.constantFrom(...users);
const flag = fc.boolean();
const kind = <Kind extends Step['kind']>(name: Kind) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('plan'),
      user,
      method: fc.constantFrom('cert' as const, 'cert' as const, 'md5' as const),
      rejects: flag,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('migrate'),
      user,
      step: fc.constantFrom('offer' as const, 'require' as const, 'back' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('renew'), user, newKey: flag }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('revoke'), user }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('remove'), user, rejects: flag, revokes: flag }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('roll over') }) },
);

forEachMajor([10, 14, 18, 19], (major) => {
  test('after every step of its life, a server lets in whom the plans say', async (t) => {
    const counts: Counts = { steps: 0, logins: 0, entered: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 10 }), async (steps) => {
        const server = await startServer({ major, hba: 'local all postgres trust\nhost all all 127.0.0.1/32 md5\n' });
        try {
          const life = await Life.start(server, counts);
          for (const one of steps) await life.take(one);
        } finally {
          await server.remove();
        }
      }),
      { numRuns: runs(1), seed, endOnFailure: true, includeErrorInReport: true },
    );
    t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
    assert.ok(counts.entered > 0);
  });
});

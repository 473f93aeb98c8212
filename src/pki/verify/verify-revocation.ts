import { type Certificate, serialNumberHex } from '../certificate/certificate.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import type { Crl } from '../revocation/crl.ts';
import { findCrl } from '../revocation/find-crl.ts';
import { type ChainProblem, chainProblem } from './chain-problem.ts';

/** What the revocation lists say against a path that ends in a root: each certificate, the root included, needs one. */
export async function checkRevoked(
  path: readonly Certificate[],
  lists: readonly Crl[],
  at: Date,
  provider: CompleteProvider,
): Promise<readonly ChainProblem[]> {
  const problems = await Promise.all(
    path.map(async ({ serialNumber }, depth) => {
      const authority = path[depth + 1] ?? path[depth]!;
      const found = await findCrl(lists, { authority, certificate: path[depth]!, at }, provider);
      if ('problem' in found) return [chainProblem(path, depth, found.problem, `Of its issuer, ${found.message}`)];
      const number = serialNumberHex(serialNumber);
      const entry = found.list.entries.find((revoked) => revoked.serialNumber === number);
      if (entry === undefined) return [];
      const reason = entry.reason === undefined ? '' : ` (${entry.reason})`;
      return [chainProblem(path, depth, 'revoked', `It was revoked at ${entry.revokedAt.toISOString()}${reason}`)];
    }),
  );
  return problems.flat();
}

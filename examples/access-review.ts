// An access review as a check of a pull request: node access-review.js <pg_hba.conf of main> <pg_hba.conf of the branch>
// The check fails if the branch lets in somebody whom main does not let in, or by a weaker way.
import { readFileSync } from 'node:fs';
import { checkPolicy } from 'pg-hostssl/access';
import { HbaFile } from 'pg-hostssl/hba';

const [before = 'main/pg_hba.conf', after = 'pg_hba.conf'] = process.argv.slice(2);
const read = (file: string) => HbaFile.parse(readFileSync(file), { version: 18, file });
const policy = { version: 1, statements: [{ id: 'no new access', noNewAccess: {} }] } as const;
const check = checkPolicy(read(after), policy, read(before));
if (check.kind === 'file-refused') throw new Error(check.diagnostics[0]?.message);
for (const { message, rule } of check.statements.flatMap(({ violations }) => violations)) {
  console.log(`::error file=${rule?.file ?? after},line=${rule?.line ?? 1}::${message}`);
}
if (check.verdict !== 'holds') process.exitCode = 1;

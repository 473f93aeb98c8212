// Writes CODES.md, the tables of all error and diagnostic codes, from src/codes.ts. With --check, the script writes
// nothing, and fails if CODES.md is not up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

const target = new URL('../CODES.md', import.meta.url);
const source = readFileSync(new URL('../src/codes.ts', import.meta.url), 'utf8');
const file = ts.createSourceFile('codes.ts', source, ts.ScriptTarget.Latest);

const markdown = `# Codes

Tell errors and diagnostics apart by their codes: a released code is never renamed, while messages may be reworded. Each
entry says what the code means and then what to do. A program finds the same tables in \`errorCodes\` and
\`diagnosticCodes\` of \`pg-hostssl\`.

This page is made from \`src/codes.ts\` by \`npm run codes\`. Do not edit it.

## Codes of errors

A \`PgHostsslError\` with one of these codes reports a mistake of the caller, or failed input and output.

${sections('errorTable')}
## Codes of diagnostics

A diagnostic reports a problem in the content of a file (\`diagnostics\` of a file object) or in a plan. Its \`severity\` says
how bad the problem is: \`error\` means that a server of this major version refuses the file or the setting.

${sections('diagnosticTable')}
## Codes of problems

A problem is what \`verifyChain\` or \`checkRevocation\` of \`pg-hostssl/pki\` finds: a reason for which OpenSSL, and so the
server or libpq, rejects a certificate. A program finds this table in \`problemCodes\` of \`pg-hostssl\`.

${['chainProblemTable', 'crlProblemTable', 'revocationProblemTable'].map(sections).join('')}
## Codes of causes

A cause is what \`explain\` of \`pg-hostssl/doctor\` finds for an error of a client or a server. The page
[Troubleshooting](docs/troubleshooting.md) says what confirms each cause and what mends it. A program finds this table in
\`causeCodes\` of \`pg-hostssl\`.

${sections('causeTable')}`.trimEnd();

if (!process.argv.includes('--check')) {
  writeFileSync(target, `${markdown}\n`);
} else if (readFileSync(target, 'utf8') !== `${markdown}\n`) {
  console.error('CODES.md is not what src/codes.ts says: run `npm run codes`.');
  process.exit(1);
}

/**
 * Returns the rows of a table of codes, grouped by area. The comment above a code starts its area. If an area occurs
 * several times, its rows are joined.
 */
function sections(tableName) {
  const areas = new Map();
  let area;
  for (const property of propertiesOf(tableName)) {
    area = areaOf(property) ?? area;
    const code = property.name.text;
    const row = `| \`${code}\` | ${textOf(property.initializer).replaceAll('|', '\\|')} |\n`;
    areas.set(area, [...(areas.get(area) ?? []), row]);
  }
  const heading = tableName === 'causeTable' ? 'meaning' : 'meaning and what to do';
  return Array.from(
    areas,
    ([title, rows]) => `### ${title}\n\n| code | ${heading} |\n| --- | --- |\n${rows.join('')}\n`,
  ).join('');
}

/** Returns the text about a code, which is one string, or an object with the problem and the hint. */
function textOf(initializer) {
  if (!ts.isObjectLiteralExpression(initializer)) return initializer.text;
  return initializer.properties.map((property) => property.initializer.text).join(' ');
}

function propertiesOf(tableName) {
  const declarations = file.statements.filter(ts.isVariableStatement).flatMap((s) => s.declarationList.declarations);
  const { initializer } = declarations.find(({ name }) => name.text === tableName);
  return (ts.isAsExpression(initializer) ? initializer.expression : initializer).properties;
}

/** Returns the text of the comment above a property. */
function areaOf(property) {
  const comment = ts.getLeadingCommentRanges(source, property.pos)?.at(-1);
  return comment && source.slice(comment.pos, comment.end).replace(/^\/\/ ?/, '');
}

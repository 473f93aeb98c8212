// Writes docs/troubleshooting.md from the causes that pg-hostssl/doctor knows.
import { writeFileSync } from 'node:fs';
import { causes } from '../dist/doctor/index.js';

const sections = causes.map(({ code, looksLike, cause, confirm, wayOut }) =>
  [
    `### ${code}`,
    '',
    `Looks like: ${looksLike}`,
    '',
    cause,
    '',
    `- **Confirm**: ${confirm}`,
    `- **Way out**: ${wayOut}`,
    '',
    '',
  ].join('\n'),
);

const page = `# Troubleshooting

Find the cause of a connection that fails. \`explain\` of \`pg-hostssl/doctor\` takes an error of a client, a text, or lines of
the server's log, and returns the causes, the likeliest one first. With a bundle and the files of the server it checks them,
and says which cause it is: what \`readConfiguration\` of \`pg-hostssl/configuration\` returns holds the certificates and the
private key of the server, too. The answer echoes no part of the text.

<!-- run -->
\`\`\`ts
import { clientBundle, testBundle } from 'pg-hostssl/client';
import { explain } from 'pg-hostssl/doctor';

const made = await testBundle({ users: ['alice', 'bob'] });
const { target, ca, certificate } = made.client({ user: 'alice' });
const bundle = clientBundle({ target, ca, certificate, privateKey: made.client({ user: 'bob' }).privateKey() });

const error = Object.assign(new Error('key values mismatch'), { code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' });
const { causes } = await explain(error, { side: 'client', bundle });
for (const { code, certainty, wayOut } of causes.slice(0, 1)) console.log(\`\${code} (\${certainty}): \${wayOut}\`);
\`\`\`

\`\`\`text
key-mismatch (confirmed): Take certificate and key of the same issue. Replace them in one step, so that no client reads the old one of a pair.
\`\`\`

- The log of the server (\`serverLog\`) says more than the client gets to know: the server tells a client of a refused
  certificate nothing but an alert. From PostgreSQL 15 on the log names the reason and the certificate.
- Say which \`side\` a text comes from, if you know: a TLS alert means the opposite on the other side.

This page is made from \`src/doctor/causes\` by \`npm run build\`. Do not edit it.

## What can go wrong

${sections.join('')}`;

writeFileSync(new URL('../docs/troubleshooting.md', import.meta.url), `${page.trimEnd()}\n`);

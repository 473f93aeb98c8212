// Writes docs/troubleshooting.md from the table of causes of pg-hostssl/doctor.
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

Find out why a connection fails. \`explain\` of \`pg-hostssl/doctor\` takes an error of a client, a text, or lines of the server's
log, and returns the causes, the likeliest cause first. If you also pass a bundle and the files of the server, it checks them and
says which cause applies. \`readConfiguration\` of \`pg-hostssl/configuration\` reads the files of the server, with certificates and
private key. The answer repeats no part of the text.

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
key-mismatch (confirmed): Use a certificate and a key that were issued together. Replace both in one step, so that no client reads a new certificate with an old key.
\`\`\`

- Pass the log of the server (\`serverLog\`), too. If the server refuses a certificate, the client only gets an alert. From
  PostgreSQL 16 on, the log names the reason and the certificate.
- Pass the \`side\` that wrote the text, if you know it. A TLS alert in the log of a client is about the client's own certificate; in
  the log of the server it is about the server's.

This page is made from \`src/doctor/causes\` by \`npm run build\`. Do not edit it.

## What can go wrong

${sections.join('')}`;

writeFileSync(new URL('../docs/troubleshooting.md', import.meta.url), `${page.trimEnd()}\n`);

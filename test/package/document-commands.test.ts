import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { buildSync } from 'esbuild';
import { repositoryRoot } from '../repository.ts';
import { serverSpawnOptions } from '../server/account.ts';
import { freePort } from '../server/free-port.ts';
import { temporaryFolder } from '../server/temporary.ts';
import { readCodeBlocks, readExamples } from './code-blocks.ts';
import { documents } from './documents.ts';
import { packageName } from './manifest.ts';

const { scripts, version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));

/** The commands of npm and Node.js on the pages: the lines of `sh` blocks, and what stands between backticks. */
const commands = documents.flatMap(({ path, text }) => {
  const shell = readCodeBlocks(text).flatMap(({ language, code }) => (language === 'sh' ? [code] : []));
  const prose = [text.replace(/^```.*?^```$/gms, ''), ...shell].join('\n');
  const inline = Array.from(prose.matchAll(/`((?:npm|npx|node) [^`\n]+)`/g), ([, command]) => command!);
  return [...shell.flatMap((code) => code.split('\n')), ...inline]
    .flatMap((line) => line.replace(/ +# .*/, '').split(' && '))
    .filter((command) => command !== '')
    .map((command) => ({ path, command }));
});

/** The commands that a test of this file runs. */
const runHere = [
  `npm install ${packageName}`,
  `npm install <clone>/${packageName}-${version}.tgz`,
  'npm pkg set type=module',
  `npm ls ${packageName}`,
  'node --no-maglev',
  'node scripts/test.js hba/edit',
  'node access-review.js',
];

/** For each other command, the reason why no test runs it. */
const notRun: Readonly<Record<string, string>> = {
  'npm ci': 'this test runs in the node_modules that it makes',
  'npm pack': 'its build would replace files that other tests use; tarball.test.ts packs without the build',
  'npm test': 'runs this test',
  'npm run build': 'replaces files that other tests use; each run of the tests needs it',
  'npm run build:tests': 'replaces files that other tests use; each run of the tests needs it',
  'npm run check': 'begins with a build; .ci/run runs it',
  'npm run format': 'changes the files of the clone',
  'npm run bench': 'takes an hour',
  'npm run runtimes': 'installs 800 MB; a job of ci.yml runs it',
  'npm run coverage': 'runs all tests',
  'npm run coverage:floor': 'runs hundreds of tests; .ci/run runs it',
  'npm run mutate -- quoting 20': 'takes minutes; a test checks the name of the area',
  'npm run docs': 'takes half a minute; a part of `npm run check`',
  'npm run codes': 'a part of `npm run build`',
  'npm run catalogue': 'changes the files of the clone',
  'npm run clients': 'changes the files of the clone; .ci/run runs it',
  'npm run quickstart': 'takes minutes; examples.test.ts runs its program',
  'npm install --package-lock-only --ignore-scripts': 'is about a file that a new major version changes',
  'node scripts/test.js pki/': 'takes minutes',
};

test('a test runs each command of the pages, or a reason says why not', () => {
  const named = new Set(commands.map(({ command }) => command));
  assert.deepEqual([...named].sort(), [...runHere, ...Object.keys(notRun)].sort());
});

test('each script of npm, program and folder of tests that a page names exists', () => {
  const tests = readdirSync(join(repositoryRoot, 'test'), { recursive: true }).map(String);
  for (const { path, command } of commands) {
    const [program, first = '', second] = command.split(' ');
    const isThere =
      program === 'npm'
        ? first !== 'run' || second! in scripts
        : [first, `examples/${first.replace(/\.js$/, '.ts')}`].some((name) => existsSync(join(repositoryRoot, name)));
    assert.ok(isThere || command === 'node --no-maglev', `${command} in ${path}`);
    if (first !== 'scripts/test.js') continue;
    assert.ok(
      tests.some((name) => name.endsWith('.test.ts') && name.includes(second!)),
      command,
    );
  }
});

test('scripts/test.js runs the tests that its words choose', () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const options = { cwd: repositoryRoot, env, encoding: 'utf8' } as const;
  assert.match(execFileSync(process.execPath, ['scripts/test.js', 'hba/edit'], options), / 0 failed, 0 skipped/);
});

test('the area of `npm run mutate` exists', () => {
  const { stderr } = spawnSync(process.execPath, ['scripts/mutate.js', 'none'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  assert.match(stderr, /The areas are .*\bquoting\b/);
});

test('Node.js has the option --no-maglev', () => {
  assert.equal(execFileSync(process.execPath, ['--no-maglev', '-p', '1'], { encoding: 'utf8' }), '1\n');
});

test('npm installs the package, and the programs of the README run there as JavaScript', (context) => {
  const project = temporaryFolder();
  const env = { ...process.env, npm_config_prefer_offline: 'true', npm_config_fetch_retries: '0' };
  const npm = (command: string) =>
    spawnSync('npm', command.split(' ').slice(1), { cwd: project, env, encoding: 'utf8' });
  const clone = project;
  npm(`npm pack --ignore-scripts --pack-destination ${clone} ${repositoryRoot}`);
  const installed = npm(`npm install ${clone}/${packageName}-${version}.tgz`);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED/.test(installed.stderr)) return context.skip('npm has no registry');
  assert.equal(installed.status, 0, installed.stderr);
  assert.match(npm(`npm ls ${packageName}`).stdout, new RegExp(`${packageName}@${version}`));
  assert.equal(npm('npm pkg set type=module').status, 0);
  const readme = documents.find(({ path }) => path === 'README.md')!.text;
  for (const { code, run, line, output } of readExamples(readme)) {
    const program = `line-${line}.js`;
    writeFileSync(join(project, program), code);
    const parameters = run ? [program] : ['--check', program];
    const printed = execFileSync(process.execPath, parameters, { cwd: project, encoding: 'utf8' });
    assert.equal(printed, output ?? '', `README.md:${line}`);
  }
});

/** The steps of workflows on docs/recipes.md: the name of the program in the step, and the lines of the step. */
const steps = new Map(
  readCodeBlocks(documents.find(({ path }) => path === 'docs/recipes.md')!.text)
    .filter(({ language }) => language === 'yaml')
    .map(({ code }) => {
      // In this form, which is a small part of YAML, the indented lines are the value as they stand.
      const [, lines] = /^- run: \|\n((?: {4}\S.*\n)+)$/.exec(code) ?? assert.fail(code);
      const script = lines!.replace(/^ {4}/gm, '');
      return [/\bnode (\S+)\.js/.exec(script)?.[1] ?? assert.fail(script), script];
    }),
);

test('the workflows of the pages are steps that a test runs', () => {
  assert.deepEqual([...steps.keys()], ['ci-certificates', 'access-review']);
  const blocks = documents.flatMap(({ text }) => readCodeBlocks(text)).filter(({ language }) => language === 'yaml');
  assert.equal(blocks.length, steps.size);
});

const debianServers = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
const notLikeUbuntu =
  debianServers.length === 1 ? false : 'the step needs a machine with one server of Debian or Ubuntu';

test('the step with ci-certificates starts a server that lets the user in', { skip: notLikeUbuntu }, async () => {
  const client = 'sslrootcert=tls/app/root.crt sslcert=tls/app/postgresql.crt sslkey=tls/app/postgresql.key';
  const script = [
    "trap 'pg_ctl -D data -m immediate stop' EXIT",
    steps.get('ci-certificates'),
    `psql "host=localhost user=app dbname=postgres sslmode=verify-full ${client}" -Atc 'SELECT current_user'`,
  ];
  const { status, output } = runStep('ci-certificates', script.join('\n'), temporaryFolder(), {
    // The step takes the port 5432, which may be in use on this machine.
    PGPORT: String(await freePort()),
  });
  assert.equal(status, 0, output);
  assert.match(output, /^CREATE ROLE\napp$/m);
});

test('the step with access-review fails for a branch that lets more users in', () => {
  const folder = temporaryFolder();
  const script = [
    'git init -q -b main .',
    'git config user.name someone && git config user.email someone@example.com',
    'echo "hostssl app all 10.0.0.0/8 scram-sha-256" > pg_hba.conf',
    'git add pg_hba.conf && git commit -q -m first',
    'git clone -q "file://$PWD" branch',
  ];
  const { status, output } = runStep('access-review', script.join('\n'), folder);
  assert.equal(status, 0, output);
  const branch = join(folder, 'branch');
  const step = () => runStep('access-review', steps.get('access-review')!, branch);
  assert.equal(step().status, 0, step().output);
  appendFileSync(join(branch, 'pg_hba.conf'), 'host app all 10.1.0.0/16 trust\n');
  assert.equal(step().status, 1);
  assert.match(step().output, /^::error file=pg_hba\.conf,line=2::/m);
});

/**
 * Runs a step of a workflow as GitHub does, in a folder with a program of `examples`, as the account of the servers.
 */
function runStep(
  program: string,
  script: string,
  folder: string,
  variables: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly output: string } {
  // The program is one file, because the account may be unable to read the folder of the repository.
  buildSync({
    entryPoints: [join(repositoryRoot, 'build/examples', `${program}.js`)],
    outfile: join(folder, `${program}.js`),
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const { env, ...account } = serverSpawnOptions();
  const path = [dirname(process.execPath), env?.PATH].join(delimiter);
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
    ...account,
    cwd: folder,
    env: { ...env, ...variables, PATH: path, HOME: folder },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, output: stdout + stderr };
}

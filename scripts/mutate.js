// Finds code that no test checks. The script changes the compiled code in one place after the other, and runs the tests
// that need no server. A changed file is called a mutant. It survives if all tests pass: look at the changed line, and
// add the missing test.
//   npm run mutate                 20 mutants of each area
//   npm run mutate -- quoting 50   50 mutants of one area: scanning, matching, quoting or values
// PG_HOSTSSL_SEED chooses other mutants. Not every surviving mutant shows a missing test, because some changes do not
// alter the behaviour.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../', import.meta.url));
// The copy of the compiled code is inside the repository, so that the tests find node_modules and the sample files.
const copy = `${root}build/mutate/`;

/** For each area, the folders of src whose code is changed, and the test files that should fail then. */
const areas = {
  scanning: {
    sources: 'auth-file/scan/',
    tests: ['hba/edit', 'hba/properties', 'hba/limits', 'hba/one-reading', 'ident/edit'],
  },
  matching: { sources: 'access/match/', tests: ['access/match-rule', 'access/tokens', 'access/trees', 'hba/how-to'] },
  quoting: { sources: 'auth-file/write/', tests: ['hba/edit', 'hba/properties', 'ident/edit', 'ident/written'] },
  values: {
    sources: 'conf/values/',
    tests: ['conf/typed', 'conf/file', 'conf/file.property', 'conf/setting-changes', 'conf/tree'],
  },
};

/** The operators that are replaced, each with its replacement. */
const swapped = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
  '??': '&&',
};

const [word, number = '20'] = process.argv.slice(2);
const chosen = Object.keys(areas).filter((area) => word === undefined || area === word);
if (chosen.length === 0) throw new Error(`The areas are ${Object.keys(areas).join(', ')}`);
const seed = Number(process.env.PG_HOSTSSL_SEED ?? 1);

rmSync(copy, { recursive: true, force: true });
for (const folder of ['src', 'test']) cpSync(`${root}build/${folder}`, `${copy}${folder}`, { recursive: true });
try {
  for (const area of chosen) tryArea(area, areas[area]);
} finally {
  rmSync(copy, { recursive: true });
}

function tryArea(area, { sources, tests }) {
  if (!passes(tests)) throw new Error(`The tests of ${area} fail without any mutant`);
  const files = readdirSync(`${copy}src/${sources}`).filter((name) => name.endsWith('.js'));
  const mutants = files.flatMap((name) => mutantsOf(`src/${sources}${name}`));
  const tried = sample(mutants, Number(number));
  const survivors = tried.filter((mutant) => survives(mutant, tests));
  console.log(
    `${area}: ${tried.length - survivors.length} of ${tried.length} mutants noticed (${mutants.length} possible)`,
  );
  for (const { path, line, before, after } of survivors) {
    console.log(`  ${path.replace(/\.js$/, '.ts')}, compiled line ${line}: ${before} became ${after}`);
  }
}

/** Returns true if all tests pass with a mutant in place of the original file. */
function survives({ path, text, mutated }, tests) {
  writeFileSync(copy + path, mutated);
  const result = passes(tests);
  writeFileSync(copy + path, text);
  return result;
}

/** Returns true if the tests pass. Tests that do not end within the time limit count as failed. */
function passes(tests) {
  const files = tests.map((name) => `${copy}test/${name}.test.js`);
  const env = { ...process.env, PG_HOSTSSL_SEED: '1' };
  return spawnSync(process.execPath, ['--test', ...files], { cwd: root, env, timeout: 180_000 }).status === 0;
}

/** Returns all mutants of a file, each with one changed place. */
function mutantsOf(path) {
  const text = readFileSync(copy + path, 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const mutants = [];
  const add = (node, after) => {
    const [start, end] = [node.getStart(file), node.getEnd()];
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    const mutated = text.slice(0, start) + after + text.slice(end);
    mutants.push({ path, text, line, before: text.slice(start, end), after, mutated });
  };
  const visit = (node) => {
    if (ts.isBinaryExpression(node)) {
      const after = swapped[node.operatorToken.getText(file)];
      if (after !== undefined) add(node.operatorToken, after);
    } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      add(node, node.operand.getText(file));
    } else if (ts.isNumericLiteral(node)) {
      add(node, String(Number(node.text) + 1));
    } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
      add(node, node.kind === ts.SyntaxKind.TrueKeyword ? 'false' : 'true');
    } else if (ts.isIfStatement(node)) {
      add(node.expression, 'false');
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

/** Returns some elements of a list, chosen by the seed. */
function sample(list, count) {
  const rest = [...list];
  const some = [];
  let state = seed;
  while (some.length < count && rest.length > 0) {
    state = (state * 48_271) % 2_147_483_647;
    some.push(...rest.splice(state % rest.length, 1));
  }
  return some;
}

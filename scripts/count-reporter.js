// A reporter of node:test. It writes the last lines of scripts/test.js: how to run each failed file alone, and one line
// of counts.
export default async function* countReporter(events) {
  const counts = new Map();
  const failed = new Set();
  for await (const { type, data } of events) {
    const count = type === 'test:diagnostic' && data.nesting === 0 && /^(\w+) ([\d.]+)$/.exec(data.message);
    if (count) counts.set(count[1], Number(count[2]));
    // A suite that a helper file makes has the path of this file. Its failed tests have the path of the test file.
    const word = type === 'test:fail' && /\btest\/(.*)\.test\.[jt]s$/.exec(data.file ?? '')?.[1];
    if (word) failed.add(word);
  }
  const words = [...failed].sort();
  if (words.length > 0) yield '\nTo run a failed file alone:\n';
  for (const word of words) yield `  npm run build:tests && node scripts/test.js ${word}\n`;
  const of = (name) => counts.get(name) ?? 0;
  const seconds = of('duration_ms') / 1000;
  const time = seconds < 100 ? `${Math.ceil(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
  // A test that runs into the time limit is counted as cancelled.
  yield `\n${of('tests')} tests: ${of('pass')} passed, ${of('fail') + of('cancelled')} failed, ${of('skipped')} skipped, in ${time}\n`;
}

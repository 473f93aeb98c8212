// A reporter of node:test. It writes the last lines of scripts/test.js: how to run each failed file alone, and one line of
// counts.
export default async function* countReporter(events) {
  const counts = new Map();
  const failed = new Set();
  for await (const { type, data } of events) {
    const count = type === 'test:diagnostic' && data.nesting === 0 && /^(\w+) ([\d.]+)$/.exec(data.message);
    if (count) counts.set(count[1], Number(count[2]));
    if (type === 'test:fail' && data.file !== undefined) failed.add(data.file);
  }
  const words = [...new Set(Array.from(failed, (file) => /\btest\/(.*)\.test\.[jt]s$/.exec(file)?.[1] ?? file))].sort();
  if (words.length > 0) yield '\nTo run a failed file alone:\n';
  for (const word of words) yield `  npm run build:tests && node scripts/test.js ${word}\n`;
  const of = (name) => counts.get(name) ?? 0;
  const seconds = of('duration_ms') / 1000;
  const time = seconds < 100 ? `${Math.ceil(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
  // A test that runs into the time limit is counted as cancelled.
  yield `\n${of('tests')} tests: ${of('pass')} passed, ${of('fail') + of('cancelled')} failed, ${of('skipped')} skipped, in ${time}\n`;
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { all, HbaFile, type HbaRuleInput, hbaFileRules } from '../src/hba/index.ts';
import { hbaText } from './shared/hba-text.ts';
import { medianTimes } from './shared/rounds.ts';
import { addRow } from './shared/table.ts';

/**
 * Measures the memory and time for parsing pg_hba.conf with 10,000, 100,000 and 1,000,000 lines, each size in its own
 * process. The growth is the time per line, divided by the time per line at the previous size.
 */
interface Growth {
  /**
   * The memory of a parsed file in bytes per line, including its text: after parsing, and after its rules were read.
   */
  readonly kept: { readonly parsed: number; readonly rules: number };
  /** The peak resident set size in MB, after rules and diagnostics were read. */
  readonly peak: number;
  /** The CPU time in milliseconds, by task. */
  readonly times: Readonly<Record<string, number>>;
}

const counts = [10_000, 100_000, 1_000_000] as const;
const [, , file, count] = process.argv;
if (file !== undefined && count !== undefined) console.log(JSON.stringify(await growthOf(file, Number(count))));
else reportAll();

function reportAll(): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-growth-'));
  const path = join(folder, 'pg_hba.conf');
  let before: Growth | undefined;
  for (const lines of counts) {
    writeFileSync(path, hbaText(lines));
    const program = [...process.execArgv, '--expose-gc', fileURLToPath(import.meta.url), path, String(lines)];
    const growth = JSON.parse(execFileSync(process.execPath, program, { encoding: 'utf8' })) as Growth;
    const { kept, peak, times } = growth;
    console.log(`\npg_hba.conf, ${lines} lines, in a process of its own`);
    console.log(
      `  kept a line: ${kept.parsed.toFixed(0)} B parsed, ${kept.rules.toFixed(0)} B with rules; peak ${peak.toFixed(0)} MB`,
    );
    for (const [name, time] of Object.entries(times)) {
      const ratio = before === undefined ? undefined : time / before.times[name]! / 10;
      console.log(
        `  ${name.padEnd(16)} ${time.toFixed(2).padStart(9)} ms   ${ratio === undefined ? '' : `${ratio.toFixed(2)} × n`}`,
      );
      if (lines === 1_000_000) addRow(`growth from 100,000 to 1,000,000 lines, ${name}: time a line`, ratio!);
    }
    addRow(`memory, ${lines} lines: bytes kept a line, parsed`, kept.parsed, 166);
    addRow(`memory, ${lines} lines: bytes kept a line, with rules`, kept.rules, 477);
    addRow(`memory, ${lines} lines: peak resident MB`, peak, lines === 1_000_000 ? 500 : undefined);
    before = growth;
  }
  rmSync(folder, { recursive: true });
}

async function growthOf(path: string, lines: number): Promise<Growth> {
  const empty = await keptBytes();
  const parsed = parseFile(path);
  const afterParse = await keptBytes();
  const { rules } = parsed;
  const afterRules = await keptBytes();
  void parsed.diagnostics;
  const peak = process.resourceUsage().maxRSS / 1024;
  const bytes = readFileSync(path);
  const kept = { parsed: (afterParse - empty) / lines, rules: (afterRules - empty) / lines };

  const added: HbaRuleInput = { type: 'local', databases: [all], users: ['nobody here'], method: 'peer' };
  const middle = rules[rules.length >> 1]!;
  const edits = Array.from({ length: 1000 }, (_, i) => {
    const entry = rules[Math.floor((i * rules.length) / 1000)]!;
    return { kind: 'replace', entry, change: { users: [`user${i}`] } } as const;
  });
  // Each run parses the file again, because a file object caches its rules and diagnostics.
  let fresh = HbaFile.parse(bytes);
  const times = await medianTimes(
    [
      { name: 'parse', run: () => (fresh = HbaFile.parse(bytes)) },
      { name: 'rules', run: () => fresh.rules },
      { name: 'diagnostics', run: () => fresh.diagnostics },
      { name: 'hbaFileRules', run: () => hbaFileRules(fresh) },
      { name: 'one edit', run: () => parsed.replace(middle, { users: ['someone'] }) },
      { name: '1,000 edits', run: () => parsed.edit(edits) },
      { name: 'ensure', run: () => parsed.ensure(added, 'end') },
    ],
    lines > 100_000 ? 3 : 9,
  );
  return { kept, peak, times: Object.fromEntries(times) };
}

/** Parses a file. The bytes of the file are garbage when the function returns. */
function parseFile(path: string): HbaFile {
  return HbaFile.parse(readFileSync(path));
}

/**
 * Returns the bytes in use after garbage collection, on the heap and outside the heap. Memory outside the heap is freed
 * after the collection that finds it.
 */
async function keptBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

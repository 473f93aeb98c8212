import type { PgMajor } from '../../version.ts';
import { readEntry } from '../lines/entry.ts';
import { judgeSetting } from './judge-setting.ts';

/**
 * What a server does with a line while it loads the file. `unchecked`: only the server can tell, for example whether it
 * has a time zone. A server that accepts the line may still not start with it, for example without a named file.
 */
export type Acceptance = 'accepted' | 'unchecked' | 'refused';

/** Returns what a server does with a line while it loads the file. */
export function acceptanceOf(line: string, version: PgMajor): Acceptance {
  const entry = readEntry(line, 'utf-8');
  if (entry.kind === 'include') return 'accepted';
  if (entry.kind !== 'setting') return 'refused';
  const judgement = judgeSetting(entry.name, entry.value, version);
  switch (judgement.kind) {
    case 'accepted':
    case 'custom':
    case 'doubtful':
      return 'accepted';
    case 'unchecked':
      return judgement.when === 'start' ? 'accepted' : 'unchecked';
    default:
      return 'refused';
  }
}

import { namedLookAlike } from '../../text/look-alikes.ts';
import type { PgMajor } from '../../version.ts';
import { explainUnknownName } from '../catalogue/renamed.ts';
import type { Judgement } from './judge-setting.ts';

/** Returns why a server or a module does not take a setting; `undefined` if it takes the setting, or may take it. */
export function refusalWords(name: string, judgement: Judgement, version: PgMajor): string | undefined {
  switch (judgement.kind) {
    case 'refused':
      return judgement.code === 'setting-unknown'
        ? unknownName(name, version)
        : `PostgreSQL ${version} refuses this value of ${name}: ${judgement.because}`;
    case 'refused-by-module':
      return `${judgement.module} refuses this value of ${name}: ${judgement.because}`;
    case 'unknown':
      return `No known version has a setting ${name}${advised(name, version)}`;
    case 'unknown-to-module':
      return `${judgement.module} has no setting ${name}${advised(name, version)}`;
    default:
      return undefined;
  }
}

function unknownName(name: string, version: PgMajor): string {
  if (name.startsWith('\ufeff')) return `The name ${name.slice(1)} begins with a byte order mark. Remove the mark`;
  const named = namedLookAlike(name);
  if (named !== undefined) return `The name ${name} holds ${named}. Write the ASCII character`;
  return `PostgreSQL ${version} has no setting ${name}: ${explainUnknownName(name, version).hint}`;
}

function advised(name: string, version: PgMajor): string {
  const { meant } = explainUnknownName(name, version);
  return meant === undefined ? '' : `. Use ${meant}`;
}

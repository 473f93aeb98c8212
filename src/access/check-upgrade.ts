import { assertVersion } from '../arguments.ts';
import { endWithoutSpaces } from '../c/ascii.ts';
import { HbaFile } from '../hba/index.ts';
import { IdentFile } from '../ident/index.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { lineNumbers } from '../text/lines.ts';
import type { PgMajor } from '../version.ts';
import { diffAccess } from './diff.ts';
import { shownConnection } from './report/shown-connection.ts';
import type { PlacedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import { confValueChanges } from './upgrade/conf-values.ts';
import { type HbaFix, hbaFixOf } from './upgrade/hba-fixes.ts';
import { hbaLineChanges, identLineChanges, joinedMappings } from './upgrade/line-changes.ts';
import { newDiagnostics } from './upgrade/new-diagnostics.ts';
import { withFixes } from './upgrade/with-fixes.ts';

/**
 * What a move between two major versions breaks or silently changes in the files of a server: lines and settings that the
 * new version refuses, names that it takes for something else, connections that it decides about in another way.
 * Connections are compared after the fixes of all errors; while an error of pg_hba.conf has no fix, they are not compared.
 *
 * @param input the files
 * @param from the major version that reads them now
 * @param to the major version that is to read them
 * @param facts what the files do not tell
 * @returns diagnostics: an `error` stops the new server, or its reload; most have a fix that can be applied
 * @throws PgHostsslError `version-unknown` for a version that is not known here
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { checkUpgrade } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const hba = HbaFile.parse('hostssl all all all md5 clientcert=1\n', { version: 13 });
 * const [diagnostic] = checkUpgrade({ hba }, 13, 14);
 * assert.deepEqual([diagnostic?.code, diagnostic?.severity], ['upgrade-refused', 'error']);
 * assert.equal(diagnostic?.fix?.text, 'clientcert=verify-ca');
 * ```
 */
export function checkUpgrade(
  input: AccessInput | HbaFile,
  from: PgMajor,
  to: PgMajor,
  facts: AccessFacts = {},
): readonly Diagnostic[] {
  const files = inputOf(input, 'the input of checkUpgrade');
  assertVersion(from);
  assertVersion(to);
  assertFacts(facts);
  const { hba, ident, conf } = files;
  const [before, after] = [hbaAs(hba, from), hbaAs(hba, to)];
  const found = withFixOfEmptyFile(
    newDiagnostics(before.diagnostics, after.diagnostics, to, ({ severity }) =>
      severity === 'error' ? 'upgrade-refused' : 'upgrade-meaning',
    ),
    after,
  );
  const fixes = fixesThatHelp(found, before, after);
  const diagnostics = found.map((diagnostic) => {
    if (diagnostic.severity !== 'error') return diagnostic;
    const { fix, ...rest } = diagnostic;
    const helps = fixes.get(diagnostic);
    return helps === undefined ? rest : { ...rest, fix: helps.fix };
  });
  diagnostics.push(...hbaLineChanges(before, withBlanks(after, hbaAs, found)));
  if (ident !== undefined) {
    const [old, now] = [identAs(ident, from), identAs(ident, to)];
    const ofIdent = newDiagnostics(old.diagnostics, now.diagnostics, to, ({ severity }) =>
      severity === 'error' ? 'upgrade-refused' : 'upgrade-meaning',
    );
    const joined = joinedMappings(old, now);
    const apart = withBlanks(now, identAs, [...ofIdent, ...joined]);
    // A line that the new version refuses if it stands alone must not come back by a fix.
    const isTaken = apart.diagnostics.every(({ severity }) => severity !== 'error');
    diagnostics.push(
      ...ofIdent,
      ...joined.map(({ fix, ...rest }) => (isTaken && fix !== undefined ? { ...rest, fix } : rest)),
      ...identLineChanges(old, isTaken ? apart : now),
    );
  }
  if (conf !== undefined) {
    const [old, now] = [conf.withVersion(from), conf.withVersion(to)];
    diagnostics.push(
      ...newDiagnostics(old.diagnostics, now.diagnostics, to, () => 'upgrade-setting'),
      ...confValueChanges(old, now),
    );
  }
  // The new version decides about nobody by a file with errors. With their fixes the files can be compared. A rejection is
  // put into both files, because the error that it fixes reports this change already.
  const rejections = [...fixes.values()].filter(({ rejects }) => rejects);
  const [was, will] = [fixedFile(before, rejections), fixedFile(after, [...fixes.values()])];
  return [...diagnostics, ...accessChanges(was, will, facts)];
}

/** The fixes of errors after which the new version takes the line: behind its first error a line may have another one. */
function fixesThatHelp(found: readonly Diagnostic[], before: HbaFile, after: HbaFile): ReadonlyMap<Diagnostic, HbaFix> {
  const fixes = new Map<Diagnostic, HbaFix>();
  for (const diagnostic of found) {
    const fix = hbaFixOf(diagnostic, before);
    if (fix !== undefined) fixes.set(diagnostic, fix);
  }
  const { file } = after.expandable().options;
  const fixed = fixedFile(after, [...fixes.values()]);
  const [starts, fixedStarts] = [after, fixed].map(({ entries }) => lineNumbers(entries)) as [number[], number[]];
  const refused = new Set(
    fixed.diagnostics.flatMap((each) =>
      each.severity === 'error' && each.file === file ? [entryAt(fixedStarts, each)] : [],
    ),
  );
  for (const diagnostic of fixes.keys()) if (refused.has(entryAt(starts, diagnostic))) fixes.delete(diagnostic);
  return fixes;
}

/** The index of the entry that a diagnostic is about, which need not be on the first of the entry's physical lines. */
function entryAt(starts: readonly number[], { range }: Diagnostic): number {
  return starts.findLastIndex((line) => line <= range.start.line);
}

function fixedFile(file: HbaFile, fixes: readonly HbaFix[]): HbaFile {
  if (fixes.length === 0) return file;
  const bytes = withFixes(
    file.toBytes(),
    fixes.map(({ fix }) => fix),
  );
  return hbaAs(file, file.version, bytes);
}

/** If comments swallow every rule, the first of these comments is the error, since its fix brings rules back. */
function withFixOfEmptyFile(found: readonly Diagnostic[], after: HbaFile): readonly Diagnostic[] {
  const empty = found.find(({ message }) => message.endsWith('(hba-no-entries)'));
  const comment = found.find(({ fix }) => fix?.text === ' ');
  if (empty?.severity !== 'error' || comment === undefined) return found;
  if (withBlanks(after, hbaAs, found).diagnostics.some(({ code }) => code === 'hba-no-entries')) return found;
  const { code, severity } = empty;
  return found.flatMap((each) => (each === empty ? [] : [each === comment ? { ...comment, code, severity } : each]));
}

/** A file whose lines the new version no longer joins, so that a line which it joins today is compared as well. */
function withBlanks<F extends HbaFile | IdentFile>(
  file: F,
  readAs: (file: F, version: PgMajor, bytes: Uint8Array) => F,
  found: readonly Diagnostic[],
): F {
  const { file: path } = file.expandable().options;
  const fixes = found.flatMap(({ fix, file: of }) => (fix?.text === ' ' && of === path ? [fix] : []));
  return fixes.length === 0 ? file : readAs(file, file.version, withFixes(file.toBytes(), fixes));
}

/** The file as a server of this major version reads it. */
function hbaAs(file: HbaFile, version: PgMajor, bytes = file.toBytes()): HbaFile {
  return HbaFile.parse(bytes, { ...file.expandable().options, version });
}

function identAs(file: IdentFile, version: PgMajor, bytes = file.toBytes()): IdentFile {
  return IdentFile.parse(bytes, { ...file.expandable().options, version });
}

/** The connections that the new version decides about in another way, although it takes the file. */
function accessChanges(before: HbaFile, after: HbaFile, facts: AccessFacts): Diagnostic[] {
  const difference = diffAccess(before, after, facts);
  if (difference.kind === 'file-refused') return [];
  const unknown = difference.notCompared.map((rule) => {
    const message = `PostgreSQL ${after.version} reads so many rules differently that not all connections of this rule were compared`;
    return { code: 'upgrade-access', severity: 'warning', message, ...placeOf(rule) } as const;
  });
  const changes = difference.changes.map(({ witness, rule, change }): Diagnostic => {
    const words = {
      weaker: 'lets in',
      stronger: 'refuses, or asks more of,',
      other: 'asks for something else of',
      equal: '',
    };
    const message = `PostgreSQL ${after.version} ${words[change]} connections, such as: ${shownConnection(witness)}`;
    return { code: 'upgrade-access', severity: 'warning', message, ...placeOf(rule) };
  });
  return [...changes, ...unknown];
}

function placeOf({ rule, file, line }: PlacedRule): Pick<Diagnostic, 'range' | 'file'> {
  const range = { start: { line, column: 1 }, end: { line, column: endWithoutSpaces(rule?.text ?? '') + 1 } };
  return { range, ...(file === undefined ? {} : { file }) };
}

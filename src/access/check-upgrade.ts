import { appendAll } from '../append-all.ts';
import { assertVersion } from '../arguments.ts';
import { firstPosition } from '../first-position.ts';
import { HbaFile } from '../hba/file.ts';
import { IdentFile } from '../ident/file.ts';
import { lazily } from '../lazily.ts';
import { type Diagnostic, type DiagnosticPlace, type Fix, isError } from '../text/diagnostic.ts';
import { lineNumbers } from '../text/lines.ts';
import type { PgMajor } from '../version.ts';
import { type AccessChange, diffSharedTransports } from './diff.ts';
import { shownConnection } from './report/shown-connection.ts';
import type { PlacedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import { confValueChanges } from './upgrade/conf-values.ts';
import { type HbaFix, hbaFixesOf } from './upgrade/hba-fixes.ts';
import { blankAfterBackslash, hbaLineChanges, identLineChanges, joinedMappings } from './upgrade/line-changes.ts';
import { newDiagnostics, type UpgradeDiagnostic } from './upgrade/new-diagnostics.ts';
import { withFixes } from './upgrade/with-fixes.ts';

/**
 * Returns the problems of moving the files of a server to another major version: lines and settings that the new
 * version refuses, names that the new version reads differently, and connections that the new version decides
 * differently. A line that both versions refuse is not reported. Connections are compared after the fixes of all
 * errors. If an error of pg_hba.conf has no fix, connections are not compared.
 *
 * @param input the authentication files of the server
 * @param from the major version that reads the files now
 * @param to the major version after the upgrade
 * @param facts facts about the server that are not in the files
 * @returns diagnostics: with an `error`, the new server does not start or does not reload; most diagnostics have a fix
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `version-unknown` for a major version that
 * this package does not support
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
  assertVersion(from, 'from of checkUpgrade');
  assertVersion(to, 'to of checkUpgrade');
  assertFacts(facts);
  const { hba, ident, conf } = files;
  const [before, after] = [hbaAs(hba, from), hbaAs(hba, to)];
  const found = withFixOfEmptyFile(newlyFound(before, after, hbaAs), after);
  const ofLines = found.map(({ diagnostic }) => diagnostic);
  const fixes = fixesThatHelp(ofLines, before, after);
  const diagnostics = ofLines.map((diagnostic) => {
    if (!isError(diagnostic)) return diagnostic;
    const { fix, ...rest } = diagnostic;
    const helps = fixes.get(diagnostic);
    return helps === undefined ? rest : { ...rest, fix: helps.fix };
  });
  appendAll(diagnostics, hbaLineChanges(before, withBlanks(after, hbaAs, continuedComments(found))));
  if (ident !== undefined) appendAll(diagnostics, identChanges(identAs(ident, from), identAs(ident, to)));
  if (conf !== undefined) {
    const [old, now] = [conf.withVersion(from), conf.withVersion(to)];
    const ofSettings = newDiagnostics(old.diagnostics, now.diagnostics, to, () => 'upgrade-setting');
    for (const { diagnostic } of ofSettings) diagnostics.push(diagnostic);
    appendAll(diagnostics, confValueChanges(old, now));
  }
  // The new version does not load a file with errors, so connections are compared after all fixes are applied. A fix
  // that replaces a method with `reject` is also applied to the old file, because the error already reports the refused
  // connections.
  const applied = [...fixes.values()];
  const rejections = applied.flatMap(({ fix, rejects }) => (rejects ? [fix] : []));
  const was = withFixesOf(before, hbaAs, rejections);
  const will = withFixesOf(
    after,
    hbaAs,
    applied.map(({ fix }) => fix),
  );
  return [...diagnostics, ...accessChanges(was, will, facts, placesIn(before, after))];
}

/** Returns the code for a diagnostic of a line that only the new major version reports. */
function codeOfLine(diagnostic: Diagnostic): 'upgrade-refused' | 'upgrade-meaning' {
  return isError(diagnostic) ? 'upgrade-refused' : 'upgrade-meaning';
}

/**
 * Returns the diagnostics that only the new version reports. A comment that ends in a backslash hides the next line,
 * whose comment can end in a backslash, too. So the file is read again twice, each time with a blank after every second
 * of these comments. These two readings find each hidden comment, however many there are.
 */
function newlyFound<F extends HbaFile | IdentFile>(before: F, after: F, readAs: ReadAs<F>): UpgradeDiagnostic[] {
  const found = [...newDiagnostics(before.diagnostics, after.diagnostics, after.version, codeOfLine)];
  if (!found.some(isContinuedComment)) return found;
  const known = [...before.diagnostics, ...after.diagnostics];
  const blanks = blanksAfterComments(before);
  for (const rest of [0, 1]) {
    const other = blanks.filter((_, index) => index % 2 === rest);
    const { diagnostics } = withFixesOf(after, readAs, other);
    appendAll(found, newDiagnostics(known, diagnostics, after.version, codeOfLine).filter(isContinuedComment));
  }
  return found.sort(({ diagnostic: { range: a } }, { diagnostic: { range: b } }) =>
    a.start.line === b.start.line ? a.start.column - b.start.column : a.start.line - b.start.line,
  );
}

function isContinuedComment({ ownCode }: UpgradeDiagnostic): boolean {
  return ownCode === 'comment-continues';
}

/** Returns a fix for each line of the main file whose comment ends in a backslash: a blank after the backslash. */
function blanksAfterComments({ entries }: HbaFile | IdentFile): readonly Fix[] {
  const numbers = lineNumbers(entries);
  return entries.flatMap((entry, index): Fix[] => {
    const hasComment = entry.kind === 'comment' || ('comment' in entry && entry.comment !== undefined);
    const fix = hasComment ? blankAfterBackslash(entry.text, numbers[index]!) : undefined;
    return fix === undefined ? [] : [fix];
  });
}

/** Returns the diagnostics of a pg_ident.conf, which both major versions have read. */
function identChanges(before: IdentFile, after: IdentFile): readonly Diagnostic[] {
  const found = newlyFound(before, after, identAs);
  const joined = joinedMappings(before, after);
  const separated = withBlanks(after, identAs, [...continuedComments(found), ...joined]);
  // The fixes separate two joined lines. If the new version refuses one of the separated lines, the fixes are not
  // offered.
  const isAccepted = !separated.diagnostics.some(isError);
  return [
    ...found.map(({ diagnostic }) => diagnostic),
    ...joined.map(({ fix, ...rest }) => (isAccepted && fix !== undefined ? { ...rest, fix } : rest)),
    ...identLineChanges(before, isAccepted ? separated : after),
  ];
}

/**
 * Returns the fixes after which the new version accepts the fixed line. A fix is left out if its line has another
 * error.
 */
function fixesThatHelp(found: readonly Diagnostic[], before: HbaFile, after: HbaFile): ReadonlyMap<Diagnostic, HbaFix> {
  const fixes = hbaFixesOf(found, before, after.version);
  const { file } = after.expandable().options;
  const ofErrors = [...fixes.values()].map(({ fix }) => fix);
  const fixed = withFixesOf(after, hbaAs, ofErrors);
  const [starts, fixedStarts] = [after, fixed].map(({ entries }) => lineNumbers(entries)) as [number[], number[]];
  const refused = new Set(
    fixed.diagnostics.flatMap((each) => (isError(each) && each.file === file ? [entryAt(fixedStarts, each)] : [])),
  );
  for (const diagnostic of fixes.keys()) if (refused.has(entryAt(starts, diagnostic))) fixes.delete(diagnostic);
  return fixes;
}

/**
 * Returns the index of the entry that contains the diagnostic. The diagnostic can be on any physical line of the entry.
 */
function entryAt(starts: readonly number[], { range }: Diagnostic): number {
  return firstPosition(starts.length, (position) => starts[position]! > range.start.line) - 1;
}

/**
 * A comment that ends in a backslash continues on the next line. If such comments contain every rule, the file has no
 * rule, which is an error. The diagnostic of the first such comment becomes this error, because its fix restores rules.
 */
function withFixOfEmptyFile(found: readonly UpgradeDiagnostic[], after: HbaFile): readonly UpgradeDiagnostic[] {
  const empty = found.find(({ ownCode }) => ownCode === 'hba-no-entries');
  const comments = continuedComments(found);
  if (empty === undefined || !isError(empty.diagnostic) || comments.length === 0) return found;
  if (withBlanks(after, hbaAs, comments).diagnostics.some(({ code }) => code === 'hba-no-entries')) return found;
  const { code, severity } = empty.diagnostic;
  return found.flatMap((each) => {
    if (each === empty) return [];
    const { diagnostic, ownCode } = each;
    return [diagnostic === comments[0] ? { diagnostic: { ...diagnostic, code, severity }, ownCode } : each];
  });
}

/**
 * Returns the diagnostics of comments that continue on the next line, if they have a fix. The fix adds a blank after
 * the backslash.
 */
function continuedComments(found: readonly UpgradeDiagnostic[]): readonly Diagnostic[] {
  const ofComments = found.filter(isContinuedComment).map(({ diagnostic }) => diagnostic);
  return ofComments.filter(({ fix }) => fix !== undefined);
}

/**
 * Applies the fixes of the main file's diagnostics. Each of the fixes adds a blank after a backslash at the end of a
 * line, so that the new version does not join the line with the next line.
 */
function withBlanks<F extends HbaFile | IdentFile>(file: F, readAs: ReadAs<F>, found: readonly Diagnostic[]): F {
  const { file: path } = file.expandable().options;
  const fixes = found.flatMap(({ fix, file: of }) => (fix !== undefined && of === path ? [fix] : []));
  return withFixesOf(file, readAs, fixes);
}

type ReadAs<F> = (file: F, version: PgMajor, bytes: Uint8Array) => F;

function withFixesOf<F extends HbaFile | IdentFile>(file: F, readAs: ReadAs<F>, fixes: readonly Fix[]): F {
  return fixes.length === 0 ? file : readAs(file, file.version, withFixes(file.toBytes(), fixes));
}

/** Reads the file as a server of the major version does. */
function hbaAs(file: HbaFile, version: PgMajor, bytes = file.toBytes()): HbaFile {
  return HbaFile.parse(bytes, { ...file.expandable().options, version });
}

function identAs(file: IdentFile, version: PgMajor, bytes = file.toBytes()): IdentFile {
  return IdentFile.parse(bytes, { ...file.expandable().options, version });
}

/**
 * Returns the connections that the new version decides differently although the new version accepts the file. The
 * transports that only one version offers are not compared.
 */
function accessChanges(
  before: HbaFile,
  after: HbaFile,
  facts: AccessFacts,
  placeOf: (rule: PlacedRule) => DiagnosticPlace,
): Diagnostic[] {
  const difference = diffSharedTransports({ hba: before }, { hba: after }, facts);
  if (difference.kind === 'file-refused') return [];
  const unknown = difference.notCompared.map((rule) => {
    const message = `PostgreSQL ${after.version} reads too many rules differently, so not all connections of this rule were compared. Compare the rule by hand`;
    return { code: 'upgrade-access', severity: 'warning', message, ...placeOf(rule) } as const;
  });
  const changes = difference.changes.map(({ witness, rule, ...change }): Diagnostic => {
    const example = witness === undefined ? '' : ` Example: ${shownConnection(witness)}.`;
    const message = `PostgreSQL ${after.version} ${wordsOf(change, `PostgreSQL ${before.version}`)}.${example} Correct the rule if this is not meant`;
    return { code: 'upgrade-access', severity: 'warning', message, ...placeOf(rule) };
  });
  return [...changes, ...unknown];
}

/** Describes a change as the end of a sentence whose subject is the new version. */
function wordsOf({ change, certainty }: Pick<AccessChange, 'change' | 'certainty'>, former: string): string {
  const isSure = certainty === 'certain';
  if (change === 'weaker')
    return `${isSure ? 'lets' : 'may let'} in connections that ${former} refuses or asks for more proof`;
  if (change === 'other') return `${isSure ? 'asks' : 'may ask'} connections for another proof than ${former}`;
  const verbs = isSure ? ['refuses', 'asks'] : ['may refuse', 'ask'];
  return `${verbs[0]} connections that ${former} lets in, or ${verbs[1]} them for more proof`;
}

/**
 * Returns a function that gives the place of a rule in the files before any fix, because these are the files that the
 * caller has. The new version can read a line that the older version does not, and the other way round.
 */
function placesIn(before: HbaFile, after: HbaFile): (rule: PlacedRule) => DiagnosticPlace {
  const texts = lazily(() => {
    const lines = [...before.expandedRecords(), ...after.expandedRecords()];
    return new Map(lines.map(({ file, line, text }) => [`${file}:${line}`, text]));
  });
  return ({ rule, file, line }) =>
    after.placeOf({ file, line, text: texts().get(`${file}:${line}`) ?? rule?.text ?? '' });
}

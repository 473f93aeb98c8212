import type { DiagnosticCode } from '../../codes.ts';
import { findSecrets } from '../../find-secrets.ts';
import type { ParseOptions } from '../../parse-options.ts';
import type { Diagnostic, Severity } from '../../text/diagnostic.ts';
import { joinLines } from '../../text/lines.ts';
import { maskSpans } from '../../text/mask.ts';
import { rangeAt } from '../../text/position.ts';
import { defaultPgMajor, type PgMajor } from '../../version.ts';
import { settingDefinition } from '../catalogue/catalogue.ts';
import { explainUnknownName } from '../catalogue/renamed.ts';
import { secretSettings } from '../catalogue/secret-names.ts';
import { type ConfEntry, settingSpans } from '../lines/entry.ts';
import { type Span, scanLine } from '../lines/scan.ts';
import { collectSources, overriddenItems, type SourceItem, type SourceLine } from '../lines/sources.ts';
import { readValue } from '../values/value.ts';
import { decideTogether, findConflicts } from './conflicts.ts';
import { judgeSetting } from './judge-setting.ts';

type SettingItem = Extract<SourceItem, { kind: 'setting' }>;

/** The diagnostics of a file and of the files that it includes. */
export function diagnose(entries: readonly ConfEntry[], options: ParseOptions): readonly Diagnostic[] {
  const version = options.version ?? defaultPgMajor;
  const file = { path: options.file, entries };
  const items = collectSources(file, options);
  const overridden = overriddenItems(items, (name) => settingDefinition(name, version) !== undefined);
  const found: Diagnostic[] = [];
  for (let i = 0; i < entries.length; i++) found.push(...hiddenLines(entries[i]!, { file, line: i + 1 }));
  for (const item of items) if (!overridden.has(item)) found.push(...diagnoseItem(item, version));
  const isLive = (item: SourceItem): item is SettingItem => item.kind === 'setting' && !overridden.has(item);
  return [...found, ...diagnoseConflicts(items.filter(isLive), version)];
}

function diagnoseItem(item: SourceItem, version: PgMajor): readonly Diagnostic[] {
  switch (item.kind) {
    case 'setting':
      return diagnoseSetting(item, version);
    case 'syntax-error':
      return [syntaxError(item, item.entry.text)];
    case 'unread-include': {
      const message = `The parser did not follow ${item.entry.directive}. Give readFile and readDirectory to have the files read`;
      return [diagnostic(item, valueSpan(item.entry.text), 'include-not-followed', 'info', message)];
    }
    case 'include-problem': {
      const message = `The server does not load the file: ${item.error}`;
      return [diagnostic(item, valueSpan(item.entry.text), 'include-failed', 'error', message)];
    }
  }
}

function diagnoseSetting(item: SettingItem, version: PgMajor): readonly Diagnostic[] {
  const { name, value } = item.entry;
  const judgement = judgeSetting(name, value, version);
  if (judgement.kind === 'accepted' || judgement.kind === 'custom') return nothing;
  const spans = settingSpans(item.entry);
  switch (judgement.kind) {
    case 'refused': {
      if (judgement.code === 'setting-unknown') return [unknownName(item, version)];
      const message = `PostgreSQL ${version} refuses this value of ${name}: ${judgement.because}`;
      return [diagnostic(item, spans.value, judgement.code, 'error', message)];
    }
    case 'no-effect':
      return [
        diagnostic(item, spans.name, 'setting-no-effect', 'warning', `${name} has no effect: ${judgement.because}`),
      ];
    case 'unchecked': {
      const message = `${name} = ${shownText(item, spans.value)} is unchecked: ${judgement.because}`;
      return [diagnostic(item, spans.value, 'setting-unchecked', 'info', message)];
    }
    default:
      return nothing;
  }
}

/** The diagnostics of most lines. */
const nothing: readonly Diagnostic[] = [];

function unknownName(item: SettingItem, version: PgMajor): Diagnostic {
  const { name } = item.entry;
  const { hint, meant } = explainUnknownName(name, version);
  const span = settingSpans(item.entry).name;
  const mark = name.startsWith('\ufeff') ? ' (the name begins with a byte order mark: remove the mark)' : '';
  const message = `PostgreSQL ${version} has no setting ${name.replace('\ufeff', '')}${mark}: ${hint}`;
  const found = diagnostic(item, span, 'setting-unknown', 'error', message);
  return meant === undefined ? found : { ...found, fix: { title: `write ${meant}`, range: found.range, text: meant } };
}

function syntaxError(place: SourceLine, text: string): Diagnostic {
  const scanned = scanLine(text);
  const { near, atEnd } = scanned.kind === 'invalid' ? scanned : { near: { start: 0, end: 0 }, atEnd: true };
  const what = atEnd ? 'end of line' : `token ${JSON.stringify(shownText(place, near))}`;
  const message = `Syntax error near ${what}${syntaxHint(text, near)}. The server does not load the file`;
  return diagnostic(place, near, 'conf-syntax', 'error', message);
}

/** A piece of a line with a star for each character of what may be a secret. */
function shownText(place: SourceLine, { start, end }: Span): string {
  const { text } = place.file.entries[place.line - 1]!;
  return maskSpans(text, secretsIn(place)).slice(start, end);
}

/** How many lines above a refused line are searched for the start of its secret. */
const linesAbove = 8;

/** The pieces of a line that may be secrets. A secret may begin in a line above if the server can read neither line. */
function secretsIn({ file: { entries }, line }: SourceLine): readonly Span[] {
  const { kind, text } = entries[line - 1]!;
  let first = line - 1;
  const stop = kind === 'invalid' ? Math.max(0, first - linesAbove) : first;
  while (first > stop && entries[first - 1]!.kind === 'invalid') first -= 1;
  const before = joinLines(entries.slice(first, line - 1));
  return findSecrets(before + text, secretSettings).flatMap(({ start, end }) => {
    const from = Math.max(start - before.length, 0);
    const to = Math.min(end, before.length + text.length) - before.length;
    return from < to ? [{ start: from, end: to }] : [];
  });
}

function syntaxHint(text: string, near: Span): string {
  if (text.startsWith('\ufeff')) return ': the file begins with a byte order mark. Remove the mark';
  if (text[near.start] === '"') return ': put the value in single quotes';
  const value = /=/.test(text.slice(0, near.start)) || near.start > 0;
  return value && near.start < near.end && text[near.start] !== "'" ? ': put the value in single quotes' : '';
}

/** The warning about a comment that hides the rest of a file whose only line ends are carriage returns. */
function hiddenLines(entry: ConfEntry, place: SourceLine): readonly Diagnostic[] {
  if (entry.kind !== 'comment' && entry.kind !== 'commented') return nothing;
  const start = /\r+[^\r\n]/.exec(entry.text)?.index;
  if (start === undefined) return nothing;
  const span = { start, end: entry.text.replace(/[\r\n]+$/, '').length };
  return [
    diagnostic(
      place,
      span,
      'carriage-return',
      'warning',
      'A carriage return without a line feed does not end a line: all of this is one comment. End the lines with line feeds',
    ),
  ];
}

function diagnoseConflicts(items: readonly SettingItem[], version: PgMajor): readonly Diagnostic[] {
  const assignments = items.flatMap((item) => {
    const definition = settingDefinition(item.entry.name, version);
    if (definition === undefined || !decideTogether.has(definition.name)) return [];
    const reading = readValue(definition, item.entry.value, version);
    return [{ item, name: definition.name, value: reading.ok ? reading.value : undefined }];
  });
  return findConflicts(assignments, version).map(({ assignment: { item }, message }) => {
    const span = settingSpans(item.entry).value;
    return diagnostic(item, span, 'setting-conflict', 'error', `The server does not start: ${message}`);
  });
}

function valueSpan(text: string): Span {
  const scanned = scanLine(text);
  return scanned.kind === 'setting' ? scanned.value : { start: 0, end: text.length };
}

function diagnostic(
  place: SourceLine,
  span: Span,
  code: DiagnosticCode,
  severity: Severity,
  message: string,
): Diagnostic {
  const { file, line } = place;
  const text = file.entries[line - 1]!.text;
  const secrets = secretsIn(place).map(({ start, end }) => rangeAt(text, start, end, line));
  return {
    code,
    severity,
    message,
    range: rangeAt(text, span.start, span.end, line),
    ...(file.path === undefined ? {} : { file: file.path }),
    ...(secrets.length === 0 ? {} : { secrets }),
  };
}

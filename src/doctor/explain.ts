import type { AccessInput } from '../access/index.ts';
import { assertProperties, assertVersion, type PropertyNames } from '../arguments.ts';
import type { CheckBundleOptions, ConnectionBundle } from '../client/index.ts';
import { type CauseCode, causeCodes } from '../codes.ts';
import { PgHostsslError } from '../errors.ts';
import type { CauseRow } from './cause.ts';
import { causeRows } from './causes/table.ts';
import type { Finding } from './finding.ts';
import { findingsOf } from './findings.ts';
import { textOf } from './texts.ts';

/** Options of {@link explain}. */
export interface ExplainOptions extends Omit<CheckBundleOptions, 'configuration'> {
  /**
   * Where the text comes from: the client's error, or the log of the server. If not given, both are tried. TLS alerts mean
   * the opposite on the other side.
   */
  readonly side?: 'client' | 'server';
  /** The last lines of the server's log. They say more than the client gets to know. */
  readonly serverLog?: string;
  /**
   * The files of the server, to ask which rule decides and whether TLS is on. For a `Configuration` of
   * `pg-hostssl/configuration`, `checkConfiguration` and `checkCertificates` also judge its certificates and private key,
   * and `bundle` is checked against them.
   */
  readonly configuration?: AccessInput;
  /** The client, to check its key, its certificate and its target. */
  readonly bundle?: ConnectionBundle;
}

const optionNames: PropertyNames<ExplainOptions> = {
  side: true,
  serverLog: true,
  configuration: true,
  bundle: true,
  serverCertificate: true,
  serverCa: true,
  crls: true,
  facts: true,
  clientAddress: true,
  version: true,
  keyFile: true,
  at: true,
  provider: true,
};

/** A cause of an error. It holds fixed texts and what was found out about `configuration` and `bundle`, never the text given. */
export interface Cause {
  /** Stable name of the cause. */
  readonly code: CauseCode;
  /**
   * `confirmed`: the bundle or the configuration has this fault. `likely`: the texts say so. `possible`: the texts allow
   * it. `ruled-out`: the texts allow it, and the bundle or the configuration does not have this fault.
   */
  readonly certainty: 'confirmed' | 'likely' | 'possible' | 'ruled-out';
  /** What is wrong, in a sentence. */
  readonly cause: string;
  /** What confirms the cause. */
  readonly confirm: string;
  /** The call or the line that mends it. */
  readonly wayOut: string;
  /** What was found out about the bundle and the configuration. */
  readonly details: readonly string[];
}

/** The causes of an error. */
export interface Explanation {
  /** The causes, the likeliest one first; empty if the table knows no such text. */
  readonly causes: readonly Cause[];
}

/**
 * Explains why a TLS connection to PostgreSQL failed: an error of a client (`pg`, postgres.js, libpq, pgjdbc, Go, Python), a
 * text, or lines of the server's log. With `configuration` and `bundle` it checks them, and says which cause it is.
 *
 * The answer echoes no part of the text, so no secret of the text is in it.
 *
 * @param error - The error object, or its text.
 * @param options - What else is known.
 * @returns The causes, the likeliest one first.
 * @throws PgHostsslError `argument-invalid`; for a bundle the errors of `checkBundle`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { explain } from 'pg-hostssl/doctor';
 *
 * const { causes } = await explain('tlsv1 alert unknown ca', {
 *   side: 'client',
 *   serverLog: 'LOG:  could not accept SSL connection: certificate verify failed',
 * });
 * assert.equal(causes[0]?.code, 'client-issuer-unknown');
 * assert.match(causes[0].wayOut, /ssl_ca_file/);
 * ```
 */
export async function explain(error: unknown, options: ExplainOptions = {}): Promise<Explanation> {
  assertProperties(options, optionNames, 'the options of explain');
  const { side, serverLog = '', configuration, bundle, ...known } = options;
  if (side !== undefined && side !== 'client' && side !== 'server') {
    throw new PgHostsslError('argument-invalid', "side of explain must be 'client' or 'server'");
  }
  if (typeof serverLog !== 'string') {
    throw new PgHostsslError('argument-invalid', 'serverLog of explain must be a text');
  }
  if (options.version !== undefined) assertVersion(options.version);
  const text = textOf(error);
  const from = side ?? sideOf(error);
  const texts = { client: from === 'server' ? '' : text, server: from === 'client' ? '' : text, log: serverLog };
  const findings = await findingsOf(configuration, bundle, known);
  const causes = causeRows.flatMap((row) => {
    const score = scoreOf(row, texts);
    const finding = findings.get(row.code);
    return score === 0 && finding?.kind !== 'fault' ? [] : [{ row, score, finding }];
  });
  return { causes: causes.toSorted((a, b) => rankOf(b) - rankOf(a)).map(causeOf) };
}

/** A server logs no error object, and does not name itself as libpq from 14 on does. It sends no LOG message to clients. */
function sideOf(error: unknown): 'client' | 'server' | undefined {
  if (typeof error !== 'string' || /connection to server (?:at|on) /.test(error)) return 'client';
  return /(?:^|[ \n])LOG: {2}/.test(error) ? 'server' : undefined;
}

interface Candidate {
  readonly row: CauseRow;
  readonly score: number;
  readonly finding: Finding | undefined;
}

/** The log of the server is more exact than what a client gets to know. */
function scoreOf(
  { client = [], server = [], maybe = [] }: CauseRow,
  texts: Readonly<Record<TextName, string>>,
): number {
  const isIn = (patterns: readonly RegExp[], ...names: readonly TextName[]): boolean =>
    patterns.some((pattern) => names.some((name) => pattern.test(texts[name])));
  return (
    (isIn(server, 'log') ? 4 : 0) +
    (isIn(client, 'client') || isIn(server, 'server') ? 2 : 0) +
    (isIn(maybe, 'client', 'server', 'log') ? 1 : 0)
  );
}

type TextName = 'client' | 'server' | 'log';

/** Faults that were found and explain the text come first, then what the text says, and last what is ruled out. */
function rankOf({ score, finding }: Candidate): number {
  if (finding?.kind === 'none') return score - 100;
  return finding?.kind === 'fault' && score > 0 ? score + 100 : score;
}

function causeOf({ row, score, finding }: Candidate): Cause {
  const { code, confirm, wayOut } = row;
  const byText = score > 1 ? 'likely' : 'possible';
  const certainty = finding === undefined ? byText : finding.kind === 'fault' ? 'confirmed' : 'ruled-out';
  return { code, certainty, cause: causeCodes[code], confirm, wayOut, details: finding?.details ?? [] };
}

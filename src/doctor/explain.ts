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
   * The source of the text: the client's error, or the server's log. If not given, both are tried. The same TLS alert
   * means opposite things on the two sides.
   */
  readonly side?: 'client' | 'server';
  /** The last lines of the server's log. They tell more than the server tells the client. */
  readonly serverLog?: string;
  /**
   * The files of the server, to find the deciding rule and whether TLS is on. If this is a `Configuration` of
   * `pg-hostssl/configuration`, `checkConfiguration` and `checkCertificates` also check its certificates and private
   * key, and `bundle` is compared with them.
   */
  readonly configuration?: AccessInput;
  /** The bundle of the client, to check its key, certificate and target. */
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

/**
 * A cause of an error. It holds fixed texts and the findings about `configuration` and `bundle`, but no part of the
 * given text.
 */
export interface Cause {
  /** The stable name of the cause. */
  readonly code: CauseCode;
  /**
   * `confirmed`: the bundle or the configuration has this fault. `likely`: the texts name this cause. `possible`: the
   * texts fit this cause. `ruled-out`: the texts fit this cause, but the bundle and the configuration do not have this
   * fault.
   */
  readonly certainty: 'confirmed' | 'likely' | 'possible' | 'ruled-out';
  /** The cause in one sentence. */
  readonly cause: string;
  /** The way to confirm the cause. */
  readonly confirm: string;
  /** The function to call or the line to write. */
  readonly wayOut: string;
  /** The findings about the bundle and the configuration. */
  readonly details: readonly string[];
}

/** The causes of an error. */
export interface Explanation {
  /** The causes, the likeliest first. Empty if no known text matches. */
  readonly causes: readonly Cause[];
}

/**
 * Explains why a TLS connection to PostgreSQL failed. It takes the error of a client (`pg`, postgres.js, libpq, pgjdbc,
 * Go, Python), a text, or lines of the server's log. If `configuration` and `bundle` are given, it checks them to find
 * the actual cause.
 *
 * The answer repeats no part of the text, so it holds no secret from the text.
 *
 * @param error - The error object, or its text.
 * @param options - The known facts about server and client.
 * @returns The causes, the likeliest first.
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

/**
 * The side that an error comes from, if that is certain. An error object comes from a client. From 14 on, libpq's
 * errors begin with "connection to server". LOG lines come from a server, which does not send them to clients.
 */
function sideOf(error: unknown): 'client' | 'server' | undefined {
  if (typeof error !== 'string' || /connection to server (?:at|on) /.test(error)) return 'client';
  return /(?:^|[ \n])LOG: {2}/.test(error) ? 'server' : undefined;
}

interface Candidate {
  readonly row: CauseRow;
  readonly score: number;
  readonly finding: Finding | undefined;
}

/**
 * A number for how well a text fits a cause. The server's log counts more, because it is more exact than the error of
 * the client.
 */
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

/**
 * The order of the causes: first faults that were found and explain the text, then causes by the text alone, then
 * causes that are ruled out.
 */
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

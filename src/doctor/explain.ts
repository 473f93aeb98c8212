import type { AccessInput } from '../access/rules/input.ts';
import { assertKnownValue, assertProperties, assertText, assertVersion, type PropertyNames } from '../arguments.ts';
import type { ConnectionBundle } from '../client/bundle/bundle.ts';
import type { CheckBundleOptions } from '../client/check/check-bundle.ts';
import { type CauseCode, causeCodes } from '../codes.ts';
import type { CauseRow } from './causes/cause-row.ts';
import type { Pattern } from './causes/patterns.ts';
import { causeRows } from './causes/table.ts';
import { type Finding, notLoaded } from './finding.ts';
import { findingsOf } from './findings.ts';
import { textOf } from './texts.ts';

/** Options of {@link explain}. */
export interface ExplainOptions extends Omit<CheckBundleOptions, 'configuration'> {
  /**
   * The source of the text: an error of the client, or the log of the server. A TLS alert such as `unknown ca` is about
   * the client's certificate in an error of the client, and about the server's certificate in the log. If not given,
   * the text is compared with the texts of clients and of servers.
   */
  readonly side?: 'client' | 'server' | undefined;
  /** The last lines of the server's log, which say more than the error that the server sends to the client. */
  readonly serverLog?: string | undefined;
  /**
   * The configuration files of the server, in which `explain` looks for the deciding rule and for settings that turn
   * TLS off. If this is a `Configuration` of `pg-hostssl/configuration`, `checkConfiguration` and `checkCertificates`
   * also check its certificates and private key, and `bundle` is compared with the server's certificates.
   */
  readonly configuration?: AccessInput | undefined;
  /** The bundle of the client. `explain` checks its key, certificate and connection target. */
  readonly bundle?: ConnectionBundle | undefined;
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
 * A cause of an error. It consists of fixed texts and of findings about `configuration` and `bundle`. It repeats no
 * part of the given error text.
 */
export interface Cause {
  /** The stable name of the cause. */
  readonly code: CauseCode;
  /**
   * `confirmed`: the bundle or the configuration has this fault. `likely`: the error texts name this cause. `possible`:
   * the error texts fit this cause, but usually have another one, or the texts name the cause and the configuration
   * does not have this fault, so that the server may not have loaded the files yet. `ruled-out`: the error texts fit
   * this cause, but the bundle and the configuration do not have this fault. A client that uses other files than those
   * of the bundle may have the fault.
   */
  readonly certainty: 'confirmed' | 'likely' | 'possible' | 'ruled-out';
  /** The cause in one sentence. */
  readonly cause: string;
  /** The way to confirm the cause. */
  readonly confirm: string;
  /** The solution: the function to call or the line to write. */
  readonly wayOut: string;
  /** The findings about the bundle and the configuration. */
  readonly details: readonly string[];
}

/** The causes of an error. */
export interface Explanation {
  /**
   * The causes, the likeliest first. A fault that was found but that does not fit the error texts comes after the
   * causes that fit them, although its certainty is `confirmed`: the fault is there, but another one may have made the
   * error. Empty if no known text matches and no fault was found.
   */
  readonly causes: readonly Cause[];
}

/**
 * Explains why a TLS connection to PostgreSQL failed. The function takes the error of a client (`pg`, postgres.js,
 * libpq, pgjdbc, Go, Python), its text, or lines of the server's log. If `configuration` and `bundle` are given, the
 * function checks them to find the actual cause.
 *
 * The result repeats no part of the error text, so it holds no secret from that text.
 *
 * @param error the error object, or its text
 * @param options what is known about the server and the client
 * @returns the causes, the likeliest first
 * @throws PgHostsslError `argument-invalid`, `version-unknown`; for a bundle the errors of `checkBundle`
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
  if (side !== undefined) assertKnownValue(side, ['client', 'server'], 'side of explain');
  assertText(serverLog, 'serverLog of explain');
  if (options.version !== undefined) assertVersion(options.version);
  const text = textOf(error);
  const from = side ?? sideOf(error);
  const texts = { client: from === 'server' ? '' : text, server: from === 'client' ? '' : text, log: serverLog };
  const isLogged = ({ server = [] }: CauseRow): boolean =>
    server.some((pattern) => pattern.test(serverLog) || (from === 'server' && pattern.test(text)));
  const logged = causeRows.filter(isLogged).map(({ code }) => code);
  const findings = await findingsOf(configuration, bundle, known, { text: `${text}\n${serverLog}`, logged });
  const causes = causeRows.flatMap((row) => {
    const score = scoreOf(row, texts);
    const finding = findings.get(row.code);
    return score === 0 && finding?.kind !== 'fault' ? [] : [{ row, score, finding }];
  });
  return { causes: causes.toSorted((a, b) => rankOf(b) - rankOf(a)).map(causeOf) };
}

/**
 * Whether an error comes from the client or the server, if that is certain. An error object comes from a client. From
 * 14 on, libpq's errors begin with "connection to server". LOG lines come from a server, which does not send them to
 * clients.
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
 * A number that says how well the error texts fit a cause. A text in the server's log gives a higher number, because
 * the log is more exact than the error of the client. If the log only says that the client refused the server, the
 * error of the client is more exact.
 */
function scoreOf(
  { client = [], server = [], maybe = [], isRefusalByClient }: CauseRow,
  texts: Readonly<Record<TextName, string>>,
): number {
  const isIn = (patterns: readonly Pattern[], ...names: readonly TextName[]): boolean =>
    patterns.some((pattern) => names.some((name) => pattern.test(texts[name])));
  return (
    (isIn(server, 'log') ? (isRefusalByClient === true && texts.client !== '' ? 1.5 : 4) : 0) +
    (isIn(client, 'client') || isIn(server, 'server') ? 2 : 0) +
    (isIn(maybe, 'client', 'server', 'log') ? 1 : 0)
  );
}

type TextName = 'client' | 'server' | 'log';

/**
 * A number for the order of the causes. First come causes that fit the error texts and whose fault was found, then
 * causes that fit the error texts and whose state is intended, then causes that only fit the error texts, then causes
 * that the error texts name but that the files of the server do not have, then causes whose fault was found but that no
 * error text fits, and last causes that are ruled out.
 */
function rankOf({ score, finding }: Candidate): number {
  if (certaintyOf(score, finding) === 'ruled-out') return score - 100;
  if (finding?.kind === 'unloaded') return score / 10;
  if (finding === undefined || score === 0) return score;
  return score + (finding.kind === 'fault' ? 200 : 100);
}

function certaintyOf(score: number, finding: Finding | undefined): Cause['certainty'] {
  const isNamed = score > 1;
  if (finding === undefined) return isNamed ? 'likely' : 'possible';
  if (finding.kind === 'unloaded') return isNamed ? 'possible' : 'ruled-out';
  return finding.kind === 'none' ? 'ruled-out' : 'confirmed';
}

function causeOf({ row, score, finding }: Candidate): Cause {
  const { code, confirm, wayOut } = row;
  const certainty = certaintyOf(score, finding);
  const mayBeLoaded = finding?.kind === 'unloaded' && certainty === 'possible';
  const details = [...(finding?.details ?? []), ...(mayBeLoaded ? [notLoaded] : [])];
  return { code, certainty, cause: causeCodes[code], confirm, wayOut, details };
}

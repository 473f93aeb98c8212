import { assertInstance, assertKnownValue, assertProperties } from '../arguments.ts';
import { PgHostsslError } from '../errors.ts';
import { groupBy } from '../group-by.ts';
import { HbaFile } from '../hba/file.ts';
import type { HbaRule } from '../hba/rule.ts';
import { type ClientCertLevel, type ClientCertOption, clientCertOption } from '../hba/tables/client-cert.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { PgMajor } from '../version.ts';
import { TlsEditor, type TlsScope, withoutCertificate } from './place/tls-editor.ts';
import type { AccessRule, PlacedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { serverFactsOf } from './rules/input.ts';
import { errorsOfLines, readRules } from './rules/read-rules.ts';
import type { Transport } from './rules/transport.ts';
import { assertScope } from './scope/scope.ts';

/** Options of {@link requireTls}. */
export interface RequireTlsOptions {
  /**
   * `tls` refuses TCP connections without TLS. `certificate` also refuses TCP connections without a client certificate.
   */
  readonly level: 'tls' | 'certificate';
  /**
   * The check of the certificate, only for level `certificate`. The default is `verify-full`; up to major version 11 it
   * is `verify-ca`, because these versions compare the name only with method `cert`.
   */
  readonly certificate?: ClientCertLevel | undefined;
  /** `true` keeps connections with GSS encryption as they are (12+). Only for level `tls`. */
  readonly keepGss?: boolean | undefined;
  /** Facts about the server that are not in the files. */
  readonly facts?: AccessFacts | undefined;
}

/** The result of {@link requireTls}: a file that requires TLS, or the reason why this is impossible. */
export interface RequireTlsResult {
  /** The new file, or the same object if nothing was changed. */
  readonly file: HbaFile;
  /**
   * `changed` or `unchanged`; `impossible`, with the reason in `because`; or `file-refused` if the server refuses the
   * file because of errors in its lines.
   */
  readonly outcome: 'unchanged' | 'changed' | 'impossible' | 'file-refused';
  /** The rules that were inserted into the file. */
  readonly added: readonly HbaRule[];
  /**
   * The reason for `impossible`. `ssl-off`: `ssl` is off, so the server would refuse everybody. `ca-missing`: with
   * level `certificate`, the server has no CA file, so it would refuse everybody. `rules`: the rules of `blockedBy`
   * cannot be restricted. `secret`: an edit would copy a secret of these rules, such as `ldapbindpasswd`, from an
   * included file or `@file` into this file.
   */
  readonly because?: 'ssl-off' | 'ca-missing' | 'rules' | 'secret';
  /**
   * The rules of the file and of its included files that must be changed by hand, because no inserted rule can match
   * exactly their connections in the scope. An element with `rule: undefined` stands for the lines of a file that was
   * not read.
   */
  readonly blockedBy: readonly PlacedRule[];
  /** The errors for which the server refuses the file; empty unless the outcome is `file-refused`. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Changes a file so that no connection of a scope is let in over TCP without TLS, or without a client certificate. New
 * rules are inserted above the rules that let such connections in. No line is changed or moved.
 *
 * @param file the file
 * @param scope the TCP connections; an empty scope means all of them
 * @param options the required level, and facts
 * @returns the new file and the inserted rules; the unchanged file with `impossible` or `file-refused`
 * @throws PgHostsslError `argument-invalid` for an invalid scope, invalid options, `keepGss` with level `certificate`,
 * `certificate` with level `tls`, and `verify-full` up to major version 11
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { requireTls } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('host all all 10.0.0.0/8 scram-sha-256\n');
 * const required = requireTls(file, { from: ['10.0.0.0/8'] }, { level: 'tls' });
 * assert.equal(required.outcome, 'changed');
 * assert.match(required.file.toString(), /^hostnossl all,replication all 10\.0\.0\.0\/8 reject\nhost all/);
 * ```
 */
export function requireTls(file: HbaFile, scope: TlsScope, options: RequireTlsOptions): RequireTlsResult {
  assertInstance(file, HbaFile, 'the file of requireTls');
  assertProperties(scope, { from: true, databases: true, users: true, replication: true }, 'the scope of requireTls');
  assertScope(scope, 'the scope of requireTls');
  assertProperties(options, { level: true, certificate: true, keepGss: true, facts: true }, 'options of requireTls');
  const { level, keepGss = false, facts = {} } = options;
  assertKnownValue(level, ['tls', 'certificate'], 'level of requireTls');
  assertKnownValue(keepGss, [true, false], 'keepGss of requireTls');
  assertFacts(facts);
  if (keepGss && level === 'certificate') {
    throw new PgHostsslError(
      'argument-invalid',
      'The option keepGss of requireTls has no effect with level certificate',
      {
        hint: 'Leave keepGss out: a connection with GSS encryption has no client certificate, so level certificate refuses it.',
      },
    );
  }
  if (options.certificate !== undefined && level === 'tls') {
    throw new PgHostsslError('argument-invalid', 'The option certificate of requireTls has no effect with level tls', {
      hint: 'Leave certificate out, or give level certificate.',
    });
  }
  const certificate = certificateOption(options.certificate, file.version);
  const unchanged = { file, outcome: 'unchanged', added: [], blockedBy: [], diagnostics: [] } as const;
  const impossible = (
    because: NonNullable<RequireTlsResult['because']>,
    blockedBy: readonly PlacedRule[],
  ): RequireTlsResult => ({ ...unchanged, outcome: 'impossible', because, blockedBy });
  if (serverFactsOf({ hba: file }).ssl === false) return impossible('ssl-off', []);
  if (level === 'certificate' && serverFactsOf({ hba: file }).sslCa === false) return impossible('ca-missing', []);
  const diagnostics = errorsOfLines(file);
  if (diagnostics.length > 0) return { ...unchanged, outcome: 'file-refused', diagnostics };
  const editor = new TlsEditor(file, scope, facts);
  const refused: readonly Transport[] = keepGss ? ['plain'] : ['plain', 'gss'];
  editor.refuse(refused);
  if (level === 'certificate') editor.demandCertificate(certificate);
  if (editor.secretsOf.length > 0) return impossible('secret', placesIn(file, editor.secretsOf, facts));
  const forbidden = level === 'certificate' ? [{ transport: refused }, withoutCertificate] : [{ transport: refused }];
  const blockedBy = [...editor.blockedBy, ...forbidden.flatMap((each) => editor.lettingIn(each))];
  if (blockedBy.length > 0) return impossible('rules', placesIn(file, blockedBy, facts));
  const former = new Set(file.rules);
  const added = editor.file.rules.filter((rule) => !former.has(rule));
  return added.length === 0 ? unchanged : { ...unchanged, file: editor.file, outcome: 'changed', added };
}

/**
 * Returns the option that demands a certificate. By default, the option demands the strongest check that the major
 * version supports with every method. Up to major version 11, this is the check of the certificate chain.
 *
 * @throws PgHostsslError `argument-invalid` for `verify-full` up to major version 11
 */
function certificateOption(level: ClientCertLevel | undefined, version: PgMajor): ClientCertOption {
  const option = clientCertOption(level ?? 'verify-full', version);
  if (level !== 'verify-full' || option.guarantees === 'name') return option;
  throw new PgHostsslError('argument-invalid', `requireTls cannot demand verify-full of PostgreSQL ${version}`, {
    hint: 'Up to 11, only method cert compares the name in a certificate. Demand verify-ca, or change the methods.',
  });
}

/**
 * Returns the given rules of the edited file as the caller's file has them, because inserted lines change the line
 * numbers.
 */
function placesIn(file: HbaFile, rules: readonly AccessRule[], facts: AccessFacts): readonly PlacedRule[] {
  const before = groupBy(readRules({ hba: file }, facts).rules, ({ entry }) => entry);
  const found = rules.map((rule) => {
    const ofEntry = before.get(rule.entry) ?? [];
    const { file: path, line } = rule.placed;
    const isSame = ({ placed }: AccessRule): boolean => placed.file === path && placed.line === line;
    return (ofEntry.length === 1 ? ofEntry[0] : ofEntry.find(isSame)) ?? rule;
  });
  return [...new Set(found)].map(({ placed }) => placed);
}

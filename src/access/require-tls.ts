import { assertProperties } from '../arguments.ts';
import { cutStartupName } from '../c/names.ts';
import { PgHostsslError } from '../errors.ts';
import {
  all,
  type ClientCertLevel,
  type ClientCertOption,
  clientCertOption,
  type HbaDatabase,
  HbaFile,
  type HbaRule,
  type HbaRuleInput,
  type HbaUser,
  type NonEmptyList,
} from '../hba/index.ts';
import type { PgMajor } from '../version.ts';
import { columnMeet } from './place/column-meet.ts';
import { copiesSecret } from './place/copied-secret.ts';
import { type AccessRule, type PlacedRule, placedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { serverFactsOf } from './rules/input.ts';
import { hasRefusedLines, readRules } from './rules/read-rules.ts';
import type { Transport } from './rules/transport.ts';
import { ScopeFinder } from './scope/find-in-scope.ts';
import { assertScope, type ConnectionScope, readNetwork, readUser, type Scope, shownAddresses } from './scope/scope.ts';
import { addressAtoms, meetAddresses } from './space/address-atom.ts';
import { analysisOf } from './space/analysis.ts';

/** The connections that TLS is required of. Unix sockets are left alone. */
export type TlsScope = Pick<ConnectionScope, 'from' | 'databases' | 'users' | 'replication'>;

/** What is required. */
export interface RequireTlsOptions {
  /** `tls` to refuse connections over TCP without TLS, `certificate` also those without a client certificate. */
  readonly level: 'tls' | 'certificate';
  /**
   * What the certificate is checked for, with level `certificate`. If not given, `verify-full`, and up to 11 `verify-ca`,
   * since these major versions compare a certificate's name with method `cert` alone.
   */
  readonly certificate?: ClientCertLevel;
  /** Whether connections with GSS encryption stay as they are (12+), with level `tls`. */
  readonly keepGss?: boolean;
  /** What the file does not tell. */
  readonly facts?: AccessFacts;
}

/** A file that requires TLS, or the reason why no such file can be made. */
export interface RequireTlsResult {
  /** The file; the same object if nothing was changed. */
  readonly file: HbaFile;
  /** What became of the request. */
  readonly outcome: 'unchanged' | 'changed' | 'impossible';
  /** The rules that were put in. */
  readonly added: readonly HbaRule[];
  /**
   * Why it is impossible: `ssl` is off, so that the server would refuse everybody; the rules of `blockedBy`; a `secret` of
   * these rules, such as `ldapbindpasswd`, which a copy would carry from an included file or `@file` into this one; or
   * `file-refused`, because the server does not take the file as it is, as its diagnostics say.
   */
  readonly because?: 'ssl-off' | 'rules' | 'secret' | 'file-refused';
  /**
   * The rules of the file, and of the files that it includes, that have to be changed by hand: no rule above them can take
   * just their connections in the scope. A rule that is `undefined` means the lines of a file that was not read.
   */
  readonly blockedBy: readonly PlacedRule[];
}

/**
 * Changes a file so that no connection of a scope is let in over TCP without TLS, or without a client certificate. Rules
 * are put in front of those that let such connections in; no line is changed or moved.
 *
 * @param file the file
 * @param scope which connections over TCP; all of them if it has no field
 * @param options what is required
 * @returns the new file with the rules that were put in; `impossible` with the same file otherwise
 * @throws PgHostsslError `argument-invalid` for a scope or options of another form, and for `verify-full` up to 11
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
  if (!(file instanceof HbaFile))
    throw new PgHostsslError('argument-invalid', 'The file of requireTls must be an HbaFile');
  assertProperties(scope, { from: true, databases: true, users: true, replication: true }, 'the scope of requireTls');
  assertScope(scope, 'the scope of requireTls');
  assertProperties(options, { level: true, certificate: true, keepGss: true, facts: true }, 'options of requireTls');
  const { level, keepGss = false, facts = {} } = options;
  if (level !== 'tls' && level !== 'certificate')
    throw new PgHostsslError('argument-invalid', "level must be 'tls' or 'certificate'");
  if (typeof keepGss !== 'boolean') throw new PgHostsslError('argument-invalid', 'keepGss must be true or false');
  assertFacts(facts);
  const certificate = certificateOption(options.certificate, file.version);
  const impossible = (
    because: NonNullable<RequireTlsResult['because']>,
    blockedBy: readonly PlacedRule[],
  ): RequireTlsResult => ({ file, outcome: 'impossible', added: [], because, blockedBy });
  if (serverFactsOf(file).ssl === false) return impossible('ssl-off', []);
  if (hasRefusedLines(file)) return impossible('file-refused', []);
  const editor = new Editor(file, scope, facts);
  editor.refuse(keepGss && level === 'tls' ? ['plain'] : ['plain', 'gss']);
  if (level === 'certificate') editor.demandCertificate(certificate);
  if (editor.secretsOf.length > 0) return impossible('secret', placesIn(file, editor.secretsOf, facts));
  const blockedBy = [...editor.blockedBy, ...editor.left(level, keepGss)];
  if (blockedBy.length > 0) return impossible('rules', placesIn(file, blockedBy, facts));
  const added = editor.file.rules.filter((rule) => !file.rules.includes(rule));
  return { file: editor.file, outcome: added.length === 0 ? 'unchanged' : 'changed', added, blockedBy: [] };
}

/**
 * The option that asks for a certificate. If the caller does not say what it is checked for, it is what the major version
 * can check together with any method: up to 11, only the chain.
 *
 * @throws PgHostsslError `argument-invalid` for `verify-full` up to 11
 */
function certificateOption(level: ClientCertLevel | undefined, version: PgMajor): ClientCertOption {
  const option = clientCertOption(level ?? 'verify-full', version);
  if (level !== 'verify-full' || option.guarantees === 'name') return option;
  throw new PgHostsslError('argument-invalid', `requireTls cannot demand verify-full of PostgreSQL ${version}`, {
    hint: 'Up to 11 method cert alone compares the name in a certificate. Demand verify-ca, or change the methods.',
  });
}

/** The places of rules in the caller's file: the edits so far have moved its lines. */
function placesIn(file: HbaFile, rules: readonly AccessRule[], facts: AccessFacts): readonly PlacedRule[] {
  const before = readRules({ hba: file }, facts).rules;
  const found = rules.map((rule) => {
    const ofEntry = before.filter(({ entry }) => entry === rule.entry);
    const isSame = (each: AccessRule): boolean => each.file === rule.file && each.line === rule.line;
    return (ofEntry.length === 1 ? ofEntry[0] : ofEntry.find(isSame)) ?? rule;
  });
  return [...new Set(found)].map(placedRule);
}

class Editor {
  file: HbaFile;
  readonly blockedBy: AccessRule[] = [];
  /** The rules of other files whose copies would hold a secret. */
  readonly secretsOf: AccessRule[] = [];
  readonly #scope: TlsScope;
  readonly #facts: AccessFacts;

  constructor(file: HbaFile, scope: TlsScope, facts: AccessFacts) {
    this.file = file;
    this.#scope = scope;
    this.#facts = facts;
  }

  /** Puts a rejection of these transports in front of the first rule that lets some of them in. */
  refuse(transport: readonly Transport[]): void {
    const first = this.#lettingIn({ transport })[0];
    if (first === undefined) return;
    // No connection type is plain alone: rules for GSS encryption go in front, as they decide now.
    if (!transport.includes('gss'))
      for (const rule of this.#deciding({ transport: ['gss'] })) this.#putCopy(rule, first, { type: 'hostgssenc' });
    for (const address of this.#addresses()) {
      this.#put(
        { type: 'hostnossl', databases: this.#databases(), users: this.#users(), address, method: 'reject' },
        first,
      );
    }
  }

  /** Puts above each rule that lets connections over TLS in without a certificate the same rule with one. */
  demandCertificate({ name, value }: ClientCertOption): void {
    const without = this.#lettingIn({ transport: ['ssl'], certificate: ['none'] });
    const indexes = new Set(without.map(({ index }) => index));
    const lastOfEntry = new Map(without.map(({ entry, index }) => [entry, index]));
    // No rule can be put into an included file. Its rules up to the last one without a certificate are repeated above the
    // line that includes it, in their order, so that each still decides about the same connections.
    for (const rule of this.#deciding({ transport: ['ssl'] })) {
      if (rule.index > (lastOfEntry.get(rule.entry) ?? -1)) continue;
      const others = rule.options.filter((option) => option.name !== name);
      const options = indexes.has(rule.index) ? [...others, { name, value }] : rule.options;
      this.#putCopy(rule, rule, { type: 'hostssl', options });
    }
  }

  /** The rules that still let in connections that are to be refused. */
  left(level: 'tls' | 'certificate', keepGss: boolean): readonly AccessRule[] {
    const refused: Transport[] = keepGss && level === 'tls' ? ['plain'] : ['plain', 'gss'];
    const rest = level === 'certificate' ? this.#lettingIn({ transport: ['ssl'], certificate: ['none'] }) : [];
    return [...this.#lettingIn({ transport: refused }), ...rest];
  }

  /** The rules that may decide about connections of the scope. A file that was not read may hold any rule. */
  #deciding(scope: Scope): readonly AccessRule[] {
    const analysis = analysisOf(readRules({ hba: this.file }, this.#facts));
    const finder = new ScopeFinder(analysis, { ...this.#scope, ...scope });
    return analysis.list.rules.filter((rule) => finder.find(rule) !== undefined);
  }

  #lettingIn(scope: Scope): readonly AccessRule[] {
    return this.#deciding({ ...scope, outcome: 'way-in' });
  }

  /** Puts a rule above an entry of the file; entries are found again, since an edit keeps all others. */
  #put(rule: HbaRuleInput, before: AccessRule): void {
    this.file = this.file.insert(rule, { before: before.entry });
  }

  /** Puts the part of a rule that lies in the scope above an entry, with another type or other options. */
  #putCopy(rule: AccessRule, before: AccessRule, change: Pick<HbaRuleInput, 'type' | 'options'>): void {
    if (rule.rule === undefined) {
      this.blockedBy.push(rule);
      return;
    }
    if (copiesSecret(rule)) {
      this.secretsOf.push(rule);
      return;
    }
    // The columns as they are written follow a role or an @file that changes later; the names in them do not.
    const written = rule.entry.kind === 'rule' ? rule.entry : rule.rule;
    const [ofDatabases, ofUsers] = [this.#databases(), this.#users()];
    const databases =
      columnMeet<HbaDatabase>(written.databases, ofDatabases) ?? columnMeet<HbaDatabase>(rule.databases, ofDatabases);
    const users = columnMeet<HbaUser>(written.users, ofUsers) ?? columnMeet<HbaUser>(rule.users, ofUsers);
    const addresses = this.#addressesOf(rule);
    if (databases === undefined || users === undefined || addresses === undefined) {
      this.blockedBy.push(rule);
      return;
    }
    for (const address of addresses) {
      const columns = { databases, users, address, method: rule.method, options: rule.options };
      this.#put({ ...columns, ...change } as HbaRuleInput, before);
    }
  }

  #addressesOf(rule: AccessRule): readonly HbaRuleAddress[] | undefined {
    const own = (rule.rule as HbaRule & { readonly address: HbaRuleAddress }).address;
    if (this.#scope.from === undefined) return [own];
    const atoms = this.#scope.from.flatMap((text) => readNetwork(text));
    const met = addressAtoms(rule.address, this.#facts).flatMap((atom) =>
      atoms.flatMap((other) => meetAddresses(atom, other)),
    );
    if (met.some(({ certain }) => !certain)) return undefined;
    return met.flatMap(({ atom }) => shownAddresses(atom)).map(addressOfText);
  }

  #databases(): NonEmptyList<HbaDatabase> {
    const { databases, replication } = this.#scope;
    if (replication === 'physical') return [{ keyword: 'replication' }];
    if (databases !== undefined) return databases.map(cutStartupName) as unknown as NonEmptyList<HbaDatabase>;
    return replication === 'none' ? [all] : [all, { keyword: 'replication' }];
  }

  #users(): NonEmptyList<HbaUser> {
    return (this.#scope.users?.map(readUser) ?? [all]) as unknown as NonEmptyList<HbaUser>;
  }

  #addresses(): readonly HbaRuleAddress[] {
    if (this.#scope.from === undefined) return [all];
    return this.#scope.from
      .flatMap((text) => readNetwork(text))
      .flatMap(shownAddresses)
      .map(addressOfText);
  }
}

type HbaRuleAddress = (HbaRuleInput & { readonly type: 'host' })['address'];

function addressOfText(text: string): HbaRuleAddress {
  const [ip, mask] = text.split(' ');
  return mask === undefined ? text : { ip: ip!, mask };
}

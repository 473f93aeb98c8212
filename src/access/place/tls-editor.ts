import { cutStartupName } from '../../c/names.ts';
import { isFileElement, isKeyword } from '../../hba/column-element.ts';
import type { HbaEdit, HbaFile } from '../../hba/file.ts';
import { isPossibleHostName } from '../../hba/read/address.ts';
import {
  all,
  type HbaAddress,
  type HbaDatabase,
  type HbaRule,
  type HbaRuleInput,
  type HbaUser,
  type NonEmptyList,
} from '../../hba/rule.ts';
import type { ClientCertOption } from '../../hba/tables/client-cert.ts';
import { dottedIpv4Number } from '../../net/ip.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import { readClientRules } from '../rules/client-rules.ts';
import type { AccessFacts } from '../rules/facts.ts';
import type { Transport } from '../rules/transport.ts';
import { ScopeFinder } from '../scope/find-in-scope.ts';
import { type ConnectionScope, readNetwork, readUser, type Scope } from '../scope/scope.ts';
import { type AddressAtom, addressAtoms, isOpen, meetAddresses, shownAddresses } from '../space/address-atom.ts';
import { analysisOf } from '../space/analysis.ts';
import { columnMeet } from './column-meet.ts';
import { copiesSecret } from './copied-secret.ts';

/** The connections that must use TLS. Connections over Unix sockets are never included. */
export type TlsScope = Pick<ConnectionScope, 'from' | 'databases' | 'users' | 'replication'>;

/** TLS connections without a client certificate. */
export const withoutCertificate: Scope = { transport: ['ssl'], certificate: ['none'] };

/** Inserts rules into a file so that the connections of a scope must use TLS. */
export class TlsEditor {
  #file: HbaFile;
  /** The insertions that are not yet in `#file`. Many insertions at once take linear time. */
  #insertions: HbaEdit[] = [];
  readonly blockedBy: AccessRule[] = [];
  /** The rules of included files that were not copied, because the copies would contain a secret. */
  readonly secretsOf: AccessRule[] = [];
  readonly #scope: TlsScope;
  readonly #databases: NonEmptyList<HbaDatabase>;
  readonly #users: NonEmptyList<HbaUser>;
  /** The addresses of the scope; `undefined` for every address. */
  readonly #from: readonly AddressAtom[] | undefined;
  readonly #facts: AccessFacts;

  constructor(file: HbaFile, scope: TlsScope, facts: AccessFacts) {
    this.#file = file;
    this.#scope = scope;
    this.#databases = databasesOf(scope);
    this.#users = (scope.users?.map(readUser) ?? [all]) as unknown as NonEmptyList<HbaUser>;
    this.#from = scope.from?.flatMap((text) => readNetwork(text));
    this.#facts = facts;
  }

  /** The file with all inserted rules. */
  get file(): HbaFile {
    this.#file = this.#file.edit(this.#insertions);
    this.#insertions = [];
    return this.#file;
  }

  /**
   * Inserts rules that reject the given transports, above the first rule that lets in connections over these
   * transports.
   */
  refuse(transport: readonly Transport[]): void {
    const first = this.lettingIn({ transport })[0];
    if (first === undefined) return;
    // `hostnossl` also matches connections with GSS encryption. If these stay allowed, the rules that decide them are
    // first copied with type `hostgssenc` above the inserted `reject` rules.
    if (!transport.includes('gss'))
      for (const rule of this.#deciding({ transport: ['gss'] })) this.#putCopy(rule, first, { type: 'hostgssenc' });
    const columns = { type: 'hostnossl', databases: this.#databases, users: this.#users, method: 'reject' } as const;
    const addresses = this.#from?.flatMap(shownAddresses).map(addressOfText) ?? [all];
    for (const address of addresses) this.#put({ ...columns, address }, first);
  }

  /**
   * Above each rule that lets in TLS connections without a certificate, inserts a copy of the rule that demands a
   * certificate.
   */
  demandCertificate({ name, value }: ClientCertOption): void {
    const without = this.lettingIn(withoutCertificate);
    const indexes = new Set(without.map(({ index }) => index));
    const lastOfEntry = new Map(without.map(({ entry, index }) => [entry, index]));
    // An included file is not edited. Its rules, up to its last rule without a certificate, are copied above the
    // include line in the same order, so that each copied rule decides the same connections as before.
    for (const rule of this.#deciding({ transport: ['ssl'] })) {
      if (rule.index > (lastOfEntry.get(rule.entry) ?? -1)) continue;
      const others = rule.options.filter((option) => option.name !== name);
      const options = indexes.has(rule.index) ? [...others, { name, value }] : rule.options;
      this.#putCopy(rule, rule, { type: 'hostssl', options });
    }
  }

  /** Returns the rules that can decide connections of the scope. A file that was not read can contain any rule. */
  #deciding(scope: Scope): readonly AccessRule[] {
    const analysis = analysisOf(readClientRules({ hba: this.file }, this.#facts));
    const finder = new ScopeFinder(analysis, { ...this.#scope, ...scope });
    return analysis.list.rules.filter((rule) => finder.find(rule) !== undefined);
  }

  /** Returns the rules that can let in connections of the scope. */
  lettingIn(scope: Scope): readonly AccessRule[] {
    return this.#deciding({ ...scope, outcome: 'way-in' });
  }

  /**
   * Inserts a rule above the entry of `before`. An edit keeps the entry objects of the file, so the entry is still
   * found after earlier insertions.
   */
  #put(rule: HbaRuleInput, before: AccessRule): void {
    this.#insertions.push({ kind: 'insert', insertion: rule, place: { before: before.entry } });
  }

  /**
   * Inserts a copy of a rule above the entry of `before`. The copy matches only connections of the scope, and has
   * another type or other options.
   */
  #putCopy(rule: AccessRule, before: AccessRule, change: Pick<HbaRuleInput, 'type' | 'options'>): void {
    if (rule.rule === undefined) {
      this.blockedBy.push(rule);
      return;
    }
    if (copiesSecret(rule)) {
      this.secretsOf.push(rule);
      return;
    }
    // The copy contains `+role` and `@file` as written, not the names that they mean now, so that the copy follows
    // later changes of the role or the `@file`.
    const written = rule.entry.kind === 'rule' ? rule.entry : rule.rule;
    const databases = this.#databasesOf(written.databases, rule.databases);
    const users = columnMeet<HbaUser>(written.users, this.#users) ?? columnMeet<HbaUser>(rule.users, this.#users);
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

  /**
   * Returns the databases of a rule that are in the scope, given its column as written and with the contents of its
   * `@file`s; `undefined` if no list of databases describes them.
   */
  #databasesOf(written: readonly HbaDatabase[], read: readonly HbaDatabase[]): NonEmptyList<HbaDatabase> | undefined {
    // An `@file` can contain `replication`, so a copy with the `@file` can match connections outside such a scope.
    if (this.#scope.replication === 'none') {
      if (read.some(isFileElement)) return undefined;
      if (read.some((each) => isKeyword(each, 'replication'))) return columnMeet(read, this.#databases);
    }
    return columnMeet(written, this.#databases) ?? columnMeet(read, this.#databases);
  }

  #addressesOf(rule: AccessRule): readonly HbaRuleAddress[] | undefined {
    const own = (rule.rule as HbaRule & { readonly type: 'host' }).address;
    const atoms = addressAtoms(rule.address, this.#facts);
    const from = this.#from;
    if (from === undefined) return isWritable(own) ? [own] : numericAddresses(atoms);
    const met = atoms.flatMap((atom) => from.flatMap((other) => meetAddresses(atom, other)));
    if (met.some(({ certain }) => !certain)) return undefined;
    return met.flatMap(({ atom }) => shownAddresses(atom)).map(addressOfText);
  }
}

/**
 * Returns whether a new rule can contain an address as it is written. A new rule has no short form such as `10.1`, and
 * no host name that no client can have.
 */
function isWritable(address: HbaAddress): boolean {
  if ('keyword' in address) return true;
  if ('hostName' in address) return isPossibleHostName(address.hostName);
  return [address.ip, 'mask' in address ? address.mask : address.ip].every(
    (text) => text.includes(':') || dottedIpv4Number(text) !== undefined,
  );
}

function numericAddresses(atoms: readonly AddressAtom[]): readonly HbaRuleAddress[] | undefined {
  return atoms.some(isOpen) ? undefined : atoms.flatMap(shownAddresses).map(addressOfText);
}

function databasesOf({ databases, replication }: TlsScope): NonEmptyList<HbaDatabase> {
  if (replication === 'physical') return [{ keyword: 'replication' }];
  if (databases !== undefined) return databases.map(cutStartupName) as unknown as NonEmptyList<HbaDatabase>;
  return replication === 'none' ? [all] : [all, { keyword: 'replication' }];
}

type HbaRuleAddress = (HbaRuleInput & { readonly type: 'host' })['address'];

function addressOfText(text: string): HbaRuleAddress {
  const [ip, mask] = text.split(' ');
  return mask === undefined ? text : { ip: ip!, mask };
}

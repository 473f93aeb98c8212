import { AuthFile } from '../auth-file/file.ts';
import { type LineInsertion, LineList, notAsMeant } from '../auth-file/line-list.ts';
import { shownMessage } from '../auth-file/read/line-diagnostic.ts';
import type { ParseOptions } from '../parse-options.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { Place } from '../text/lines.ts';
import { checkFile } from './check/check.ts';
import { HostsLine } from './read/record.ts';
import type { HostsEntry, HostsEntryInput, HostsHost } from './record.ts';
import { changedHostText, type HostsEntryChange, hostInvalid, spellEntry } from './write/serialize.ts';

/** What can be put into a pg_hosts.conf. */
export type HostsInsertion = HostsEntryInput | LineInsertion;

/** The only major so far that has the file. */
const hostsFileMajor = 19;

/**
 * A pg_hosts.conf as PostgreSQL 19 reads it while `ssl_sni` is on: which certificate is served to clients that ask for
 * which host name. If it holds any entry, the certificate settings of postgresql.conf are not used.
 */
export class HostsFile extends AuthFile<HostsEntry, HostsFile> implements Iterable<HostsHost> {
  readonly #options: ParseOptions;
  readonly #list: LineList<HostsEntry, HostsLine>;

  private constructor(list: LineList<HostsEntry, HostsLine>, options: ParseOptions) {
    // An edit makes lines of the same class.
    super(list, (edited) => new HostsFile(edited as typeof list, options));
    this.#list = list;
    this.#options = options;
  }

  /** Reads a pg_hosts.conf. Any text or bytes are taken; {@link HostsFile.diagnostics} tells what is wrong with them. */
  static parse(source: string | Uint8Array, options: Omit<ParseOptions, 'version'> = {}): HostsFile {
    const withMajor: ParseOptions = { ...options, version: hostsFileMajor };
    return new HostsFile(LineList.parse(source, withMajor, HostsLine), withMajor);
  }

  /** The entries for hosts of this file itself in their order; included files are not among them. */
  get hosts(): readonly HostsHost[] {
    return this.entries.filter((entry) => entry.kind === 'host');
  }

  /** Every problem of the file and of what it includes. With an `error` the server does not start with `ssl_sni` on. */
  get diagnostics(): readonly Diagnostic[] {
    return checkFile(this.#list.lines, this.#options);
  }

  /** The entries for hosts in their order. */
  [Symbol.iterator](): Iterator<HostsHost> {
    return this.hosts[Symbol.iterator]();
  }

  /**
   * The file with an entry, a comment or an empty line put in.
   *
   * @throws PgHostsslError `entry-unknown` for a place that is not in this file; `hosts-entry-invalid` for an entry that
   * the server would refuse; `text-invalid` for a text that no line can hold
   */
  insert(insertion: HostsInsertion, place: Place<HostsEntry>): HostsFile {
    const list = this.#list.insert<HostsEntryInput>(insertion, place, { spell: spellEntry, verify });
    return new HostsFile(list, this.#options);
  }

  /**
   * The file with some columns of an entry changed, or the text of a comment. All other bytes of the line stay.
   *
   * @throws PgHostsslError as {@link HostsFile.insert}, and `hosts-entry-invalid` where the entry is none for hosts
   */
  replace(entry: HostsEntry, change: HostsEntryChange): HostsFile {
    const meant = changedEntry(entry as HostsHost, change);
    const list = this.#list.replace(entry, change, {
      changed: (line) => {
        if (entry.kind === 'host') return changedHostText(line, entry, meant);
        throw hostInvalid(`An entry of kind '${entry.kind}' has no such columns to be changed`);
      },
      verify: (line) => verify(line, meant),
    });
    return new HostsFile(list, this.#options);
  }

  /**
   * The file with this entry in it: the same file where it is there already, whatever its spelling, place and comment,
   * else one with the entry put in at the given place.
   *
   * @throws PgHostsslError as {@link HostsFile.insert}
   */
  ensure(
    entry: HostsEntryInput,
    place: Place<HostsEntry> = 'end',
  ): {
    /** The file that holds the entry. */
    readonly file: HostsFile;
    /** Whether it held the entry already. */
    readonly outcome: 'present' | 'added';
  } {
    const wanted = meaningOf(inCanonicalOrder(entry));
    const isPresent = this.hosts.some((host) => meaningOf(inCanonicalOrder(host)) === wanted);
    return isPresent ? { file: this, outcome: 'present' } : { file: this.insert(entry, place), outcome: 'added' };
  }
}

/** An entry with some columns changed. */
function changedEntry(entry: HostsHost, change: HostsEntryChange): HostsEntryInput {
  const meant: Record<string, unknown> = { ...entry };
  for (const [column, value] of Object.entries(change)) {
    if (value === null) delete meant[column];
    else if (value !== undefined) meant[column] = value;
  }
  return meant as unknown as HostsEntryInput;
}

/** Makes sure that a new line is accepted by the server, and reads back as what was meant. */
function verify(line: HostsLine, meant: HostsEntryInput): void {
  const { entry } = line;
  const { problem } = line.read();
  if (problem !== undefined) throw hostInvalid(shownMessage(problem, line));
  if (entry.kind !== 'host' || meaningOf(entry) !== meaningOf(meant) || entry.comment !== meant.comment) {
    throw notAsMeant(line);
  }
}

function meaningOf({
  hosts,
  certificate,
  privateKey,
  ca,
  passphraseCommand,
  passphraseReload,
}: HostsEntryInput): string {
  return JSON.stringify([hosts, certificate, privateKey, ca, passphraseCommand, passphraseReload]);
}

/** The entry with its host names, which compare without case, in one order and without repetition. */
function inCanonicalOrder(entry: HostsEntryInput): HostsEntryInput {
  if ('keyword' in entry.hosts) return entry;
  const [first, ...others] = [...new Set(entry.hosts.map((host) => host.toLowerCase()))].sort();
  return { ...entry, hosts: [first!, ...others] };
}

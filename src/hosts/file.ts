import { PgHostsslError } from '../errors.ts';
import { AuthFile } from '../hba/auth-file.ts';
import type { LineInsertion } from '../hba/file.ts';
import { LineList, notAsMeant } from '../hba/line-list.ts';
import { commentText, quoteWhere } from '../hba/quote.ts';
import type { ParseOptions } from '../parse-options.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { Place } from '../text/lines.ts';
import { checkFile } from './check.ts';
import { type HostsEntry, type HostsEntryInput, type HostsHost, hostsKeywords } from './entry.ts';
import { HostsLine } from './line.ts';

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
    const index = this.#list.indexOfPlace(place);
    const line = this.#list.newLine(spell(insertion), index);
    if (isHost(insertion)) verify(line, insertion);
    else if (line.entry.kind !== insertion.kind) throw notAsMeant(line.text);
    return new HostsFile(this.#list.splice(index, 0, line), this.#options);
  }
}

function spell(insertion: HostsInsertion): string {
  if (!isHost(insertion)) return insertion.kind === 'blank' ? '' : `#${commentText(insertion.comment)}`;
  const { hosts, certificate, privateKey, ca, passphraseCommand, passphraseReload, comment } = insertion;
  if ((passphraseCommand !== undefined && ca === undefined) || (passphraseReload !== undefined && !passphraseCommand)) {
    throw invalid('A passphrase command stands behind a CA, and its reload flag behind the command');
  }
  const words = 'keyword' in hosts ? hosts.keyword : hosts.map(spellHost).join(',');
  const reload = passphraseReload === undefined ? [] : [passphraseReload ? 'on' : 'off'];
  const paths = [certificate, privateKey, ca, passphraseCommand].filter((path) => path !== undefined).map(spellWord);
  return [words, ...paths, ...reload, ...(comment === undefined ? [] : [`#${commentText(comment)}`])].join(' ');
}

function spellHost(host: string): string {
  if (hostsKeywords.some((word) => word === host))
    throw invalid(`'${host}' is no host name: give { keyword: '${host}' }`);
  return spellWord(host);
}

function spellWord(word: string): string {
  return quoteWhere(!/^[\p{L}\p{N}_./][\p{L}\p{N}_./:%-]*$/u.test(word), word);
}

/** Makes sure that a new line is accepted by the server, and reads back as what was meant. */
function verify(line: HostsLine, meant: HostsEntryInput): void {
  const { text, entry } = line;
  const { problem } = line.read();
  if (problem !== undefined) throw invalid(problem.message);
  if (entry.kind !== 'host' || meaningOf(entry) !== meaningOf(meant)) throw notAsMeant(text);
}

function meaningOf(host: HostsEntryInput): string {
  const { hosts, certificate, privateKey, ca, passphraseCommand, passphraseReload, comment } = host;
  return JSON.stringify([hosts, certificate, privateKey, ca, passphraseCommand, passphraseReload, comment]);
}

function invalid(message: string): PgHostsslError {
  return new PgHostsslError('hosts-entry-invalid', message);
}

function isHost(insertion: HostsInsertion): insertion is HostsEntryInput {
  return 'hosts' in insertion;
}

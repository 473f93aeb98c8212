import { assertText, assertTexts, isTextList, type PropertyNames } from '../arguments.ts';
import type { AuthFormat } from '../auth-file/format.ts';
import { PgHostsslError } from '../errors.ts';
import { startHostsCheck } from './check/check.ts';
import { type HostsTokens, passphraseCommand, readHosts, recordOfTokens } from './read/record.ts';
import { type HostsRecord, type HostsRecordInput, type HostsSelector, isHostsKeyword } from './record.ts';
import { changesOfRecord, type HostsRecordChange } from './write/change.ts';
import { keyOfRecord, normalizeRecord, serializeRecord } from './write/serialize.ts';

const changeProperties: PropertyNames<HostsRecordChange> = {
  hosts: true,
  certificate: true,
  privateKey: true,
  ca: true,
  passphraseCommand: true,
  passphraseReload: true,
  comment: true,
};

/** The format of pg_hosts.conf. */
export const hostsFormat: AuthFormat<HostsTokens, HostsRecord, HostsRecordInput, HostsRecordChange> = {
  className: 'HostsFile',
  kind: 'host',
  invalidCode: 'hosts-entry-invalid',
  inputProperties: { ...changeProperties, kind: true, text: true },
  changeProperties,
  requiredProperties: ['hosts', 'certificate', 'privateKey'],
  layout: {
    widths: {},
    startsOf: ({ hosts, columns }) => [hosts[0], ...columns].map(({ start }) => start),
  },
  // `initdb` writes no pg_hosts.conf whose column widths a new record could follow.
  followsNeighbours: false,
  secretNames: { secret: [] },
  readRecord: readHosts,
  entryOf: recordOfTokens,
  secretOf: passphraseCommand,
  assertValues(values) {
    for (const name of textNames) {
      const text = values[name];
      // In a change, `null` removes a comment or a column.
      if (text !== undefined && text !== null) assertText(text, `${name} of a record`);
    }
    if (typeof (values.passphraseReload ?? true) !== 'boolean') {
      throw new PgHostsslError('argument-invalid', 'passphraseReload of a record must be a boolean');
    }
    if (values.hosts !== undefined) assertHosts(values.hosts);
  },
  serialize: serializeRecord,
  changes: changesOfRecord,
  normalize: normalizeRecord,
  keyOf: keyOfRecord,
  startCheck: startHostsCheck,
};

const textNames = ['certificate', 'privateKey', 'ca', 'passphraseCommand', 'comment'] as const;
const selectorProperties: PropertyNames<Exclude<HostsSelector, readonly string[]>> = { keyword: true };

function assertHosts(hosts: HostsSelector): void {
  if (isTextList(hosts) && hosts.length > 0) return;
  if (typeof hosts !== 'object' || hosts === null || !('keyword' in hosts)) {
    throw new PgHostsslError('argument-invalid', 'The hosts of a record must be a non-empty array of names', {
      hint: "Give ['a.example.com'], { keyword: '*' } or { keyword: '/no_sni/' }.",
    });
  }
  assertTexts(hosts, selectorProperties, 'hosts of a record');
  if (isHostsKeyword(hosts.keyword)) return;
  throw new PgHostsslError('hosts-entry-invalid', `The keyword ${JSON.stringify(hosts.keyword)} is not known`, {
    hint: 'The keywords are * and /no_sni/.',
  });
}

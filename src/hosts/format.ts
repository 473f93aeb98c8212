import { assertProperties, type PropertyNames } from '../arguments.ts';
import type { AuthFormat } from '../auth-file/format.ts';
import { PgHostsslError } from '../errors.ts';
import { startHostsCheck } from './check/check.ts';
import { type HostsTokens, passphraseCommand, readHosts, recordOfTokens } from './read/record.ts';
import type { HostsRecord, HostsRecordInput, HostsSelector } from './record.ts';
import { changesOfRecord, type HostsRecordChange } from './write/change.ts';
import { keyOfRecord, normalizeRecord, serializeRecord } from './write/serialize.ts';

/** The format of pg_hosts.conf. */
export const hostsFormat: AuthFormat<HostsTokens, HostsRecord, HostsRecordInput, HostsRecordChange> = {
  className: 'HostsFile',
  kind: 'host',
  invalidCode: 'hosts-entry-invalid',
  inputProperties: {
    hosts: true,
    certificate: true,
    privateKey: true,
    ca: true,
    passphraseCommand: true,
    passphraseReload: true,
    comment: true,
    kind: true,
    text: true,
  },
  changeProperties: {
    hosts: true,
    certificate: true,
    privateKey: true,
    ca: true,
    passphraseCommand: true,
    passphraseReload: true,
    comment: true,
  },
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
  assertValues({ hosts }) {
    if (hosts === undefined || (Array.isArray(hosts) && hosts.length > 0)) return;
    if (typeof hosts === 'object' && 'keyword' in hosts) {
      assertProperties(hosts, selectorProperties, 'hosts of a record');
    } else {
      const hint = "Give ['a.example.com'], { keyword: '*' } or { keyword: '/no_sni/' }.";
      throw new PgHostsslError('argument-invalid', 'The hosts of a record must be a non-empty array', { hint });
    }
  },
  serialize: serializeRecord,
  changes: changesOfRecord,
  normalize: normalizeRecord,
  keyOf: keyOfRecord,
  startCheck: startHostsCheck,
};

const selectorProperties: PropertyNames<Exclude<HostsSelector, readonly string[]>> = { keyword: true };

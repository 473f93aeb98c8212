import { assertProperties, assertText, assertTexts, kindOf, type PropertyNames } from '../arguments.ts';
import type { AuthFormat } from '../auth-file/format.ts';
import { namesFile } from '../auth-file/scan/token.ts';
import { PgHostsslError } from '../errors.ts';
import { startHbaCheck } from './check/check.ts';
import { type HbaRecord, readRecord } from './read/record.ts';
import { ruleOfRecord } from './read/rule.ts';
import type { HbaAddress, HbaDatabase, HbaOption, HbaRule, HbaRuleInput, HbaUser } from './rule.ts';
import { type ClientCertOption, isOffByMistake, offByMistakeMessage } from './tables/client-cert.ts';
import { secretOptions } from './tables/secret-names.ts';
import { changesOfRule, type HbaRuleChange } from './write/change.ts';
import { stockWidths } from './write/layout.ts';
import { keyOfRule, normalizeRule } from './write/normalize.ts';
import { serializeRule } from './write/serialize.ts';

const changeProperties: PropertyNames<HbaRuleChange> = {
  type: true,
  databases: true,
  users: true,
  address: true,
  method: true,
  options: true,
  comment: true,
};

/** The format of pg_hba.conf. */
export const hbaFormat: AuthFormat<HbaRecord, HbaRule, HbaRuleInput, HbaRuleChange> = {
  className: 'HbaFile',
  kind: 'rule',
  invalidCode: 'rule-invalid',
  inputProperties: { ...changeProperties, kind: true, text: true },
  changeProperties,
  requiredProperties: ['type', 'databases', 'users', 'method'],
  layout: {
    widths: { ...stockWidths },
    startsOf: ({ typeToken, databases, users, addressTokens, methodToken }) =>
      [typeToken, databases[0], users[0], addressTokens[0], methodToken].map((token) => token?.start),
  },
  followsNeighbours: true,
  secretNames: secretOptions,
  readRecord,
  entryOf: ruleOfRecord,
  // A list of databases or users can contain an `@file` as an element. In any other column, the meaning of the line
  // depends on the words of the file.
  showsFileOf: (field, record) => field.some(namesFile) && (field === record?.databases || field === record?.users),
  assertValues,
  serialize: (rule, { version }) => serializeRule(rule, version),
  changes: changesOfRule,
  normalize: normalizeRule,
  keyOf: keyOfRule,
  trapOf({ options = [] }, { version }) {
    const off = options.find(({ name, value }) => name === 'clientcert' && isOffByMistake(value, version));
    return off === undefined ? undefined : offByMistakeMessage(off.value, version);
  },
  startCheck: startHbaCheck,
};

const databaseProperties: PropertyNames<Exclude<HbaDatabase, string>> = { keyword: true, regex: true, file: true };
const userProperties: PropertyNames<Exclude<HbaUser, string>> = {
  keyword: true,
  memberOf: true,
  regex: true,
  file: true,
};
const addressProperties: PropertyNames<HbaAddress> = {
  keyword: true,
  ip: true,
  prefix: true,
  mask: true,
  hostName: true,
};
const optionProperties: PropertyNames<HbaOption | ClientCertOption> = {
  name: true,
  value: true,
  guarantees: true,
  note: true,
};

function assertValues({ type, databases, users, address, method, options, comment }: HbaRuleChange): void {
  for (const [name, text] of Object.entries({ type, method, comment })) {
    // In a change, `comment: null` removes the comment.
    if (text !== undefined && text !== null) assertText(text, `${name} of a rule`);
  }
  for (const element of namesOf('databases', databases)) assertElement('database', element, databaseProperties);
  for (const element of namesOf('users', users)) assertElement('user', element, userProperties);
  if (typeof address === 'object' && address !== null && 'prefix' in address) assertPrefixed(address);
  else if (address !== undefined) assertElement('address', address, addressProperties);
  if (typeof address === 'object' && 'ip' in address !== ('prefix' in address || 'mask' in address)) {
    throw new PgHostsslError('argument-invalid', 'The address of a rule must have ip together with prefix or mask');
  }
  for (const option of listOf('options', options)) {
    assertProperties(option, optionProperties, 'option of a rule');
    assertText(option.name, 'the name of an option');
    assertText(option.value, `the value of the option ${option.name}`);
  }
}

function namesOf<T>(name: string, list: readonly T[] | undefined): readonly T[] {
  if (list === undefined || listOf(name, list).length > 0) return list ?? [];
  throw new PgHostsslError('argument-invalid', `The ${name} of a rule must not be empty`, { hint: hintOf(name) });
}

function listOf<T>(name: string, list: readonly T[] | undefined): readonly T[] {
  if (list === undefined || Array.isArray(list)) return list ?? [];
  throw new PgHostsslError('argument-invalid', `The ${name} of a rule must be an array; got ${kindOf(list)}`, {
    hint: name === 'options' ? 'Give [{ name, value }].' : hintOf(name),
  });
}

function hintOf(name: string): string {
  return `For all ${name}, give [all], with the export \`all\`.`;
}

function assertElement<T extends object>(what: string, element: T | string, properties: PropertyNames<T>): void {
  if (typeof element !== 'string') assertTexts(element, properties, `${what} of a rule`);
}

function assertPrefixed({ prefix, ...others }: { readonly prefix: unknown }): void {
  if (typeof prefix !== 'number') {
    throw new PgHostsslError('argument-invalid', `The prefix of an address must be a number; got ${kindOf(prefix)}`);
  }
  assertElement('address', others, addressProperties);
}

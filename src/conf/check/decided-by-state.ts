import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { amountOf, type SettingValue, tlsFilePaths } from '../values/value.ts';

/** The value of a setting, as text and as the major version reads it. */
export interface GivenValue {
  readonly text: string;
  /** The value as the major version reads it. */
  readonly value: SettingValue;
  readonly version: PgMajor;
}

interface StateRule extends PgMajorSpan {
  readonly names: readonly string[];
  /** The condition for the server to accept the value. */
  readonly because: string;
  /** `true` if the server checks the condition while it loads the file, and not later during its start. */
  readonly atLoad?: true;
  /** Returns whether every server accepts the value. */
  readonly except?: (given: GivenValue) => boolean;
}

/**
 * Returns the condition under which a server starts with a setting, if the configuration files do not tell: a condition
 * on the server's build, its operating system or its other files.
 *
 * @returns the condition, and when the server checks the condition
 */
export function decidedByState(
  name: string,
  given: GivenValue,
): { readonly because: string; readonly when: 'load' | 'start' } | undefined {
  const { version } = given;
  const rule = rules.find((row) => row.names.includes(name) && spanIncludes(row, version));
  if (rule === undefined || rule.except?.(given) === true) return undefined;
  return { because: rule.because, when: rule.atLoad === true ? 'load' : 'start' };
}

const isEmpty = ({ text }: GivenValue): boolean => text === '';
const isPlainLocale = ({ text }: GivenValue): boolean => text === 'C' || text === 'POSIX';

const rules: readonly StateRule[] = [
  {
    names: ['ssl_ciphers', 'ssl_tls13_ciphers', 'ssl_ecdh_curve', 'ssl_groups'],
    because: 'if ssl is on, the OpenSSL of the server must know the value',
  },
  {
    names: tlsFilePaths,
    because: 'if ssl is on, the server must be able to read the file',
    except: isEmpty,
  },
  { names: ['data_directory', 'hba_file'], because: 'the server must be able to read the file or directory' },
  {
    names: ['shared_preload_libraries'],
    because: 'the server must have the library',
    except: ({ value }) => elementsOf(value).length === 0,
  },
  {
    names: ['session_preload_libraries', 'local_preload_libraries'],
    because: 'every session fails if the server does not have the library',
    except: ({ value }) => elementsOf(value).length === 0,
  },
  {
    names: ['log_directory'],
    because: 'if logging_collector is on, the server must be able to make files in the directory',
    // The server creates the log directory if only the last directory of its path is missing.
    except: ({ text }) => /^[\w.-]+$/.test(text) && !text.startsWith('..'),
  },
  { names: ['unix_socket_group'], because: "the group must exist on the server's system", except: isEmpty },
  {
    names: ['unix_socket_directories'],
    because: 'the server must be able to write to the directory',
    except: ({ value }) => elementsOf(value).length === 0,
  },
  {
    names: ['listen_addresses'],
    because: 'the machine of the server must have the address',
    except: ({ value }) => elementsOf(value).every((element) => everywhere.includes(element)),
  },
  {
    names: ['recovery_target_time'],
    because: 'only the server can tell whether the text is a valid time',
    atLoad: true,
    except: isEmpty,
  },
  {
    names: ['bonjour'],
    because: 'only servers that are built for macOS can switch the setting on',
    atLoad: true,
    except: ({ value }) => value === false,
  },
  {
    names: ['min_wal_size', 'max_wal_size'],
    since: 11,
    because: "the value must be at least twice the cluster's wal_segment_size",
    // A WAL segment has 16 MB unless `initdb` was called with another size.
    except: ({ value }) => amountOf(value) >= 32,
  },
  {
    names: ['huge_pages'],
    because: 'the operating system must have enough huge pages',
    except: ({ value }) => value !== 'on',
  },
  {
    names: ['max_stack_depth'],
    because: "the stack limit of the server's process must allow the value",
    atLoad: true,
    except: ({ value }) => amountOf(value) <= 2048,
  },
  {
    names: ['TimeZone', 'log_timezone'],
    because: 'the server must have the time zone',
    atLoad: true,
    except: ({ text }) => /^(?:UTC|GMT|Etc\/UTC)$/i.test(text),
  },
  {
    names: ['timezone_abbreviations'],
    because: 'the server must have the file',
    atLoad: true,
    except: ({ text }) => /^(?:Default|Australia|India)$/.test(text),
  },
  { names: ['lc_messages'], because: "the server's system must have the locale", atLoad: true, except: isPlainLocale },
  {
    names: ['lc_monetary', 'lc_numeric', 'lc_time'],
    because: "the server's system must have the locale",
    atLoad: true,
    except: (given) => isEmpty(given) || isPlainLocale(given),
  },
];

/** Values of `listen_addresses` that work on every machine. */
const everywhere = ['*', '0.0.0.0', '::', 'localhost', '127.0.0.1'];

function elementsOf(value: SettingValue): readonly string[] {
  return Array.isArray(value) ? value : [];
}
